// TTLV as a tree of items, whatever they mean (KMIP 1.4 section 9.1): for attribute values, extensions, tools and tests.
// Messages themselves are decoded by schema (schema.ts), which builds no tree.

import { type Item, ItemType, itemTypeName } from './item.ts';
import {
  headerSize,
  invalidMessage,
  itemEnd,
  lengthAt,
  maximumDepth,
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
import { V2_1 } from './version.ts';
import { Writer } from './writer.ts';

/** Decodes exactly one item: nothing may follow it. */
export const decodeItem = (bytes: Buffer): Item => {
  const end = itemEnd(bytes, 0, bytes.length);
  if (end !== bytes.length) {
    throw invalidMessage(`${bytes.length - end} bytes follow ${tagName(tagAt(bytes, 0))}`);
  }
  return readItem(bytes, 0, 1);
};

/** Encodes an item; the tag and value have to be within their types. */
export const encodeItem = (item: Item): Buffer => {
  const writer = new Writer(V2_1);
  writeItem(writer, item);
  return writer.finish();
};

/** The item at `at`, which `itemEnd` has accepted; `depth` counts the structures around it and the item itself. */
export const readItem = (bytes: Buffer, at: number, depth: number): Item => {
  const tag = tagAt(bytes, at);
  const type = typeAt(bytes, at);
  switch (type) {
    case ItemType.Structure:
      return { tag, type, value: readChildren(bytes, at, depth) };
    case ItemType.Integer:
      return { tag, type, value: readInteger(bytes, at) };
    case ItemType.LongInteger:
    case ItemType.DateTime:
    case ItemType.DateTimeExtended:
      return { tag, type, value: readLong(bytes, at) };
    case ItemType.BigInteger:
      return { tag, type, value: readBig(bytes, at) };
    case ItemType.Enumeration:
    case ItemType.Interval:
      return { tag, type, value: readUnsigned(bytes, at) };
    case ItemType.Boolean:
      return { tag, type, value: readBoolean(bytes, at) };
    case ItemType.TextString:
      return { tag, type, value: readText(bytes, at) };
    case ItemType.ByteString:
      return { tag, type, value: readBytes(bytes, at) };
    default:
      throw invalidMessage(`${tagName(tag)} has the unknown item type ${itemTypeName(type)}`);
  }
};

const readChildren = (bytes: Buffer, at: number, depth: number): readonly Item[] => {
  if (depth > maximumDepth) throw tooDeep();
  const children: Item[] = [];
  const end = at + headerSize + lengthAt(bytes, at);
  for (let child = at + headerSize; child < end; ) {
    const next = itemEnd(bytes, child, end);
    children.push(readItem(bytes, child, depth + 1));
    child = next;
  }
  return children;
};

/** The refusal of a message that nests too deep. */
export const tooDeep = () => invalidMessage(`structures nest more than ${maximumDepth} deep`);

/** Writes `item`, under `tag` where that is not its own. */
export const writeItem = (writer: Writer, item: Item, tag = item.tag): void => {
  switch (item.type) {
    case ItemType.Structure: {
      const start = writer.open(tag);
      for (const child of item.value) writeItem(writer, child);
      writer.close(start);
      break;
    }
    case ItemType.Integer:
      writer.integer(tag, item.value);
      break;
    case ItemType.LongInteger:
    case ItemType.DateTime:
    case ItemType.DateTimeExtended:
      writer.long(tag, item.type, item.value);
      break;
    case ItemType.BigInteger:
      writer.big(tag, item.value);
      break;
    case ItemType.Enumeration:
    case ItemType.Interval:
      writer.unsigned(tag, item.type, item.value);
      break;
    case ItemType.Boolean:
      writer.boolean(tag, item.value);
      break;
    case ItemType.TextString:
      writer.text(tag, item.value);
      break;
    case ItemType.ByteString:
      writer.bytes(tag, item.value);
      break;
  }
};
