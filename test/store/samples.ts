// Rows for the store: a service instance and objects that differ where it matters.

import { randomBytes, randomUUID } from 'node:crypto';
import type { ServiceInstance, Upstream } from '../../src/keys/instance-ports.ts';
import type { KeptAttribute, ManagedObject } from '../../src/keys/object.ts';
import type { Store } from '../../src/keys/ports.ts';

export const sampleInstance = (changes: Partial<ServiceInstance> = {}): ServiceInstance => ({
  id: 'instance-1',
  name: 'one',
  upstreamId: 'upstream-1',
  lease: 72 * 3_600_000,
  createdAt: 1_700_000_000_000,
  ...changes,
});

export const sampleUpstream = (changes: Partial<Upstream> = {}): Upstream => ({
  id: 'upstream-1',
  instanceId: 'instance-1',
  kind: 'local',
  settings: { url: 'https://example.com', aad: true },
  createdAt: 1_700_000_000_000,
  ...changes,
});

export const sampleObject = (changes: Partial<ManagedObject> = {}): ManagedObject => ({
  uid: randomUUID(),
  instanceId: 'instance-1',
  upstreamId: 'upstream-1',
  objectType: 2,
  cryptographicAlgorithm: 3,
  cryptographicLength: 256,
  cryptographicUsageMask: 12,
  initialDate: 1_700_000_000,
  activationDate: undefined,
  processStartDate: undefined,
  protectStopDate: undefined,
  deactivationDate: undefined,
  destroyDate: undefined,
  compromiseOccurrenceDate: undefined,
  compromiseDate: undefined,
  lastChangeDate: 1_700_000_000,
  revocationReason: undefined,
  wrapped: { text: randomBytes(150).toString('base64'), version: randomUUID() },
  sealed: randomBytes(65),
  ...changes,
});

/** The object without any form of its material. */
export const erased = (object: ManagedObject): ManagedObject => ({
  ...object,
  destroyDate: 1_700_000_009,
  wrapped: undefined,
  sealed: undefined,
});

export const textAttribute = (name: string, text: string, index = 0): KeptAttribute => ({
  name,
  index,
  value: Buffer.from(text),
});

/** A store with one service instance in it. */
export const withInstance = async (store: Store): Promise<Store> => {
  await store.write(({ instances, upstreams }) => {
    instances.insertInstance(sampleInstance());
    upstreams.putUpstream(sampleUpstream());
  });
  return store;
};
