// The recovery export of a service instance: all its keys, opened and put into one encrypted file, so that they can be
// brought back whatever becomes of the upstream and of this appliance.

import type { KeyObject } from 'node:crypto';
import { type AgeLock, encrypted } from '../backup/age.ts';
import type { Clock } from '../clock.ts';
import { EdgeError, messageOf } from '../errors.ts';
import type { ServiceInstance } from '../keys/instance-ports.ts';
import { isDestroyed } from '../keys/life-cycle.ts';
import type { ManagedObject } from '../keys/object.ts';
import type { StoreReader } from '../keys/ports.ts';
import type { Log } from '../log.ts';
import { endLine, headerLine, keyLine } from './key-lines.ts';
import { lifeOf } from './life.ts';
import type { InstanceRegistry } from './registry.ts';

export interface ExportingParts {
  readonly registry: InstanceRegistry;
  readonly store: StoreReader;
  readonly clock: Clock;
  readonly log: Log;
}

/** Keys that are opened at the same time: most of them are at hand, the others wait for the upstream. */
const atOnce = 8;

/**
 * The encrypted export of an instance, suspended or waiting for its removal as well. Throws `item-not-found`,
 * `illegal-operation` for one that is being erased, `invalid-field` for a lock that cannot be, and in the middle what
 * opening a key throws: an export with keys missing would be found out too late.
 */
export const exportInstance = (parts: ExportingParts, name: string, lock: AgeLock): AsyncGenerator<Buffer> => {
  const instance = parts.registry.instanceNamed(name);
  if (lifeOf(instance) === 'erasing') {
    throw new EdgeError(
      'illegal-operation',
      `the keys of '${name}' are being erased: they cannot be exported any more`,
    );
  }
  return told(parts, name, encrypted(lock, linesOf(parts, instance)));
};

/** Whoever receives the file sees that it was cut, and not why: that is in the log. */
async function* told({ log }: ExportingParts, name: string, pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* pieces;
    log.warn('all keys of a service instance were exported', { instance: name });
  } catch (error) {
    log.error('an export of keys ended early', { instance: name, problem: messageOf(error) });
    throw error;
  }
}

async function* linesOf(parts: ExportingParts, instance: ServiceInstance): AsyncGenerator<Buffer> {
  const { registry, store, clock } = parts;
  const { kind: upstream } = registry.upstream(instance.upstreamId);
  yield headerLine({ instance: instance.name, upstream, exportedAt: new Date(clock.now()).toISOString() });
  let keys = 0;
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page: ReturnType<StoreReader['objects']['page']> = store.objects.page({
      instanceId: instance.id,
      after,
      looks: atOnce,
      attributes: [],
    });
    const lines = await Promise.all(page.found.map(({ object }) => lineOf(parts, object.uid)));
    for (const line of lines) {
      if (!line) continue;
      keys += 1;
      yield line;
    }
    after = page.next;
  }
  yield endLine(keys);
}

const lineOf = async (parts: ExportingParts, uid: string): Promise<Buffer | undefined> => {
  const { store } = parts;
  const object = store.objects.find(uid);
  if (!object) return undefined;
  const material = await open(parts, object);
  // It may have been destroyed, or given an attribute, meanwhile.
  const current = store.objects.find(uid);
  if (!current) return undefined;
  return keyLine({
    object: current,
    attributes: store.objects.attributesOf(uid),
    material: isDestroyed(current) ? undefined : material,
  });
};

const open = async ({ registry }: ExportingParts, object: ManagedObject): Promise<KeyObject | undefined> => {
  if (isDestroyed(object)) return undefined;
  try {
    const { material } = await registry.authorityOf(object.upstreamId).open(object);
    return material;
  } catch (error) {
    const kind = error instanceof EdgeError ? error.kind : 'internal';
    throw new EdgeError(kind, `key '${object.uid}' cannot be exported: ${messageOf(error)}`, { cause: error });
  }
};
