// Looks at a restored store before it is used: whether the database is sound as a whole, and whether every sealed record
// opens under the storage key that came with it. Then this machine's own credential is made to open it.

import type { KeyObject } from 'node:crypto';
import { EdgeError, isKind } from '../errors.ts';
import { copyIdentity } from '../keys/copies.ts';
import type { UpstreamWriter } from '../keys/instance-ports.ts';
import type { Store } from '../keys/ports.ts';
import type { Sealer } from '../keys/seal-ports.ts';
import { createSealer } from '../seal/sealer.ts';
import { moveInStorageKey } from '../seal/storage-key.ts';

export interface InspectOptions {
  readonly dataDirectory: string;
  readonly openStore: (path: string) => Store;
  readonly environment: NodeJS.ProcessEnv;
  readonly now: number;
  /** Of the backup, in ISO 8601. */
  readonly createdAt: string;
  readonly checkOnly: boolean;
}

export interface StoreContents {
  readonly instances: readonly string[];
  readonly clients: number;
  readonly keys: number;
  /** Names of the records that do not open. */
  readonly damaged: readonly string[];
}

/** Opens the store at `path`, brings it to this program's version, and gives what is in it. Throws `data-damaged`. */
export const inspectStore = async (
  options: InspectOptions,
  path: string,
  storageKey: KeyObject,
): Promise<StoreContents> => {
  const { checkOnly, now, createdAt } = options;
  const store = sound(() => options.openStore(path));
  try {
    const [problem] = sound(() => store.problems());
    if (problem !== undefined) throw unsound(problem);
    const contents = contentsOf(store, createSealer(storageKey));
    if (!checkOnly) {
      await moveInStorageKey({ ...options, store }, storageKey);
      await store.write(({ backups, upstreams }) => {
        backups.addRestoration({ at: now, asOf: Date.parse(createdAt) });
        forgetPendingCreates(upstreams);
      });
    }
    return contents;
  } finally {
    await store.close();
  }
};

const unsound = (problem: string): EdgeError =>
  new EdgeError('data-damaged', `the database of the backup is damaged: ${problem}`, {
    hint: 'take an older backup; nothing was changed',
  });

/** What `look` gives, where damage does not end it. */
const sound = <T>(look: () => T): T => {
  try {
    return look();
  } catch (error) {
    if (isKind(error, 'data-damaged') && error.hint === undefined) throw unsound(error.message);
    throw error;
  }
};

/**
 * A create that was pending then may have been acknowledged since: what it made must not be taken for given up. Without its
 * marker the next sync takes it over, whatever became of it.
 */
const forgetPendingCreates = (upstreams: UpstreamWriter): void => {
  for (const { id } of upstreams.upstreams()) {
    for (const { marker } of upstreams.pendingCreates(id)) upstreams.deletePendingCreate(marker);
  }
};

const contentsOf = (store: Store, sealer: Sealer): StoreContents => {
  const damaged = store.vault.names().filter((name) => !opens(sealer, name, store.vault.sealedSecret(name)));
  const instances = store.instances.instances();
  let keys = 0;
  for (const { id: instanceId } of instances) {
    for (const { uid } of store.objects.search({ instanceId, attributes: [] })) {
      keys += 1;
      const identity = copyIdentity({ instanceId, uid });
      if (!opens(sealer, identity, store.objects.find(uid)?.sealed)) damaged.push(identity);
    }
  }
  return { instances: instances.map(({ name }) => name), clients: store.instances.clients().length, keys, damaged };
};

const opens = (sealer: Sealer, identity: string, sealed: Buffer | undefined): boolean => {
  try {
    if (sealed) sealer.open(identity, sealed).fill(0);
    return true;
  } catch {
    return false;
  }
};
