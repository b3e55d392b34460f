// From the attributes of a request to what the domain makes of them: a new key's fields, an attribute to add, a search.
// Here is decided which attributes a client may give, and when.

import { EdgeError } from '../errors.ts';
import {
  type AttributeName,
  type AttributeValue,
  attributeRules,
  attributeValue,
  isCustomName,
} from '../kmip/attributes.ts';
import type { Attribute } from '../kmip/template-attribute.ts';
import { type Version, versionText } from '../kmip/version.ts';
import { shorten } from '../shorten.ts';
import { clientValue, requireDateChangeable } from './attribute-rules.ts';
import { isDerived } from './attributes.ts';
import type { KeptAttribute, ManagedObject, ObjectDates, Seconds } from './object.ts';

/** The most kept attributes of one object; vCenter writes six. */
const maximumKept = 1000;
/** And of all their names and values together: an answer that lists them has to stay small. */
const maximumKeptBytes = 1024 * 1024;

/** What a template settles about a new key. */
export interface Template {
  readonly cryptographicAlgorithm: number | undefined;
  readonly cryptographicLength: number | undefined;
  readonly cryptographicUsageMask: number | undefined;
  readonly dates: Partial<Omit<ObjectDates, 'initialDate' | 'lastChangeDate'>>;
  readonly attributes: readonly KeptAttribute[];
  readonly fresh: boolean | undefined;
}

/** Dates that a client may give, and the field that each becomes. */
export const settableDates = {
  'Activation Date': 'activationDate',
  'Process Start Date': 'processStartDate',
  'Protect Stop Date': 'protectStopDate',
  'Deactivation Date': 'deactivationDate',
} as const satisfies { readonly [N in AttributeName]?: keyof ObjectDates };
type SettableDate = keyof typeof settableDates;

export const isSettableDate = (name: string): name is SettableDate => Object.hasOwn(settableDates, name);

/** Derived attributes that a client gives for a new object beside its dates. */
const templateFields: ReadonlySet<string> = new Set([
  'Cryptographic Algorithm',
  'Cryptographic Length',
  'Cryptographic Usage Mask',
  'Object Type',
  'Fresh',
]);

/**
 * Reads the attributes for a new object, those of templates included. Throws `invalid-field` for attributes that a client
 * cannot give.
 */
export const readTemplate = (template: readonly Attribute[], version: Version): Template => {
  const single = new Map<string, Attribute>();
  const attributes: KeptAttribute[] = [];
  for (const given of template) {
    const { AttributeName: name } = given;
    requireKnown(name, version, 'invalid-field');
    if (isDerived(name)) {
      if (single.has(name))
        throw new EdgeError('invalid-field', `the attribute ${name} is given twice`, {
          finer: 'AttributeSingleValued',
        });
      single.set(name, given);
    } else attributes.push(nextKept(attributes, given, version, 'invalid-field'));
  }
  for (const name of single.keys()) {
    if (!isSettableDate(name) && !templateFields.has(name)) {
      throw new EdgeError('invalid-field', `the attribute ${name} is set by the server alone`, {
        finer: 'AttributeReadOnly',
      });
    }
  }
  const value = <N extends AttributeName>(name: N): AttributeValue<N> | undefined => {
    const given = single.get(name);
    return given && attributeValue(name, given.AttributeValue, version);
  };
  const dates = Object.fromEntries(
    Object.entries(settableDates).map(([name, field]) => [field, value(name as SettableDate)]),
  );
  return {
    cryptographicAlgorithm: value('Cryptographic Algorithm'),
    cryptographicLength: value('Cryptographic Length'),
    cryptographicUsageMask: value('Cryptographic Usage Mask'),
    dates,
    attributes,
    fresh: value('Fresh'),
  };
};

/**
 * What Add Attribute makes of an object (KMIP 1.4 section 4.14). Throws as section 11.15 has it: `permission-denied` for
 * what the server sets or does not offer, `illegal-operation` for a single attribute that is there already,
 * `invalid-field` for an index, `index-out-of-bounds` for too many.
 */
export const addToObject = (
  object: ManagedObject,
  kept: readonly KeptAttribute[],
  given: Attribute,
  version: Version,
  now: Seconds,
): { readonly object: ManagedObject; readonly attribute?: KeptAttribute } => {
  const { AttributeName: name } = given;
  if (given.AttributeIndex !== undefined) {
    throw new EdgeError('invalid-field', `a new instance of ${shorten(name)} cannot be given an index`);
  }
  requireKnown(name, version, 'permission-denied');
  const changed = { ...object, lastChangeDate: now };
  if (!isDerived(name)) return { object: changed, attribute: nextKept(kept, given, version, 'illegal-operation') };
  if (!isSettableDate(name)) {
    const present = templateFields.has(name);
    throw new EdgeError(present ? 'illegal-operation' : 'permission-denied', `the attribute ${name} cannot be added`, {
      finer: present ? 'AttributeSingleValued' : 'ReadOnlyAttribute',
    });
  }
  const field = settableDates[name];
  if (object[field] !== undefined)
    throw new EdgeError('illegal-operation', `the attribute ${name} is there already`, {
      finer: 'AttributeSingleValued',
    });
  requireDateChangeable(object, name, now);
  return { object: { ...changed, [field]: attributeValue(name, given.AttributeValue, version) } };
};

/**
 * The same for an object whose endpoint decides: only what no endpoint could make sense of is refused here.
 */
export const checkAddition = ({ AttributeName: name, AttributeIndex: index }: Attribute, version: Version): void => {
  if (index !== undefined) {
    throw new EdgeError('invalid-field', `a new instance of ${shorten(name)} cannot be given an index`);
  }
  requireKnown(name, version, 'permission-denied');
};

/** Throws where the version, this server or a client's rights have no such attribute. */
const requireKnown = (name: string, version: Version, kind: 'invalid-field' | 'permission-denied'): void => {
  const rules = attributeRules(name, version);
  if (!rules)
    throw new EdgeError(kind, `KMIP ${versionText(version)} has no attribute '${shorten(name)}'`, {
      finer: 'InvalidAttribute',
    });
  if (isDerived(name) || rules.setBy !== 'server') return;
  const why = isCustomName(name) ? 'begins with y-, which only a server may give' : 'is set by the server alone';
  throw new EdgeError(kind, `the attribute ${shorten(name)} ${why}`, {
    finer: kind === 'invalid-field' ? 'AttributeReadOnly' : 'ReadOnlyAttribute',
  });
};

/** The attribute with the next free index. `kind` is what a second instance of a single attribute is refused as. */
const nextKept = (
  kept: readonly KeptAttribute[],
  given: Attribute,
  version: Version,
  kind: 'invalid-field' | 'illegal-operation',
): KeptAttribute => {
  const { AttributeName: name } = given;
  if (kept.length >= maximumKept) {
    throw new EdgeError('index-out-of-bounds', `an object has at most ${maximumKept} attributes of this kind`);
  }
  const last = kept.findLast((one) => one.name === name);
  if (last && !attributeRules(name, version)?.multiple) {
    const problem = kind === 'invalid-field' ? 'is given twice' : 'is there already';
    throw new EdgeError(kind, `the attribute ${shorten(name)} ${problem}`, { finer: 'AttributeSingleValued' });
  }
  const added = { name, index: last ? last.index + 1 : 0, value: clientValue(name, given.AttributeValue, version) };
  requireRoom([...kept, added]);
  return added;
};

/** Throws `index-out-of-bounds` where an object's kept attributes are too large together. */
export const requireRoom = (kept: readonly KeptAttribute[]): void => {
  if (kept.reduce((sum, one) => sum + sizeOf(one), 0) <= maximumKeptBytes) return;
  throw new EdgeError('index-out-of-bounds', `an object's attributes have at most ${maximumKeptBytes} bytes together`);
};

const sizeOf = ({ name, value }: KeptAttribute): number => Buffer.byteLength(name) + value.length;
