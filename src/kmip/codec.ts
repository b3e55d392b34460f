// The leaves of the schema language: one codec for each item type, for enumerations, and for values that are kept as
// they are. A codec reads one value straight out of a message's bytes and writes one into a Writer.

import { EdgeError } from '../errors.ts';
import { type Item, ItemType, itemTypeName } from './item.ts';
import {
  headerSize,
  invalidMessage,
  lengthAt,
  readBig,
  readBoolean,
  readBytes,
  readInteger,
  readLong,
  readText,
  readUnsigned,
  tagAt,
  typeAt,
} from './reader.ts';
import { tagName } from './tags.ts';
import { readItem, writeItem } from './ttlv.ts';
import type { Version } from './version.ts';
import type { Writer } from './writer.ts';

/** A message being decoded. */
export interface Source {
  readonly bytes: Buffer;
  /** Fields newer than this are passed over like unknown ones. */
  readonly version: Version;
  /** How many structures are open around the place being read. */
  depth: number;
}

/** Reads and writes values of one type. `decode` gets the offset of an item that is known to lie within the bytes. */
export interface Codec<T> {
  decode(source: Source, at: number): T;
  encode(writer: Writer, tag: number, value: T): void;
}

/** The type of the values of a codec, struct or payload. */
export type Infer<C> = C extends Codec<infer T> ? T : never;

/** Refuses an item of another type than `type`. */
export const expectType = (bytes: Buffer, at: number, type: ItemType): void => {
  const found = typeAt(bytes, at);
  if (found === type) return;
  throw invalidMessage(`${tagName(tagAt(bytes, at))}: ${itemTypeName(found)} found, ${itemTypeName(type)} expected`);
};

/** Refuses an item with another tag than `tag`. */
export const expectTag = (bytes: Buffer, at: number, tag: number): void => {
  const found = tagAt(bytes, at);
  if (found !== tag) throw invalidMessage(`${tagName(found)} found, ${tagName(tag)} expected`);
};

type Read<T> = (bytes: Buffer, at: number) => T;
type Write<T> = (writer: Writer, tag: number, value: T) => void;

const leaf = <T>(type: ItemType, read: Read<T>, write: Write<T>): Codec<T> => ({
  decode({ bytes }, at) {
    expectType(bytes, at, type);
    return read(bytes, at);
  },
  encode: write,
});

export const integer = leaf<number>(ItemType.Integer, readInteger, (w, tag, value) => w.integer(tag, value));
export const longInteger = leaf<bigint>(ItemType.LongInteger, readLong, (w, tag, value) =>
  w.long(tag, ItemType.LongInteger, value),
);
export const bigInteger = leaf<bigint>(ItemType.BigInteger, readBig, (w, tag, value) => w.big(tag, value));
export const boolean = leaf<boolean>(ItemType.Boolean, readBoolean, (w, tag, value) => w.boolean(tag, value));
export const text = leaf<string>(ItemType.TextString, readText, (w, tag, value) => w.text(tag, value));
/** A text that is kept or repeated in answers: of at most so many bytes. */
export const textOf = (maximum: number): Codec<string> =>
  leaf<string>(
    ItemType.TextString,
    (bytes, at) => {
      const length = lengthAt(bytes, at);
      if (length <= maximum) return readText(bytes, at);
      throw new EdgeError(
        'invalid-field',
        `${tagName(tagAt(bytes, at))}: a text of ${length} bytes, at most ${maximum} are taken`,
      );
    },
    (w, tag, value) => w.text(tag, value),
  );
/** The decoded value is a view of the message: copy what outlives the request. */
export const bytes = leaf<Buffer>(ItemType.ByteString, readBytes, (w, tag, value) => w.bytes(tag, value));
/** Seconds. */
export const interval = leaf<number>(ItemType.Interval, readUnsigned, (w, tag, value) =>
  w.unsigned(tag, ItemType.Interval, value),
);

/** The last second that a JavaScript Date can hold, before and after 1970. */
const lastSecond = 8.64e12;

const readSeconds: Read<number> = (bytes, at) => {
  const value = Number(readLong(bytes, at));
  if (Math.abs(value) <= lastSecond) return value;
  throw new EdgeError('invalid-field', `${tagName(tagAt(bytes, at))}: the date ${value} is out of range`);
};

/** Date-Time as whole seconds since 1970 (KMIP 1.4 section 9.1.1.4). */
export const dateTime = leaf<number>(ItemType.DateTime, readSeconds, (w, tag, value) => w.seconds(tag, value));

/** An enumeration whose values outside the standard's table are let through: lists in answers, the operation. */
export const openEnumeration = leaf<number>(ItemType.Enumeration, readUnsigned, (w, tag, value) =>
  w.unsigned(tag, ItemType.Enumeration, value),
);

/** An enumeration of the standard: any other value is refused, extensions (8XXXXXXX) included. */
export const enumeration = <const T extends Readonly<Record<string, number>>>(table: T): Codec<T[keyof T]> => {
  const values: ReadonlySet<number> = new Set(Object.values(table));
  const read: Read<T[keyof T]> = (bytes, at) => {
    const value = readUnsigned(bytes, at);
    if (values.has(value)) return value as T[keyof T];
    const shown = `0x${value.toString(16).padStart(8, '0')}`;
    throw new EdgeError('invalid-field', `${tagName(tagAt(bytes, at))}: ${shown} is not a value of this enumeration`);
  };
  return leaf(ItemType.Enumeration, read, (w, tag, value) => w.unsigned(tag, ItemType.Enumeration, value));
};

/** Any item, kept as it is; written under the tag of its field. */
export const anyItem: Codec<Item> = {
  decode: (source, at) => readItem(source.bytes, at, source.depth + 1),
  encode: (writer, tag, item) => writeItem(writer, item, tag),
};

/** A structure left undecoded: the whole item, its header included, as a view of the message. */
export const undecoded: Codec<Buffer> = {
  decode({ bytes }, at) {
    expectType(bytes, at, ItemType.Structure);
    const length = lengthAt(bytes, at);
    // items are whole multiples of eight, so that a structure is never padded
    if (length % 8 !== 0)
      throw invalidMessage(`${tagName(tagAt(bytes, at))} has length ${length}, not a multiple of 8`);
    return bytes.subarray(at, at + headerSize + length);
  },
  encode: (writer, _tag, value) => writer.raw(value),
};

/** A byte string or, where it is a structure, what `inner` reads: Key Value and Key Material. */
export const bytesOr = <T extends object>(inner: Codec<T>): Codec<Buffer | T> => ({
  decode: (source, at) =>
    typeAt(source.bytes, at) === ItemType.ByteString ? readBytes(source.bytes, at) : inner.decode(source, at),
  encode(writer, tag, value) {
    if (Buffer.isBuffer(value)) writer.bytes(tag, value);
    else inner.encode(writer, tag, value);
  },
});
