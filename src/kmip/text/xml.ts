// Items as XML (KMIP Additional Message Encodings 1.0 section 6): an element for each, named by its tag.

import { EdgeError } from '../../errors.ts';
import { type Item, ItemType, itemTypeName } from '../item.ts';
import { Tag, tagName } from '../tags.ts';
import { type Element, readElements, writeElements } from './elements.ts';
import { namingTag, tagOf } from './names.ts';
import {
  readBig,
  readBoolean,
  readBytes,
  readDateTime,
  readEnumeration,
  readInteger,
  readInterval,
  readLong,
  writeBig,
  writeBytes,
  writeDateTime,
  writeEnumeration,
  writeInteger,
} from './values.ts';

/** The message that `text` holds. Throws `invalid-message`. */
export const readXml = (text: string): Item => itemOfElement(readElements(text));

/** An item as an XML document. */
export const writeXml = (item: Item): string => writeElements(elementOfItem(item));

/** The item that an element stands for; `attribute` names the attribute whose value it is. */
export const itemOfElement = (element: Element, attribute?: string): Item => {
  const { name, attributes, children } = element;
  const tag = tagOf(name === 'TTLV' ? (attributes.tag ?? '') : name);
  if (tag === undefined) throw new EdgeError('invalid-message', `XML: the element ${name.slice(0, 64)} is no tag`);
  const { type = 'Structure', value = '' } = attributes;
  if (type === 'Structure') return { tag, type: ItemType.Structure, value: childItems(children) };
  if (children.length > 0) throw new EdgeError('invalid-message', `XML: ${name} is ${type} and holds elements`);
  return leafOf(tag, type, value, namingTag(tag, attribute));
};

const childItems = (children: readonly Element[]): readonly Item[] => {
  let attribute: string | undefined;
  return children.map((child) => {
    if (child.name === 'AttributeName' && child.attributes.type === 'TextString') attribute = child.attributes.value;
    return itemOfElement(child, attribute);
  });
};

/** An item of a simple type from its text: for JSON too, where a value is a text. */
export const leafOf = (tag: number, type: string, value: string, naming: number): Item => {
  switch (type) {
    case 'Integer':
      return { tag, type: ItemType.Integer, value: readInteger(value, naming) };
    case 'LongInteger':
      return { tag, type: ItemType.LongInteger, value: readLong(value) };
    case 'BigInteger':
      return { tag, type: ItemType.BigInteger, value: readBig(value) };
    case 'Enumeration':
      return { tag, type: ItemType.Enumeration, value: readEnumeration(value, naming) };
    case 'Boolean':
      return { tag, type: ItemType.Boolean, value: readBoolean(value) };
    case 'TextString':
      return { tag, type: ItemType.TextString, value };
    case 'ByteString':
      return { tag, type: ItemType.ByteString, value: readBytes(value) };
    case 'DateTime':
      return { tag, type: ItemType.DateTime, value: readDateTime(value) };
    case 'DateTimeExtended':
      return { tag, type: ItemType.DateTimeExtended, value: readLong(value) };
    case 'Interval':
      return { tag, type: ItemType.Interval, value: readInterval(value) };
    default:
      throw new EdgeError('invalid-message', `'${type.slice(0, 64)}' is no item type`);
  }
};

/** The element that stands for an item. */
export const elementOfItem = (item: Item, attribute?: string): Element => {
  const known = tagName(item.tag);
  const [name, naming] = known.startsWith('0x') ? ['TTLV', { tag: known }] : [known, {}];
  if (item.type === ItemType.Structure) return { name, attributes: naming, children: childElements(item.value) };
  const value = leafText(item, namingTag(item.tag, attribute));
  return { name, attributes: { ...naming, type: itemTypeName(item.type), value }, children: [] };
};

const childElements = (items: readonly Item[]): readonly Element[] => {
  let attribute: string | undefined;
  return items.map((child) => {
    if (child.tag === Tag.AttributeName && child.type === ItemType.TextString) attribute = child.value;
    return elementOfItem(child, attribute);
  });
};

type Leaf = Exclude<Item, { readonly type: typeof ItemType.Structure }>;

const leafText = (item: Leaf, naming: number): string => {
  switch (item.type) {
    case ItemType.Integer:
      return writeInteger(item.value, naming, ' ');
    case ItemType.BigInteger:
      return writeBig(item.value);
    case ItemType.Enumeration:
      return writeEnumeration(item.value, naming);
    case ItemType.ByteString:
      return writeBytes(item.value);
    case ItemType.DateTime:
      return writeDateTime(item.value);
    default:
      return String(item.value);
  }
};
