// What a caller may see of an object, and what memory keeps of one that may be served.

import type { KeyObject } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import { attributeValue } from '../kmip/attributes.ts';
import { decodeItem } from '../kmip/ttlv.ts';
import type { Authority } from './authority.ts';
import type { CachedKey } from './cache-ports.ts';
import type { Caller } from './caller.ts';
import type { KeptAttribute, ManagedObject } from './object.ts';
import { NotVisible } from './record.ts';

export type Owned = Pick<ManagedObject, 'instanceId'>;

/**
 * The one gate to an object: the caller's, or as good as not there. An object of another service instance is answered
 * exactly as one that does not exist.
 */
export const visible = <T extends Owned>(caller: Caller, uid: string, object: T | undefined): T => {
  if (object && object.instanceId === caller.instanceId) return object;
  throw new NotVisible(uid, object !== undefined);
};

/** Why an object with these attributes is not given out in plain (KMIP 1.4 sections 3.48 and 3.50). */
const withheldBy = (attributes: readonly KeptAttribute[]): CachedKey['withheld'] => {
  const flag = (name: 'Sensitive' | 'Extractable'): boolean | undefined => {
    const kept = attributes.find((one) => one.name === name);
    return kept && attributeValue(name, decodeItem(kept.value));
  };
  if (flag('Extractable') === false) return 'not-extractable';
  return flag('Sensitive') === true ? 'sensitive' : undefined;
};

/** Shares the identifiers of instance and upstream with all others: there may be hundreds of thousands of these. */
export const cachedKey = (
  { instanceId }: Caller,
  { upstreamId }: Authority,
  object: ManagedObject,
  attributes: readonly KeptAttribute[],
  material: KeyObject,
): CachedKey => {
  const { uid, objectType, cryptographicAlgorithm, cryptographicLength, fresh } = object;
  const key = { uid, instanceId, upstreamId, objectType, cryptographicAlgorithm, cryptographicLength, material };
  const withheld = withheldBy(attributes);
  return { ...key, ...(withheld ? { withheld } : {}), ...(fresh ? { fresh } : {}) };
};

/** Throws `operation-not-supported` where an endpoint holds the objects: it has the word, and offers less than we do. */
export const requireLocal = ({ isLocal }: Authority, operation: string): void => {
  if (isLocal) return;
  const text = `${operation} is not offered: the keys of this service instance are held by a KMIP endpoint that lacks it`;
  throw new EdgeError('operation-not-supported', text, {
    hint: 'move the service instance to a root key, or keep to what its endpoint offers',
  });
};
