// A managed object's attributes as KMIP sees them: some follow from the object's own fields, the others are kept as the
// client gave them.

import { createHash } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import {
  type AttributeName,
  type AttributeValue,
  attributeItem,
  attributeRules,
  attributeValue,
  isAttributeName,
  isCustomName,
} from '../kmip/attributes.ts';
import { NameType, ObjectType, type RevocationReasonCode } from '../kmip/enums.ts';
import { type Item, ItemType } from '../kmip/item.ts';
import { ProtectionStorageMask } from '../kmip/masks.ts';
import { Tag } from '../kmip/tags.ts';
import type { Attribute } from '../kmip/template-attribute.ts';
import { decodeItem, encodeItem } from '../kmip/ttlv.ts';
import { V1_4, V2_0, type Version } from '../kmip/version.ts';
import { shorten } from '../shorten.ts';
import { stateAt } from './life-cycle.ts';
import type { KeptAttribute, ManagedObject, Seconds } from './object.ts';

/**
 * Seconds that a client may use an object for before it asks again (KMIP 1.4 section 3.20). Nothing is withdrawn when they
 * end: a key's owner ends its use by Revoke, which every Get and Check answers by.
 */
export const leaseTime = 3600;

/** A template has no state, no lease and no use (KMIP 1.4 sections 3.19, 3.20 and 3.22). */
const isUsable = ({ objectType }: ManagedObject): boolean => objectType !== ObjectType.Template;

type Derivation<N extends AttributeName> = (object: ManagedObject, now: Seconds) => AttributeValue<N> | undefined;

/** Attributes that follow from the object's fields. */
export const derived = {
  'Unique Identifier': ({ uid }) => uid,
  'Short Unique Identifier': ({ uid }) => createHash('sha256').update(uid).digest(),
  'Object Type': ({ objectType }) => objectType as AttributeValue<'Object Type'>,
  'Cryptographic Algorithm': ({ cryptographicAlgorithm }) =>
    (cryptographicAlgorithm || undefined) as AttributeValue<'Cryptographic Algorithm'> | undefined,
  'Cryptographic Length': ({ cryptographicLength }) => cryptographicLength || undefined,
  'Cryptographic Usage Mask': (object) => (isUsable(object) ? object.cryptographicUsageMask : undefined),
  'Lease Time': (object) => (isUsable(object) ? leaseTime : undefined),
  State: (object, now) => (isUsable(object) ? stateAt(object, now) : undefined),
  'Initial Date': ({ initialDate }) => initialDate,
  'Activation Date': ({ activationDate }) => activationDate,
  'Process Start Date': ({ processStartDate }) => processStartDate,
  'Protect Stop Date': ({ protectStopDate }) => protectStopDate,
  'Deactivation Date': ({ deactivationDate }) => deactivationDate,
  'Destroy Date': ({ destroyDate }) => destroyDate,
  'Compromise Occurrence Date': ({ compromiseOccurrenceDate }) => compromiseOccurrenceDate,
  'Compromise Date': ({ compromiseDate }) => compromiseDate,
  'Archive Date': ({ archiveDate }) => archiveDate,
  Fresh: ({ fresh }) => fresh,
  'Revocation Reason': ({ revocationReason: reason }) =>
    reason && { RevocationReasonCode: reason.code as RevocationReasonCode, RevocationMessage: reason.message },
  'Last Change Date': ({ lastChangeDate }) => lastChangeDate,
  'Protection Storage Mask': () => ProtectionStorageMask.Software,
} as const satisfies { readonly [N in AttributeName]?: Derivation<N> };
export type DerivedName = keyof typeof derived;
const derivedNames = Object.keys(derived) as readonly DerivedName[];

/** What an object has since KMIP 1.4 where nothing else was said (sections 3.48 to 3.51). */
const defaults: Readonly<Record<string, boolean>> = {
  Sensitive: false,
  'Always Sensitive': false,
  Extractable: true,
  'Never Extractable': false,
};

export const isDerived = (name: string): name is DerivedName => Object.hasOwn(derived, name);

/** One attribute of an object as an Attribute Value item; undefined where the object does not have it. */
export const derivedItem = (name: DerivedName, object: ManagedObject, now: Seconds): Item | undefined => {
  const value = derived[name](object, now);
  // The table ties each name to its own type of value; that tie is lost where the name is a variable.
  return value === undefined ? undefined : attributeItem(name, value as AttributeValue<typeof name>);
};

/**
 * The attributes of these names, in the order asked for, or all where `names` is empty (KMIP 1.4 section 4.12). What the
 * object does not have, or `version` does not know, is left out.
 */
export const selectAttributes = (
  object: ManagedObject,
  kept: readonly KeptAttribute[],
  names: readonly string[],
  version: Version,
  now: Seconds,
): readonly Attribute[] => {
  const wanted = names.length > 0 ? names : attributeNamesOf(object, kept, version, now);
  const keptByName = Map.groupBy(withFormat(kept, version), ({ name }) => name);
  return wanted.flatMap((name) =>
    attributeRules(name, version) ? attributesNamed(name, object, keptByName.get(name) ?? [], version, now) : [],
  );
};

/** The names of all attributes that the object has and `version` knows, each once (KMIP 1.4 section 4.13). */
export const attributeNamesOf = (
  object: ManagedObject,
  kept: readonly KeptAttribute[],
  version: Version,
  now: Seconds,
): readonly string[] => {
  const isKnown = (name: string): boolean => attributeRules(name, version) !== undefined;
  const own = derivedNames.filter((name) => isKnown(name) && derived[name](object, now) !== undefined);
  const others = [
    ...withFormat(kept, version).map(({ name }) => name),
    ...(isUsable(object) ? Object.keys(defaults) : []),
  ];
  return [...new Set([...own, ...others.filter(isKnown)])];
};

/** Since KMIP 2.0 the format that a key is in, as its digest has it, is an attribute of its own. */
const withFormat = (kept: readonly KeptAttribute[], version: Version): readonly KeptAttribute[] => {
  const digest = version >= V2_0 ? kept.find(({ name }) => name === 'Digest') : undefined;
  const format = digest && attributeValue('Digest', decodeItem(digest.value)).KeyFormatType;
  if (format === undefined) return kept;
  const name = 'Key Format Type';
  return [...kept, { name, index: 0, value: encodeItem(attributeItem(name, format)) }];
};

/** `kept` are those of this name. */
const attributesNamed = (
  name: string,
  object: ManagedObject,
  kept: readonly KeptAttribute[],
  version: Version,
  now: Seconds,
): readonly Attribute[] => {
  if (isDerived(name)) {
    const value = derivedItem(name, object, now);
    return value ? [{ AttributeName: name, AttributeValue: value }] : [];
  }
  if (kept.length === 0 && isUsable(object) && Object.hasOwn(defaults, name)) {
    return [{ AttributeName: name, AttributeValue: attributeItem(name as 'Sensitive', defaults[name] === true) }];
  }
  return kept.map((one) => keptToAttribute(one, version));
};

/** Index 0 is what an absent index means, and what vCenter's library expects to be left out. */
const keptToAttribute = ({ name, index, value }: KeptAttribute, version: Version): Attribute => ({
  AttributeName: name,
  AttributeIndex: index === 0 ? undefined : index,
  AttributeValue: isAttributeName(name) ? inVersion(name, decodeItem(value), version) : decodeItem(value),
});

/** A kept attribute as it was given, without an index: for a new object. */
export const keptAsAttribute = ({ name, value }: KeptAttribute): Attribute => ({
  AttributeName: name,
  AttributeIndex: undefined,
  AttributeValue: decodeItem(value),
});

/** The value without the fields that came after `version`: another client, of a newer one, may have given them. */
const inVersion = (name: AttributeName, value: Item, version: Version): Item =>
  attributeItem(name, attributeValue(name, value), version);

/** The bytes that an attribute's value is kept and compared as. Throws where the value is not of the attribute's type. */
export const keptValue = (name: string, item: Item | undefined, version: Version): Buffer => {
  if (item === undefined) throw new EdgeError('missing-data', `the attribute ${shorten(name)} has no value`);
  if (isCustomName(name)) return encodeItem({ ...item, tag: Tag.AttributeValue });
  const standard = name as AttributeName;
  return encodeItem(attributeItem(standard, attributeValue(standard, item, version)));
};

/**
 * The bytes that a kept attribute with this text may be kept as: a Name may be of two types. Throws `invalid-field` for an
 * attribute that is not kept or has no text.
 */
export const valuesOfText = (name: string, text: string): readonly Buffer[] => {
  if (name === 'Name') {
    return Object.values(NameType).map((type) =>
      encodeItem(attributeItem('Name', { NameValue: text, NameType: type })),
    );
  }
  if (!isCustomName(name) && (!isAttributeName(name) || isDerived(name))) {
    throw new EdgeError('invalid-field', `keys are not looked for by the attribute '${shorten(name)}'`, {
      hint: 'by Name, by another attribute that clients give, or by a custom one such as x-Name',
    });
  }
  return [keptValue(name, { tag: Tag.AttributeValue, type: ItemType.TextString, value: text }, V1_4)];
};

/** A kept attribute's text, for lists that people read: of a Name its value, of a custom text attribute the text. */
export const keptText = ({ name, value }: KeptAttribute): string | undefined => {
  const item = decodeItem(value);
  if (name === 'Name') return attributeValue('Name', item).NameValue;
  return typeof item.value === 'string' ? item.value : undefined;
};
