// Unique identifiers. In KMIP 2.x one may be a number that stands for an object of the same batch; it is kept as a text that
// no identifier of an object can be.

import { type Codec, text } from './codec.ts';
import { ItemType } from './item.ts';
import { readInteger, readUnsigned, typeAt } from './reader.ts';
import { V2_0 } from './version.ts';

/** What no identifier begins with, because XML cannot carry it and no server makes one of it. */
const mark = '\u0000';

/** What an identifier stands for that is none: an item of the batch, by the operation (or -1-n by its place). */
export interface Placeholder {
  readonly kind: 'operation' | 'item';
  readonly value: number;
}

/** Reads what {@link Identifier} made of an identifier that is no text; undefined for all others. */
export const placeholderIn = (uid: string): Placeholder | undefined => {
  if (!uid.startsWith(mark)) return undefined;
  return { kind: uid[1] === 'i' ? 'item' : 'operation', value: Number(uid.slice(2)) };
};

/** KMIP 2.1 section 4.58: a text, or a number that stands for an object of the same batch. */
export const Identifier: Codec<string> = {
  decode(source, at) {
    const { bytes } = source;
    const type = typeAt(bytes, at);
    if (source.version >= V2_0 && type === ItemType.Enumeration) return `${mark}o${readUnsigned(bytes, at)}`;
    if (source.version >= V2_0 && type === ItemType.Integer) return `${mark}i${readInteger(bytes, at)}`;
    return text.decode(source, at);
  },
  encode: (writer, tag, value) => text.encode(writer, tag, value),
};
