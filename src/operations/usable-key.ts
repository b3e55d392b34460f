// A key for a cryptographic operation: one that may do this now (KMIP 1.4 sections 3.19, 3.21 and 3.22), with its material
// and its parameters.

import type { KeyObject } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import { stateAt } from '../keys/life-cycle.ts';
import type { KeptAttribute, ManagedObject, Seconds } from '../keys/object.ts';
import { allocate, usageLimitsOf } from '../keys/usage-limits.ts';
import type { CryptographicParameters } from '../kmip/attribute-values.ts';
import { attributeValue } from '../kmip/attributes.ts';
import { ObjectType, State, UsageLimitsUnit } from '../kmip/enums.ts';
import type { KeyBlock } from '../kmip/key-block.ts';
import { CryptographicUsageMask } from '../kmip/masks.ts';
import { enumName } from '../kmip/since.ts';
import { decodeItem } from '../kmip/ttlv.ts';
import { type Half, readKey } from './asymmetric-key.ts';
import type { OperationContext } from './context.ts';
import { unpacked } from './stored-object.ts';

export interface Use {
  readonly operation: string;
  readonly bit: keyof typeof CryptographicUsageMask;
  /** Applying protection ends with the Protect Stop Date; processing begins with the Process Start Date. */
  readonly kind: 'protect' | 'process';
  /** Bytes that are protected: what Usage Limits in bytes count. */
  readonly bytes: number;
}

export interface UsableKey {
  readonly object: ManagedObject;
  readonly material: KeyObject;
  /** The request's, else those of the object. */
  readonly parameters: CryptographicParameters;
}

/** Throws `wrong-state`, `usage-not-permitted`, `usage-limit-exceeded` or what Get throws. */
export const useKey = async (
  context: OperationContext,
  named: string | undefined,
  use: Use,
  given?: CryptographicParameters,
): Promise<UsableKey> => {
  const uid = context.uid(named);
  const { object, attributes } = await context.keys.describe(context.caller, use.operation, uid);
  requireUsable(object, use, context.now);
  const { material } = await context.keys.get(context.caller, uid, use.operation);
  if (use.kind === 'protect') await count(context, object, attributes, use);
  return { object, material, parameters: given ?? parametersOf(attributes) };
};

/** An absent mask of an object that needs one permits nothing. */
const requireUsable = (object: ManagedObject, { bit, kind, operation }: Use, now: Seconds): void => {
  const state = stateAt(object, now);
  if (state !== State.Active) {
    throw new EdgeError(
      'wrong-state',
      `object '${object.uid}' is ${enumName(State, state)}: ${operation} needs Active`,
    );
  }
  const { processStartDate: start, protectStopDate: stop } = object;
  if (kind === 'process' && start !== undefined && start > now) {
    throw new EdgeError('wrong-state', `object '${object.uid}' may not process before its Process Start Date`);
  }
  if (kind === 'protect' && stop !== undefined && stop <= now) {
    throw new EdgeError('wrong-state', `object '${object.uid}' may not protect after its Protect Stop Date`);
  }
  if ((object.cryptographicUsageMask & CryptographicUsageMask[bit]) !== 0) return;
  throw new EdgeError('usage-not-permitted', `object '${object.uid}' has no ${bit} in its usage mask`);
};

const count = async (
  { keys, caller }: OperationContext,
  { uid }: ManagedObject,
  attributes: readonly KeptAttribute[],
  { operation, bytes }: Use,
): Promise<void> => {
  const limits = usageLimitsOf(attributes);
  if (!limits) return;
  const units = limits.UsageLimitsUnit === UsageLimitsUnit.Byte ? bytes : 1;
  await keys.objects.alter(caller, operation, uid, (object, kept) => allocate(object, kept, BigInt(units)));
};

const parametersOf = (attributes: readonly KeptAttribute[]): CryptographicParameters => {
  const kept = attributes.find(({ name }) => name === 'Cryptographic Parameters');
  return kept ? attributeValue('Cryptographic Parameters', decodeItem(kept.value)) : {};
};

/** The half of a key pair that an object is, for node:crypto. Throws `invalid-field` and `key-format-not-supported`. */
export const asymmetricOf = ({ object, material }: UsableKey): KeyObject => {
  const half = halfOf(object.objectType);
  if (!half)
    throw new EdgeError('invalid-field', `object '${object.uid}' is neither a public nor a private key`, {
      finer: 'InvalidObjectType',
    });
  const bytes = material.export();
  try {
    const stored = unpacked(bytes, object.objectType);
    const block: KeyBlock | undefined = (stored.PrivateKey ?? stored.PublicKey)?.KeyBlock;
    const value = block?.KeyValue;
    const key =
      block && value && !Buffer.isBuffer(value) ? readKey(half, block.KeyFormatType, value.KeyMaterial) : undefined;
    if (key) return key;
    throw new EdgeError(
      'key-format-not-supported',
      `the key '${object.uid}' is in a form that is stored and not used here`,
    );
  } finally {
    bytes.fill(0);
  }
};

/** The half of a key pair that objects of this type are. */
export const halfOf = (objectType: number): Half | undefined => {
  if (objectType === ObjectType.PrivateKey) return 'private';
  return objectType === ObjectType.PublicKey ? 'public' : undefined;
};
