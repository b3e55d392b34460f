// Foreign text in our messages: short, on one line, and without anything that could be a key or a token, because a
// hostile or clumsy peer may echo what we sent.

const longest = 160;
/** Base64 of 16 bytes and more; identifiers with dashes (a GUID has runs of 12) stay readable. */
const keyLike = /[A-Za-z0-9+/=]{22,}|[A-Za-z0-9_=-]{41,}/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+/g;

/** `text` fit for an error message or a log line; each of `secrets` in it is hidden. */
export const quote = (text: string, secrets: readonly string[] = []): string => {
  const hidden = secrets
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text.slice(0, 4096));
  const clean = hidden.replace(control, ' ').replace(keyLike, '[hidden]').replace(/\s+/g, ' ').trim();
  return clean.length > longest ? `${clean.slice(0, longest)}...` : clean;
};
