// Reads DER, the encoding of keys, certificates and signing requests, from strangers: every length is checked before it is
// used, nothing is copied. Only what X.509 needs: tags of one byte and definite lengths.

import { EdgeError } from './errors.ts';

/** One value in its encoding. */
export interface Der {
  readonly tag: number;
  readonly content: Buffer;
  /** With its tag and length. */
  readonly raw: Buffer;
}

export const DerTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Tag of the constructed context-specific field `[n]`. */
export const contextTag = (n: number): number => 0xa0 | n;

const damaged = (what: string): EdgeError => new EdgeError('invalid-field', `the encoding is damaged: ${what}`);

/** The one value that `bytes` hold. Throws `invalid-field` where it is cut short or followed by something. */
export const readDer = (bytes: Buffer): Der => {
  const value = valueAt(bytes, 0);
  if (value.raw.length !== bytes.length) throw damaged(`${bytes.length - value.raw.length} bytes too many`);
  return value;
};

/** The value that `bytes` begin with. Throws `invalid-field` where it is cut short. */
export const firstDer = (bytes: Buffer): Der => valueAt(bytes, 0);

/** The values inside a constructed one. Throws `invalid-field`. */
export const childrenOf = ({ content }: Der): readonly Der[] => {
  const children: Der[] = [];
  for (let offset = 0; offset < content.length; ) {
    const child = valueAt(content, offset);
    children.push(child);
    offset += child.raw.length;
  }
  return children;
};

const valueAt = (bytes: Buffer, offset: number): Der => {
  const [tag, first] = [bytes[offset], bytes[offset + 1]];
  if (tag === undefined || first === undefined) throw damaged('it ends inside a value');
  if ((tag & 0x1f) === 0x1f) throw damaged('a tag of several bytes');
  const [length, start] = first < 0x80 ? [first, offset + 2] : longLength(bytes, offset + 1, first & 0x7f);
  if (start + length > bytes.length) throw damaged('it ends inside a value');
  return { tag, content: bytes.subarray(start, start + length), raw: bytes.subarray(offset, start + length) };
};

const longLength = (bytes: Buffer, offset: number, size: number): readonly [length: number, start: number] => {
  if (size < 1 || size > 4 || offset + 1 + size > bytes.length) throw damaged('a length that cannot be');
  const length = bytes.readUIntBE(offset + 1, size);
  if (length < 0x80 || length < 2 ** (8 * (size - 1))) throw damaged('a length that is not in its shortest form');
  return [length, offset + 1 + size];
};

/** The child at `index`, which must have this tag. Throws `invalid-field`. */
export const childAt = (parent: Der, index: number, tag: number): Der => {
  const child = childrenOf(parent)[index];
  if (child?.tag === tag) return child;
  throw damaged(`field ${index} is not what belongs there`);
};

/** An object identifier in dots. */
export const oidOf = ({ content }: Der): string => {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [first = 0, ...rest] = arcs;
  const top = Math.min(Math.floor(first / 40), 2);
  return [top, first - top * 40, ...rest].join('.');
};

/** A whole number that is not negative and small; undefined for another. */
export const smallInteger = ({ content }: Der): number | undefined =>
  content.length > 0 && content.length <= 4 && (content[0] ?? 0x80) < 0x80
    ? content.readUIntBE(0, content.length)
    : undefined;
