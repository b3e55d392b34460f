// Text that a client chose, on its way into a log line or an error text: enough of it to be recognised, and no more.

const longest = 100;

/** `text`, cut where it is longer than a person reads. */
export const shorten = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}…` : text);
