// What KMIP 2.x calls failures for which 1.x has coarser words (KMIP 2.1 section 11.45). Some depend on the operation: the
// tables of section 6.1 list which reasons each may give.

import { EdgeError, type ErrorKind, errorKinds } from '../errors.ts';
import { ResultReason } from '../kmip/enums.ts';
import { reasonIn } from '../kmip/since.ts';
import { V2_0, type Version } from '../kmip/version.ts';

type ReasonName = keyof typeof ResultReason;

const laterReasons: Readonly<Partial<Record<ErrorKind, ReasonName>>> = {
  'item-not-found': 'ObjectNotFound',
  'bad-cryptographic-parameters': 'BadCryptographicParameters',
  'missing-iv': 'MissingInitializationVector',
  'wrong-state': 'WrongKeyLifecycleState',
  'usage-not-permitted': 'IncompatibleCryptographicUsageMask',
  'usage-limit-exceeded': 'UsageLimitExceeded',
  'attribute-read-only': 'AttributeReadOnly',
  'attribute-not-found': 'AttributeNotFound',
  'object-destroyed': 'ObjectDestroyed',
};

const ofOperations: Readonly<Record<string, Readonly<Partial<Record<ErrorKind, ReasonName>>>>> = {
  SetAttribute: { 'attribute-read-only': 'ReadOnlyAttribute' },
  AdjustAttribute: {
    'attribute-read-only': 'ReadOnlyAttribute',
    'attribute-not-found': 'ItemNotFound',
    'item-not-found': 'ItemNotFound',
  },
};

/** The Result Reason of a failure in the words of `version`; General Failure where it has none. */
export const reasonOf = (
  error: unknown,
  kind: ErrorKind,
  version: Version,
  operation: string | undefined,
): ResultReason => {
  const first = errorKinds[kind].reason;
  if (version < V2_0) return reasonIn(version, ResultReason[first]);
  const finer = error instanceof EdgeError ? error.finer : undefined;
  const later = finer ?? ofOperations[operation ?? '']?.[kind] ?? laterReasons[kind] ?? first;
  return reasonIn(version, ResultReason[later]);
};
