// Usage Limits (KMIP 1.4 section 3.21): how much of a key's use is left.

import { EdgeError } from '../errors.ts';
import type { UsageLimits } from '../kmip/attribute-values.ts';
import { attributeItem, attributeValue } from '../kmip/attributes.ts';
import { decodeItem, encodeItem } from '../kmip/ttlv.ts';
import type { KeptAttribute, ManagedObject } from './object.ts';

const isLimits = ({ name }: KeptAttribute): boolean => name === 'Usage Limits';

/** The limits among an object's attributes. */
export const usageLimitsOf = (attributes: readonly KeptAttribute[]): UsageLimits | undefined => {
  const kept = attributes.find(isLimits);
  return kept && attributeValue('Usage Limits', decodeItem(kept.value));
};

/** What is left of them, in their unit. */
export const leftOf = ({ UsageLimitsCount: count, UsageLimitsTotal: total }: UsageLimits): bigint => count ?? total;

/** The attributes after `units` were taken. Throws `usage-limit-exceeded`, `attribute-not-found` where there are no limits. */
export const allocate = (
  object: ManagedObject,
  attributes: readonly KeptAttribute[],
  units: bigint,
): { readonly attributes: readonly KeptAttribute[]; readonly result: undefined } => {
  const limits = usageLimitsOf(attributes);
  if (!limits) throw new EdgeError('attribute-not-found', `object '${object.uid}' has no usage limits`);
  if (units < 0n) throw new EdgeError('invalid-field', 'a usage allocation cannot be negative');
  const left = leftOf(limits) - units;
  if (left < 0n) throw new EdgeError('usage-limit-exceeded', `the usage limits of object '${object.uid}' are used up`);
  const value = encodeItem(attributeItem('Usage Limits', { ...limits, UsageLimitsCount: left }));
  return { attributes: attributes.map((one) => (isLimits(one) ? { ...one, value } : one)), result: undefined };
};
