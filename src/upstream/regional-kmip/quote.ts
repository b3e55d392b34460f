// Foreign text (Result Messages, names in certificates) in our own messages: short, on one line, and without anything
// that could be key bytes, because a hostile or clumsy endpoint may echo what it likes.

const longest = 160;
/** Base64 or hexadecimal of 16 bytes and more; an identifier with dashes stays readable. */
const keyLike = /[A-Za-z0-9+/=]{22,}/g;
const control = /[\p{C}\p{Zl}\p{Zp}]+/gu;

/** `text` fit for an error message or a log line. */
export const quote = (text: string): string => {
  const clean = text.slice(0, 4096).replace(control, ' ').replace(keyLike, '[hidden]').replace(/\s+/g, ' ').trim();
  return clean.length > longest ? `${clean.slice(0, longest)}...` : clean;
};

/** A name in a certificate on one line; names are public, so that long ones are shown. */
export const oneLine = (name: string | undefined): string =>
  (name ?? '').trim().split('\n').join(', ').replace(control, ' ').slice(0, 512);
