// Which enumeration or mask a tag's value is written in, where a message is text (KMIP Additional Message Encodings 1.0,
// sections 4.1 and 6.1). An Attribute Value has that of the attribute it belongs to, so it is told the attribute's name.

import { isAttributeName, tagOfAttribute } from '../attributes.ts';
import * as enums from '../enums.ts';
import { CryptographicUsageMask, ProtectionStorageMask, StorageStatusMask } from '../masks.ts';
import { ProfileName } from '../profile-names.ts';
import { Tag, type TagName, tagName } from '../tags.ts';

type Names = Readonly<Record<string, number>>;

/** Enumerations whose tag has another name than they have; an attribute is referred to by its tag. */
const renamed: Readonly<Partial<Record<TagName, Names>>> = {
  AttributeReference: Tag,
  LinkedObjectIdentifier: enums.UniqueIdentifier,
  PrivateKeyUniqueIdentifier: enums.UniqueIdentifier,
  PublicKeyUniqueIdentifier: enums.UniqueIdentifier,
  MaskGeneratorHashingAlgorithm: enums.HashingAlgorithm,
  ProfileName,
};

const masks: Readonly<Partial<Record<TagName, Names>>> = {
  CryptographicUsageMask,
  StorageStatusMask,
  ProtectionStorageMask,
};

const enumerations: Readonly<Record<string, Names>> = { ...enums, ...renamed };

/** The names of an enumeration's values; undefined where the tag has no enumeration of the standard. */
export const enumerationOf = (tag: number): Names | undefined => {
  const name = tagName(tag);
  return Object.hasOwn(enumerations, name) ? enumerations[name] : undefined;
};

/** The names of a mask's bits; undefined where the tag is no mask. */
export const maskOf = (tag: number): Names | undefined => {
  const name = tagName(tag);
  return Object.hasOwn(masks, name) ? masks[name as TagName] : undefined;
};

/** The tag whose names a value is written in: its own, or that of the attribute `attribute` for an Attribute Value. */
export const namingTag = (tag: number, attribute: string | undefined): number => {
  if (tag !== Tag.AttributeValue || attribute === undefined || !isAttributeName(attribute)) return tag;
  return Tag[tagOfAttribute(attribute)];
};

/** The number of a tag that is written by its name or as 0x and six digits; undefined for any other text. */
export const tagOf = (text: string): number | undefined => {
  if (/^0x[0-9a-f]{6}$/i.test(text)) return Number.parseInt(text, 16);
  return Object.hasOwn(Tag, text) ? Tag[text as TagName] : undefined;
};
