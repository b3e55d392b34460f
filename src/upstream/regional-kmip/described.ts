// An object as the endpoint's Get Attributes describes it: the attributes that our domain has fields for, typed, and the
// others that belong to the client kept as they are.

import type { KeptAttribute, ObjectDates, RevocationReason } from '../../keys/object.ts';
import type { EndpointObject } from '../../keys/upstream-ports.ts';
import {
  type AttributeName,
  type AttributeValue,
  attributeRules,
  attributeValue,
  isCustomName,
} from '../../kmip/attributes.ts';
import { ObjectType } from '../../kmip/enums.ts';
import { Tag } from '../../kmip/tags.ts';
import type { Attribute } from '../../kmip/template-attribute.ts';
import { encodeItem } from '../../kmip/ttlv.ts';
import { V1_4, type Version } from '../../kmip/version.ts';
import { unbelievable } from './exchange.ts';

/** The standard's attributes that have a field of their own. */
const typed: ReadonlySet<string> = new Set<AttributeName>([
  'Unique Identifier',
  'Object Type',
  'Cryptographic Algorithm',
  'Cryptographic Length',
  'Cryptographic Usage Mask',
  'State',
  'Initial Date',
  'Activation Date',
  'Process Start Date',
  'Protect Stop Date',
  'Deactivation Date',
  'Destroy Date',
  'Compromise Occurrence Date',
  'Compromise Date',
  'Revocation Reason',
  'Last Change Date',
]);

const maximumAttributes = 1000;

/** Object Type of a symmetric key, where the endpoint leaves it out: it holds nothing else. */
const symmetricKey = ObjectType.SymmetricKey;

/** Attributes of the client's, or that a client may set. What the endpoint computes (Digest, Lease Time) is not kept. */
const isKept = (name: string): boolean => {
  if (isCustomName(name)) return true;
  const setBy = attributeRules(name, V1_4)?.setBy;
  return !typed.has(name) && (setBy === 'client' || setBy === 'either');
};

const keep = ({ AttributeName: name, AttributeIndex: index = 0, AttributeValue: item }: Attribute): KeptAttribute => {
  if (item === undefined) throw unbelievable(`the attribute ${name} without a value`);
  return { name, index, value: encodeItem({ ...item, tag: Tag.AttributeValue }) };
};

/** The attributes of one object by name, with the checks that any of them needs. */
const readerOf = (attributes: readonly Attribute[], version: Version) => {
  const find = <N extends AttributeName>(name: N): AttributeValue<N> | undefined => {
    const found = attributes.filter((one) => one.AttributeName === name);
    if (found.length > 1) throw unbelievable(`the attribute ${name} ${found.length} times`);
    return found[0] === undefined ? undefined : attributeValue(name, found[0].AttributeValue, version);
  };
  const need = <N extends AttributeName>(name: N): AttributeValue<N> => {
    const value = find(name);
    if (value === undefined) throw unbelievable(`no attribute ${name}`);
    return value;
  };
  return { find, need };
};
type Reader = ReturnType<typeof readerOf>;

const datesOf = ({ find, need }: Reader): ObjectDates => {
  const initialDate = need('Initial Date');
  return {
    initialDate,
    activationDate: find('Activation Date'),
    processStartDate: find('Process Start Date'),
    protectStopDate: find('Protect Stop Date'),
    deactivationDate: find('Deactivation Date'),
    destroyDate: find('Destroy Date'),
    compromiseOccurrenceDate: find('Compromise Occurrence Date'),
    compromiseDate: find('Compromise Date'),
    lastChangeDate: find('Last Change Date') ?? initialDate,
  };
};

const revocationOf = ({ find }: Reader): RevocationReason | undefined => {
  const reason = find('Revocation Reason');
  if (reason === undefined) return undefined;
  const { RevocationReasonCode: code, RevocationMessage: message } = reason;
  return message === undefined ? { code } : { code, message };
};

/** The object `uid` that these attributes describe; throws where they contradict it or themselves. */
export const describedObject = (uid: string, attributes: readonly Attribute[], version: Version): EndpointObject => {
  if (attributes.length > maximumAttributes) throw unbelievable(`${attributes.length} attributes`);
  const reader = readerOf(attributes, version);
  const { find, need } = reader;
  if ((find('Unique Identifier') ?? uid) !== uid) throw unbelievable('the attributes of another object');
  return {
    uid,
    state: need('State'),
    objectType: find('Object Type') ?? symmetricKey,
    cryptographicAlgorithm: need('Cryptographic Algorithm'),
    cryptographicLength: need('Cryptographic Length'),
    cryptographicUsageMask: find('Cryptographic Usage Mask') ?? 0,
    ...datesOf(reader),
    revocationReason: revocationOf(reader),
    kept: attributes.filter(({ AttributeName: name }) => isKept(name)).map(keep),
  };
};

/** The value of an attribute as it is kept: equal attributes have equal bytes. */
export const keptBytes = (attribute: Attribute): Buffer => keep(attribute).value;
