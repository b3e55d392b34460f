// The move of keys without a server around it: a real store, and root keys that do what a test tells them.

import { createSecretKey, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { createKeyCache } from '../../src/cache/key-cache.ts';
import { Damage } from '../../src/damage.ts';
import { Changing } from '../../src/instances/changing.ts';
import { MovingHouse } from '../../src/instances/moving-house.ts';
import { InstanceRegistry } from '../../src/instances/registry.ts';
import type { LeaseTerm } from '../../src/keys/lease.ts';
import type { ManagedObject } from '../../src/keys/object.ts';
import type { UpstreamKind } from '../../src/keys/upstream-ports.ts';
import { createSealer } from '../../src/seal/sealer.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { createScriptedRootKey, type ScriptedRootKey } from '../keys/scripted-root-key.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

export interface MadeKey {
  readonly object: ManagedObject;
  readonly material: KeyObject;
}

const aes = {
  objectType: 2,
  cryptographicAlgorithm: 3,
  cryptographicLength: 256,
  cryptographicUsageMask: 12,
  dates: {},
  attributes: [],
};

/**
 * An instance `one`, whose keys rest under a root key that every `begin` replaces; its proof waits for the promise that is in
 * the settings as `after`, and with `isAway` it is out of reach then.
 */
export const startHouse = async (t: ExecutionContext, lease: LeaseTerm = 'unlimited') => {
  const path = join(temporaryDirectory(t), 'db');
  const [store, clock, log, cache] = [openSqliteStore(path), new FakeClock(), createMemoryLog(), createKeyCache(10)];
  t.teardown(() => store.close());
  /** In the order in which they were prepared: an upstream that is opened anew has the same. */
  const rootKeys: ScriptedRootKey[] = [];
  const kind: UpstreamKind = {
    kind: 'scripted',
    holds: 'root key',
    remote: true,
    secretSetting: 'secret',
    targets: () => [],
    async prepare(settings) {
      await (settings as { readonly after?: Promise<void> }).after;
      const rootKey = createScriptedRootKey();
      rootKey.reachable = !(settings as { readonly isAway?: boolean }).isAway;
      const number = rootKeys.push(rootKey) - 1;
      return { settings: { number }, secret: Buffer.from('secret'), rootKey: { state: 'active' } };
    },
    open(_instance, settings) {
      const rootKey = rootKeys[(settings as { readonly number: number }).number];
      if (rootKey) return rootKey;
      throw new Error('there is no such root key');
    },
  };
  const sealer = createSealer(createSecretKey(randomBytes(32)));
  const regional = { freshness: 1, checkTimeout: 1, syncInterval: 1 };
  const parts = {
    store,
    sealer,
    cache,
    upstreams: [kind],
    clock,
    log,
    damage: new Damage(log),
    pollInterval: 50_000,
    regional,
  };
  const registry = new InstanceRegistry(parts);
  t.teardown(() => registry.close());
  const house = new MovingHouse({ ...parts, registry });
  t.teardown(() => house.close());
  const changing = new Changing({ ...parts, registry });
  await registry.create({ name: 'one', upstream: 'scripted', settings: {}, lease });
  const found = (uid: string): ManagedObject => {
    const object = store.objects.find(uid);
    if (!object) throw new Error(`the store has lost ${uid}`);
    return object;
  };
  return {
    path,
    parts,
    store,
    clock,
    log,
    rootKeys,
    registry,
    house,
    changing,
    found,
    /** Upstreams cannot be opened any more. */
    vanish: () => void rootKeys.splice(0),
    async newKey(): Promise<MadeKey> {
      const uid = randomUUID();
      let made: KeyObject | undefined;
      await registry
        .authorityOfInstance(registry.instanceNamed('one').id)
        .create(aes, uid, ({ object, attributes, material, settle }) => {
          made = material;
          return store.write((tx) => {
            settle(tx);
            tx.objects.insert(object, attributes);
          });
        });
      if (!made) throw new Error('nothing was made');
      return { object: found(uid), material: made };
    },
    /** The material of a key, as the upstream that holds it opens it. */
    async opened(uid: string): Promise<KeyObject> {
      const object = found(uid);
      return (await registry.authorityOf(object.upstreamId).open({ ...object, sealed: undefined })).material;
    },
  };
};

export type House = Awaited<ReturnType<typeof startHouse>>;
