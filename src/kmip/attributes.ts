// Typed access to attributes: from a name and a value to the Attribute structure and back (KMIP 1.4 section 3). Custom
// attributes, whose names begin with x- or y-, keep whatever item the client gave.

import { EdgeError } from '../errors.ts';
import { type AttributeRules, attributes, clientCustomRules, serverCustomRules } from './attribute-table.ts';
import type { Codec, Infer } from './codec.ts';
import type { Item } from './item.ts';
import { Tag, type TagName, tagName } from './tags.ts';
import type { Attribute } from './template-attribute.ts';
import { decodeItem, encodeItem } from './ttlv.ts';
import { V1_4, type Version } from './version.ts';
import { Writer } from './writer.ts';

export type AttributeName = keyof typeof attributes;
/** The typed value of a standard attribute. */
export type AttributeValue<N extends AttributeName> = Infer<(typeof attributes)[N]['value']>;

/** Every standard attribute name, in the order of the specification. */
export const attributeNames = Object.keys(attributes) as readonly AttributeName[];

/** True when the standard has an attribute of this name. Names are compared as they are: "name" is not "Name". */
export const isAttributeName = (name: string): name is AttributeName => Object.hasOwn(attributes, name);

const namesByTag: ReadonlyMap<string, AttributeName> = new Map(
  attributeNames.map((name) => [attributes[name].tag, name]),
);

/** The attribute that has a tag of its own in KMIP 2.x; undefined for any other tag. */
export const attributeNameOf = (tag: number): AttributeName | undefined => namesByTag.get(tagName(tag));

/** The attribute's own tag: of which type or enumeration its value is. */
export const tagOfAttribute = (name: AttributeName): TagName => attributes[name].tag;

/** True for a name that the client ("x-") or the server ("y-") made up (section 3.39). */
export const isCustomName = (name: string): boolean => name.startsWith('x-') || name.startsWith('y-');

/** The rules for an attribute, or undefined where `version` has no attribute of this name. */
export const attributeRules = (name: string, version: Version): AttributeRules | undefined => {
  if (name.startsWith('x-')) return clientCustomRules;
  if (name.startsWith('y-')) return serverCustomRules;
  if (!isAttributeName(name)) return undefined;
  const rules: AttributeRules = attributes[name];
  return rules.since <= version && version < (rules.until ?? Number.POSITIVE_INFINITY) ? rules : undefined;
};

const valueCodec = (name: AttributeName): Codec<unknown> => attributes[name].value;

/** An Attribute structure that holds `value`; pass `version` where the value has fields newer than 1.0. */
export const attribute = <N extends AttributeName>(
  name: N,
  value: AttributeValue<N>,
  index?: number,
  version: Version = V1_4,
): Attribute => indexed(name, attributeItem(name, value, version), index);

/** The item that carries `value` as an Attribute Value. */
export const attributeItem = <N extends AttributeName>(name: N, value: AttributeValue<N>, version = V1_4): Item => {
  const writer = new Writer(version, 64);
  valueCodec(name).encode(writer, Tag.AttributeValue, value);
  return decodeItem(writer.finish());
};

/** A custom attribute: any item, carried as an Attribute Value. */
export const customAttribute = (name: string, value: Item, index?: number): Attribute =>
  indexed(name, { ...value, tag: Tag.AttributeValue }, index);

const indexed = (name: string, value: Item, index: number | undefined): Attribute =>
  index === undefined
    ? { AttributeName: name, AttributeValue: value }
    : { AttributeName: name, AttributeIndex: index, AttributeValue: value };

/** The typed value of an Attribute Value item. Throws as a decoder does where the item is not what the name asks for. */
export const attributeValue = <N extends AttributeName>(
  name: N,
  item: Item | undefined,
  version: Version = V1_4,
): AttributeValue<N> => {
  if (item === undefined) throw new EdgeError('missing-data', `the attribute ${name} has no value`);
  // an attribute value sits seven structures deep at most: message, item, payload, object, key block, key value, attribute
  const source = { bytes: encodeItem(item), version, depth: 7 };
  return valueCodec(name).decode(source, 0) as AttributeValue<N>;
};
