// The forms in which KMIP 2.x carries what 1.x carries otherwise, read into and written from the values of 1.x: Attributes,
// New and Current Attribute, Attribute Reference. So an operation is
// written once for all versions.

import { EdgeError } from '../errors.ts';
import { attributeNameOf, isAttributeName, isCustomName, tagOfAttribute } from './attributes.ts';
import { type Codec, expectType, openEnumeration, type Source } from './codec.ts';
import { AsynchronousIndicator } from './enums.ts';
import { type Item, ItemType } from './item.ts';
import { headerSize, itemEnd, lengthAt, maximumDepth, readUnsigned, tagAt, typeAt } from './reader.ts';
import { Tag, type TagName, tagName } from './tags.ts';
import type { Attribute, TemplateAttribute } from './template-attribute.ts';
import { readItem, tooDeep, writeItem } from './ttlv.ts';
import type { Writer } from './writer.ts';

const childrenOf = (source: Source, at: number): readonly number[] => {
  const { bytes } = source;
  expectType(bytes, at, ItemType.Structure);
  if (source.depth >= maximumDepth) throw tooDeep();
  const end = at + headerSize + lengthAt(bytes, at);
  const children: number[] = [];
  for (let child = at + headerSize; child < end; ) {
    const next = itemEnd(bytes, child, end);
    children.push(child);
    child = next;
  }
  return children;
};

/** Vendors whose attributes 1.x marks by a prefix alone (KMIP 2.1 section 4.60). */
const prefixes: ReadonlySet<string> = new Set(['x', 'y']);
/** Between the vendor and the name, where another vendor's attribute has a name of 1.x. */
const separator = '::';

const customName = (vendor: string, name: string): string =>
  prefixes.has(vendor) ? `${vendor}-${name}` : `x-${vendor}${separator}${name}`;

const vendorAndName = (custom: string): readonly [vendor: string, name: string] => {
  const name = custom.slice(2);
  const at = custom.startsWith('x') ? name.indexOf(separator) : -1;
  return at > 0 ? [name.slice(0, at), name.slice(at + separator.length)] : [custom.slice(0, 1), name];
};

/** The tag that an attribute which we do not know was read from. */
const tagNamed = (name: string): number | undefined =>
  name.startsWith('0x') ? Number.parseInt(name, 16) : Tag[name as TagName];

const textIn = (item: Item, tag: number): string => {
  const found = item.type === ItemType.Structure ? item.value.find((child) => child.tag === tag) : undefined;
  if (found?.type === ItemType.TextString) return found.value;
  throw new EdgeError('missing-data', `${tagName(item.tag)}: ${tagName(tag)} is missing`);
};

/** One attribute under its own tag; a vendor's under Attribute. */
const toAttribute = (item: Item): Attribute => {
  if (item.tag !== Tag.Attribute) {
    const name = attributeNameOf(item.tag) ?? tagName(item.tag);
    return { AttributeName: name, AttributeValue: { ...item, tag: Tag.AttributeValue } };
  }
  const name = customName(textIn(item, Tag.VendorIdentification), textIn(item, Tag.AttributeName));
  const children = item.type === ItemType.Structure ? item.value : [];
  const value = children.find((child) => child.tag === Tag.AttributeValue);
  if (!value) throw new EdgeError('missing-data', `the attribute ${name} has no value`);
  return { AttributeName: name, AttributeValue: value };
};

const writeAttribute = (writer: Writer, { AttributeName: name, AttributeValue: value }: Attribute): void => {
  if (value === undefined) return;
  if (isAttributeName(name)) {
    writeItem(writer, value, Tag[tagOfAttribute(name)]);
    return;
  }
  if (!isCustomName(name)) {
    const tag = tagNamed(name);
    if (tag !== undefined) writeItem(writer, value, tag);
    return;
  }
  const [vendor, own] = vendorAndName(name);
  const start = writer.open(Tag.Attribute);
  writer.text(Tag.VendorIdentification, vendor);
  writer.text(Tag.AttributeName, own);
  writeItem(writer, value, Tag.AttributeValue);
  writer.close(start);
};

/** KMIP 2.1 section 5.1, and the like. */
export const Attributes: Codec<readonly Attribute[]> = {
  decode: (source, at) =>
    childrenOf(source, at).map((child) => toAttribute(readItem(source.bytes, child, source.depth + 2))),
  encode(writer, tag, attributes) {
    const start = writer.open(tag);
    for (const attribute of attributes) writeAttribute(writer, attribute);
    writer.close(start);
  },
};

/** Attributes in the place of a Template-Attribute: there are no templates to refer to. */
export const AttributesAsTemplate: Codec<TemplateAttribute> = {
  decode: (source, at) => ({ Name: [], Attribute: Attributes.decode(source, at) }),
  encode: (writer, tag, { Attribute: attributes }) => Attributes.encode(writer, tag, attributes),
};

/** New Attribute and Current Attribute: a structure around one attribute. */
export const SingleAttribute: Codec<Attribute> = {
  decode(source, at) {
    const [attribute, ...others] = Attributes.decode(source, at);
    if (attribute && others.length === 0) return attribute;
    throw new EdgeError('invalid-message', `${tagName(tagAt(source.bytes, at))} has to hold one attribute`);
  },
  encode: (writer, tag, attribute) => Attributes.encode(writer, tag, [attribute]),
};

/** KMIP 2.1 section 5.5: the tag of an attribute, or vendor and name. */
export const AttributeReference: Codec<string> = {
  decode(source, at) {
    const { bytes } = source;
    if (typeAt(bytes, at) === ItemType.Enumeration) {
      const tag = readUnsigned(bytes, at);
      return attributeNameOf(tag) ?? tagName(tag);
    }
    expectType(bytes, at, ItemType.Structure);
    const item = readItem(bytes, at, source.depth + 1);
    return customName(textIn(item, Tag.VendorIdentification), textIn(item, Tag.AttributeName));
  },
  encode(writer, tag, name) {
    if (isAttributeName(name)) {
      openEnumeration.encode(writer, tag, Tag[tagOfAttribute(name)]);
    } else if (isCustomName(name)) {
      const [vendor, own] = vendorAndName(name);
      const start = writer.open(tag);
      writer.text(Tag.VendorIdentification, vendor);
      writer.text(Tag.AttributeName, own);
      writer.close(start);
    } else openEnumeration.encode(writer, tag, tagNamed(name) ?? 0);
  },
};

/** Asynchronous Indicator: a Boolean in 1.x; true is what 2.x calls Mandatory (KMIP 2.1 section 9.2). */
export const AsynchronousChoice: Codec<boolean> = {
  decode: (source, at) => openEnumeration.decode(source, at) === AsynchronousIndicator.Mandatory,
  encode: (writer, tag, value) =>
    openEnumeration.encode(writer, tag, value ? AsynchronousIndicator.Mandatory : AsynchronousIndicator.Prohibited),
};
