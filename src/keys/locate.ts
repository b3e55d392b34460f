// From the attributes of a Locate request (KMIP 1.4 section 4.9) to a search: kept attributes by value, dates by equality
// or, given twice, by range, the usage mask by the bits asked for, everything else by equality.

import { EdgeError } from '../errors.ts';
import { attributeRules, attributeValue } from '../kmip/attributes.ts';
import { StorageStatusMask } from '../kmip/masks.ts';
import type { Attribute } from '../kmip/template-attribute.ts';
import { encodeItem } from '../kmip/ttlv.ts';
import { type Version, versionText } from '../kmip/version.ts';
import { shorten } from '../shorten.ts';
import { type DerivedName, derived, derivedItem, isDerived, keptValue } from './attributes.ts';
import { isDestroyed } from './life-cycle.ts';
import type { Narrowing, NumberField } from './locate-ports.ts';
import type { ManagedObject, Seconds } from './object.ts';
import type { Search } from './search-pages.ts';

type Match = (object: ManagedObject) => boolean;

/** The search for objects that have all of `attributes` and are where `storage` (a Storage Status Mask) says. */
export const readSearch = (
  attributes: readonly Attribute[],
  storage: number | undefined,
  version: Version,
  now: Seconds,
): Pick<Search, 'attributes' | 'matches' | 'narrowing' | 'uid'> => {
  const kept: { readonly name: string; readonly value: Buffer; readonly until?: Buffer }[] = [];
  const byName = new Map<DerivedName, Attribute[]>();
  for (const given of attributes) {
    const { AttributeName: name } = given;
    if (!attributeRules(name, version)) {
      throw new EdgeError('invalid-field', `KMIP ${versionText(version)} has no attribute '${shorten(name)}' here`, {
        finer: 'InvalidAttribute',
      });
    }
    if (isDerived(name)) {
      const same = byName.get(name);
      if (same) same.push(given);
      else byName.set(name, [given]);
    } else kept.push({ name, value: keptValue(name, given.AttributeValue, version) });
  }
  joinRange(kept);
  const matches = [storedAs(storage), ...[...byName].map(([name, given]) => matcher(name, given, version, now))];
  const [uid] = byName.get('Unique Identifier') ?? [];
  return {
    attributes: kept,
    matches: (object) => matches.every((match) => match(object)),
    narrowing: narrowingOf(byName, storage, version, now),
    ...(uid ? { uid: attributeValue('Unique Identifier', uid.AttributeValue, version) } : {}),
  };
};

/** Fields whose numbers an attribute shows as they are. */
const fields: Readonly<Partial<Record<DerivedName, NumberField>>> = {
  'Object Type': 'objectType',
  'Cryptographic Algorithm': 'cryptographicAlgorithm',
  'Cryptographic Length': 'cryptographicLength',
  'Initial Date': 'initialDate',
  'Activation Date': 'activationDate',
  'Process Start Date': 'processStartDate',
  'Protect Stop Date': 'protectStopDate',
  'Deactivation Date': 'deactivationDate',
  'Destroy Date': 'destroyDate',
  'Compromise Occurrence Date': 'compromiseOccurrenceDate',
  'Compromise Date': 'compromiseDate',
  'Archive Date': 'archiveDate',
  'Last Change Date': 'lastChangeDate',
};

/** What the store may leave out by itself: never more than the matchers do. */
const narrowingOf = (
  byName: ReadonlyMap<DerivedName, readonly Attribute[]>,
  storage: number = StorageStatusMask.OnLineStorage,
  version: Version,
  now: Seconds,
): Narrowing => {
  const numbers = (name: DerivedName): readonly number[] =>
    (byName.get(name) ?? []).map(({ AttributeValue: value }) => Number(attributeValue(name, value, version)));
  const ranges = [...byName.keys()].flatMap((name) => {
    const field = fields[name];
    const given = numbers(name);
    return field ? [{ field, from: Math.min(...given), to: Math.max(...given) }] : [];
  });
  const [state] = numbers('State');
  return {
    ranges,
    usage: numbers('Cryptographic Usage Mask').reduce((all, one) => all | one, 0),
    onLine: storage === StorageStatusMask.OnLineStorage,
    ...(state === undefined ? {} : { state: { is: state, now } }),
  };
};

/** Of the one date that is kept like any other attribute, two values are a range. Bytes of dates sort as the dates do. */
const joinRange = (kept: { readonly name: string; readonly value: Buffer; readonly until?: Buffer }[]): void => {
  const name = 'Original Creation Date';
  const ends = kept.filter((one) => one.name === name).map(({ value }) => value);
  const [value, until] = ends.toSorted(Buffer.compare);
  if (!value || !until) return;
  if (ends.length > 2)
    throw new EdgeError('invalid-field', `${name} is given ${ends.length} times, a range has two ends`);
  kept.splice(0, kept.length, ...kept.filter((one) => one.name !== name), { name, value, until });
};

/** Destroyed and archived objects are found only where they are asked for. */
const storedAs = (mask: number = StorageStatusMask.OnLineStorage): Match => {
  const wanted = (bit: number): boolean => (mask & bit) !== 0;
  return (object) => {
    if (isDestroyed(object)) return wanted(StorageStatusMask.DestroyedStorage);
    return wanted(
      object.archiveDate === undefined ? StorageStatusMask.OnLineStorage : StorageStatusMask.ArchivalStorage,
    );
  };
};

const matcher = (name: DerivedName, given: readonly Attribute[], version: Version, now: Seconds): Match => {
  if (name === 'Cryptographic Usage Mask') return maskMatcher(given, version);
  if (name.endsWith(' Date')) return dateMatcher(name as DateName, given, version, now);
  const [wanted, ...others] = given.map(({ AttributeValue }) => keptValue(name, AttributeValue, version));
  // An object has each of these once: two values that differ fit none.
  if (!wanted || others.some((other) => !other.equals(wanted))) return () => false;
  return (object) => {
    const item = derivedItem(name, object, now);
    return item !== undefined && wanted.equals(encodeItem(item));
  };
};

const maskMatcher = (given: readonly Attribute[], version: Version): Match => {
  const bits = given.map(({ AttributeValue: value }) => attributeValue('Cryptographic Usage Mask', value, version));
  return (object) => bits.every((wanted) => (object.cryptographicUsageMask & wanted) === wanted);
};

type DateName = Extract<DerivedName, `${string} Date`>;

const dateMatcher = (name: DateName, given: readonly Attribute[], version: Version, now: Seconds): Match => {
  const dates = given.map(({ AttributeValue: value }) => attributeValue(name, value, version));
  const [from, to] = [Math.min(...dates), Math.max(...dates)];
  if (dates.length > 2)
    throw new EdgeError('invalid-field', `${name} is given ${dates.length} times, a range has two ends`);
  const read: (object: ManagedObject, now: Seconds) => Seconds | undefined = derived[name];
  return (object) => {
    const date = read(object, now);
    return date !== undefined && date >= from && date <= to;
  };
};
