// Items as JSON (KMIP Additional Message Encodings 1.0 section 4): an object with tag, type and value for each.

import { EdgeError } from '../../errors.ts';
import { type Item, ItemType, itemTypeName } from '../item.ts';
import { maximumDepth } from '../reader.ts';
import { Tag, tagName } from '../tags.ts';
import { namingTag, tagOf } from './names.ts';
import { writeBig, writeBytes, writeDateTime, writeEnumeration, writeInteger, writeLongHex } from './values.ts';
import { leafOf } from './xml.ts';

/** One item as JSON has it. */
interface JsonItem {
  readonly tag: string;
  readonly type?: string;
  readonly value: unknown;
}

const invalid = (message: string): EdgeError => new EdgeError('invalid-message', `JSON: ${message}`);

/** From here on JavaScript's numbers leave integers out. */
const largestNumber = 2n ** 52n;

/** The message that `text` holds. Throws `invalid-message`. */
export const readJson = (text: string): Item => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new EdgeError('invalid-message', 'JSON: the text is not JSON', { cause: error });
  }
  return toItem(value, undefined, 1);
};

/** An item as JSON text. */
export const writeJson = (item: Item): string => JSON.stringify(fromItem(item, undefined));

const toItem = (json: unknown, attribute: string | undefined, depth: number): Item => {
  if (typeof json !== 'object' || json === null) throw invalid('an item is no object');
  const { tag: named, type = 'Structure', value } = json as Partial<Record<keyof JsonItem, unknown>>;
  // Anything else is not made a text of: of lists in lists, each repeats all that is inside.
  if (typeof named !== 'string' || typeof type !== 'string')
    throw invalid('the tag is missing, or tag or type is no text');
  const tag = tagOf(named);
  if (tag === undefined) throw invalid(`'${named.slice(0, 64)}' is no tag`);
  if (type !== 'Structure') return leafOf(tag, type, textOf(value, type), namingTag(tag, attribute));
  if (depth > maximumDepth) throw invalid(`items nest more than ${maximumDepth} deep`);
  const children = value ?? [];
  if (!Array.isArray(children)) throw invalid('the value of a structure is no array');
  return { tag, type: ItemType.Structure, value: toItems(children, depth) };
};

const toItems = (children: readonly unknown[], depth: number): readonly Item[] => {
  let attribute: string | undefined;
  return children.map((child) => {
    const item = toItem(child, attribute, depth + 1);
    if (item.tag === Tag.AttributeName && item.type === ItemType.TextString) attribute = item.value;
    return item;
  });
};

/** A value as text, as the readers of values take it. */
const textOf = (value: unknown, type: string): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' && type === 'Boolean') return String(value);
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || !numeric.has(type)) {
    throw invalid(`a value of this kind is no ${type.slice(0, 64)}`);
  }
  return type === 'BigInteger' ? writeBig(BigInt(value)) : String(value);
};
const numeric: ReadonlySet<string> = new Set([
  'Integer',
  'LongInteger',
  'BigInteger',
  'Enumeration',
  'Interval',
  'DateTimeExtended',
]);

const fromItem = (item: Item, attribute: string | undefined): JsonItem => {
  const tag = tagName(item.tag);
  if (item.type === ItemType.Structure) return { tag, value: fromItems(item.value) };
  return { tag, type: itemTypeName(item.type), value: fromLeaf(item, namingTag(item.tag, attribute)) };
};

const fromItems = (items: readonly Item[]): readonly JsonItem[] => {
  let attribute: string | undefined;
  return items.map((child) => {
    if (child.tag === Tag.AttributeName && child.type === ItemType.TextString) attribute = child.value;
    return fromItem(child, attribute);
  });
};

type Leaf = Exclude<Item, { readonly type: typeof ItemType.Structure }>;

const fromLeaf = (item: Leaf, naming: number): string | number | boolean => {
  switch (item.type) {
    case ItemType.Integer: {
      const text = writeInteger(item.value, naming, '|');
      return /^-?\d+$/.test(text) ? item.value : text;
    }
    case ItemType.LongInteger:
    case ItemType.DateTimeExtended:
      return item.value > -largestNumber && item.value < largestNumber ? Number(item.value) : writeLongHex(item.value);
    case ItemType.BigInteger:
      return `0x${writeBig(item.value)}`;
    case ItemType.Enumeration:
      return writeEnumeration(item.value, naming);
    case ItemType.ByteString:
      return writeBytes(item.value);
    case ItemType.DateTime:
      return writeDateTime(item.value);
    default:
      return item.value;
  }
};
