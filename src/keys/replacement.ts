// A key that takes the place of another (KMIP 1.4 sections 4.4 and 4.5): what it has of the old one, and what becomes of that.

import { EdgeError } from '../errors.ts';
import { attributeItem, attributeValue } from '../kmip/attributes.ts';
import { LinkType } from '../kmip/enums.ts';
import { decodeItem, encodeItem } from '../kmip/ttlv.ts';
import { requireMaterial } from './life-cycle.ts';
import { linkTo } from './links.ts';
import type { NewKey } from './new-key.ts';
import type { KeptAttribute, ManagedObject, Seconds } from './object.ts';
import type { ObjectWriter } from './object-ports.ts';
import type { Template } from './template.ts';

/** Tables 169 and 174: what the new object does not have of the old one. */
const notCopied: ReadonlySet<string> = new Set(['Digest', 'Link', 'Original Creation Date', 'Random Number Generator']);

/**
 * The new object. With `offset`, its Activation Date is so many seconds from now and the other dates move with it; without,
 * they are the old one's. What `template` gives goes before that.
 */
export const replacementOf = (
  old: ManagedObject,
  kept: readonly KeptAttribute[],
  offset: number | undefined,
  template: Template,
  now: Seconds,
): NewKey => {
  requireMaterial(old);
  for (const name of ['cryptographicAlgorithm', 'cryptographicLength'] as const) {
    const given = template[name];
    if (given === undefined || given === old[name]) continue;
    throw new EdgeError('invalid-field', 'the new key has the algorithm and the length of the old one');
  }
  const given = new Set(template.attributes.map(({ name }) => name));
  // Names are taken over whatever is given: more are added to them (table 173).
  given.delete('Name');
  const copied = kept.filter(({ name }) => !notCopied.has(name) && !given.has(name)).map(renewed);
  const attributes = [...copied, ...besides(copied, template.attributes)];
  return {
    objectType: old.objectType,
    cryptographicAlgorithm: old.cryptographicAlgorithm,
    cryptographicLength: old.cryptographicLength,
    cryptographicUsageMask: template.cryptographicUsageMask ?? old.cryptographicUsageMask,
    dates: { ...datesOf(old, offset, now), ...defined(template.dates) },
    attributes: [...attributes, linkTo(old.uid, LinkType.ReplacedObjectLink, attributes)],
    generated: true,
    replaces: old.uid,
  };
};

/** What is given beside what is copied: another Name after those, and none twice. */
const besides = (copied: readonly KeptAttribute[], given: readonly KeptAttribute[]): readonly KeptAttribute[] => {
  const names = copied.filter(({ name }) => name === 'Name');
  const next = Math.max(-1, ...names.map(({ index }) => index)) + 1;
  return given
    .filter((one) => one.name !== 'Name' || !names.some(({ value }) => value.equals(one.value)))
    .map((one) => (one.name === 'Name' ? { ...one, index: next + one.index } : one));
};

const defined = (dates: Template['dates']): Template['dates'] =>
  Object.fromEntries(Object.entries(dates).filter(([, date]) => date !== undefined));

const datesOf = (old: ManagedObject, offset: number | undefined, now: Seconds): Template['dates'] => {
  const { activationDate, processStartDate, protectStopDate, deactivationDate } = old;
  if (offset === undefined) return defined({ activationDate, processStartDate, protectStopDate, deactivationDate });
  const activation = now + offset;
  const moved = (date: Seconds | undefined): Seconds | undefined =>
    date === undefined || activationDate === undefined ? undefined : date + activation - activationDate;
  return defined({
    activationDate: activation,
    processStartDate: moved(processStartDate),
    protectStopDate: moved(protectStopDate),
    deactivationDate: moved(deactivationDate),
  });
};

/** Usage Limits begin anew. */
const renewed = (one: KeptAttribute): KeptAttribute => {
  if (one.name !== 'Usage Limits') return one;
  const limits = attributeValue('Usage Limits', decodeItem(one.value));
  const whole = { ...limits, UsageLimitsCount: limits.UsageLimitsTotal };
  return { ...one, value: encodeItem(attributeItem('Usage Limits', whole)) };
};

/** The old object gives its names away and points to the new one. */
export const giveWay = (objects: ObjectWriter, old: string, next: string, now: Seconds): void => {
  const object = objects.find(old);
  if (!object) throw new EdgeError('item-not-found', `no object has unique identifier '${old}'`);
  requireMaterial(object);
  const kept = objects.attributesOf(old).filter(({ name }) => name !== 'Name');
  objects.update({ ...object, lastChangeDate: now });
  objects.setAttributes(old, [...kept, linkTo(next, LinkType.ReplacementObjectLink, kept)]);
};
