// Modify and Delete Attribute (KMIP 1.4 sections 4.15 and 4.16), Set Attribute (KMIP 2.1 section 6.1.53): what they make of
// an object.

import { EdgeError } from '../errors.ts';
import type { AttributeRules, Party } from '../kmip/attribute-table.ts';
import { attributeItem, attributeRules, attributeValue, isAttributeName } from '../kmip/attributes.ts';
import type { Attribute } from '../kmip/template-attribute.ts';
import { decodeItem, encodeItem } from '../kmip/ttlv.ts';
import { type Version, versionText } from '../kmip/version.ts';
import { shorten } from '../shorten.ts';
import { clientValue, requireDateChangeable } from './attribute-rules.ts';
import { isDerived } from './attributes.ts';
import type { KeptAttribute, ManagedObject, Seconds } from './object.ts';
import { addToObject, isSettableDate, requireRoom, settableDates } from './template.ts';

/** An object as a change leaves it. */
export interface Changed {
  readonly object: ManagedObject;
  readonly attributes: readonly KeptAttribute[];
  readonly result: Attribute;
}

/**
 * A value that is there, replaced. Throws `attribute-not-found` where there is none to replace, `attribute-read-only` where a
 * client may not, as section 11.16 has it.
 */
export const modifyAttribute = (
  object: ManagedObject,
  kept: readonly KeptAttribute[],
  given: Attribute,
  version: Version,
  now: Seconds,
): Changed => {
  const { AttributeName: name, AttributeIndex: index = 0, AttributeValue: item } = given;
  const rules = rulesOf(name, version);
  requireParty(rules.modifiedBy, name, 'changed');
  const changed = { ...object, lastChangeDate: now };
  if (isDerived(name)) {
    if (!isSettableDate(name)) throw new EdgeError('attribute-read-only', `the attribute ${name} cannot be changed`);
    const field = settableDates[name];
    if (object[field] === undefined || index !== 0) throw absent(object, name, index);
    requireDateChangeable(object, name, now);
    return { object: { ...changed, [field]: attributeValue(name, item, version) }, attributes: kept, result: given };
  }
  const old = find(object, kept, name, index);
  requireUnused(old);
  const value = clientValue(name, item, version);
  const attributes = withHistory(kept.map((one) => (one === old ? { ...one, value } : one)));
  requireRoom(attributes);
  return { object: changed, attributes, result: given };
};

/** A value taken away. Throws as {@link modifyAttribute}, by section 11.17. */
export const deleteAttribute = (
  object: ManagedObject,
  kept: readonly KeptAttribute[],
  name: string,
  index: number,
  version: Version,
  now: Seconds,
): Changed => {
  const rules = rulesOf(name, version);
  const old = isDerived(name) ? undefined : find(object, kept, name, index);
  if (!old || !rules.deletableByClient) {
    throw new EdgeError('attribute-read-only', `the attribute ${shorten(name)} cannot be deleted`);
  }
  requireUnused(old);
  return {
    object: { ...object, lastChangeDate: now },
    attributes: kept.filter((one) => one !== old),
    result: { AttributeName: name, AttributeIndex: index || undefined, AttributeValue: decodeItem(old.value) },
  };
};

/** The one value of an attribute, whether there was one before or not. Throws `multi-valued-attribute` too. */
export const setAttribute = (
  object: ManagedObject,
  kept: readonly KeptAttribute[],
  given: Attribute,
  version: Version,
  now: Seconds,
): Changed => {
  const { AttributeName: name } = given;
  if (rulesOf(name, version).multiple && !name.startsWith('x-')) {
    throw new EdgeError('multi-valued-attribute', `the attribute ${name} may have several values: add or modify one`);
  }
  const present = isSettableDate(name)
    ? object[settableDates[name]] !== undefined
    : kept.some((one) => one.name === name) || isDerived(name);
  if (present) return modifyAttribute(object, kept, given, version, now);
  const added = addToObject(object, kept, given, version, now);
  const attributes = added.attribute ? withHistory([...kept, added.attribute]) : kept;
  return { object: added.object, attributes, result: given };
};

const rulesOf = (name: string, version: Version): AttributeRules => {
  const rules = attributeRules(name, version);
  if (rules) return rules;
  throw new EdgeError('attribute-not-found', `KMIP ${versionText(version)} has no attribute '${shorten(name)}'`);
};

const requireParty = (party: Party, name: string, what: string): void => {
  if (party === 'client' || party === 'either') return;
  throw new EdgeError('attribute-read-only', `the attribute ${shorten(name)} cannot be ${what} by a client`);
};

const absent = ({ uid }: ManagedObject, name: string, index: number): EdgeError =>
  new EdgeError('attribute-not-found', `object '${uid}' has no attribute ${shorten(name)} with index ${index}`);

const find = (object: ManagedObject, kept: readonly KeptAttribute[], name: string, index: number): KeptAttribute => {
  const found = kept.find((one) => one.name === name && one.index === index);
  if (found) return found;
  throw absent(object, name, index);
};

/** Usage Limits stay once something has been allocated from them (section 3.21). */
const requireUnused = ({ name, value }: KeptAttribute): void => {
  if (name !== 'Usage Limits') return;
  const { UsageLimitsTotal: total, UsageLimitsCount: count } = attributeValue(name, decodeItem(value));
  if (count === total) return;
  throw new EdgeError('attribute-read-only', 'usage limits of which something was allocated cannot be changed');
};

/** What was given out once has not always been sensitive, nor never extractable (sections 3.49 and 3.51). */
const withHistory = (kept: readonly KeptAttribute[]): readonly KeptAttribute[] => {
  const flag = (name: string): boolean | undefined => {
    const found = kept.find((one) => one.name === name);
    return found && isAttributeName(name) ? Boolean(attributeValue(name, decodeItem(found.value))) : undefined;
  };
  const isFalse = (name: string): boolean =>
    (name === 'Always Sensitive' && flag('Sensitive') === false) ||
    (name === 'Never Extractable' && flag('Extractable') === true);
  return kept.map((one) => {
    if (!isFalse(one.name)) return one;
    return { ...one, value: encodeItem(attributeItem(one.name as 'Always Sensitive', false)) };
  });
};
