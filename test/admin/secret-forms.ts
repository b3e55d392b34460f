// The forms in which a secret may hide in a file: as it is, in hexadecimal, in Base64 at each of the three offsets, for
// URLs, and as JSON writes it.

/** What Base64 makes of the inside of `bytes` where `offset` other bytes come before. */
const base64Inside = (bytes: Buffer, offset: number): string => {
  const text = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replaceAll('=', '');
  const before = Math.ceil((offset * 8) / 6);
  const after = (offset + bytes.length) % 3 === 0 ? 0 : 1;
  return text.slice(before, text.length - after);
};

/** Each form of `secret`. */
export const formsOf = (secret: Buffer | string): readonly Buffer[] => {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const inside = [0, 1, 2].map((offset) => base64Inside(bytes, offset));
  const texts = [
    hex,
    hex.toUpperCase(),
    hex.replace(/..(?!$)/g, '$&:'),
    ...inside,
    ...inside.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    [...bytes].join(','),
    encodeURIComponent(bytes.toString('latin1')),
    JSON.stringify(bytes.toString('latin1')).slice(1, -1),
  ];
  return [bytes, ...texts.map((text) => Buffer.from(text))];
};

/** The names of the secrets that are in one of the places. */
export const found = (
  secrets: Readonly<Record<string, Buffer | string>>,
  places: readonly Buffer[],
): readonly string[] =>
  Object.entries(secrets).flatMap(([name, secret]) =>
    formsOf(secret).some((form) => places.some((place) => place.includes(form))) ? [name] : [],
  );
