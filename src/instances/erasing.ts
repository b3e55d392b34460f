// Erases a service instance with everything that belongs to it, once nobody can take that back any more: first what would
// open its keys elsewhere (credentials, clients), then the keys, piece by piece, so that other clients hardly notice, and
// the instance itself last. A crash in between is gone on from at the next start.

import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceInstance } from '../keys/instance-ports.ts';
import type { Store, StoreWriter } from '../keys/ports.ts';
import type { Log } from '../log.ts';
import { identityName, secretNames } from './open-authority.ts';
import type { InstanceRegistry } from './registry.ts';
import type { TrustedRoots } from './trusted-roots.ts';

export interface ErasingParts {
  readonly registry: InstanceRegistry;
  readonly roots: Pick<TrustedRoots, 'forget'>;
  readonly store: Store;
  readonly log: Log;
}

/** Objects in one transaction: some milliseconds of SQLite's time. */
const keysAtOnce = 100;

/** What goes with the step after which there is no way back. Throws where that step may not be taken. */
export const beginErasing = async (
  { registry, roots }: Pick<ErasingParts, 'registry' | 'roots'>,
  instance: ServiceInstance,
  mayBegin: (tx: StoreWriter) => void,
): Promise<void> => {
  const { id, removal } = instance;
  if (!removal) return;
  const begun = { ...removal, waited: removal.wait, erasing: true };
  const upstreams = registry.upstreamsOf(id);
  await registry.change(id, { removal: begun }, (tx) => {
    mayBegin(tx);
    tx.instances.putRemoval(id, begun);
    for (const name of upstreams.flatMap((upstream) => secretNames(upstream.id))) tx.vault.deleteSealedSecret(name);
    for (const client of tx.instances.clients()) if (client.instanceId === id) tx.instances.deleteClient(client.id);
    for (const root of tx.roots.roots()) if (root.instanceId === id) tx.roots.deleteRoot(root.id);
  });
  await roots.forget(id);
  await registry.detach(id);
};

/** Erases the rest. Stops early, to be gone on with later, where `isStopped` says so; true when all is gone. */
export const erase = async (
  { registry, store, log }: ErasingParts,
  instance: ServiceInstance,
  isStopped: () => boolean,
): Promise<boolean> => {
  const { id, name } = instance;
  let keys = 0;
  for (;;) {
    if (isStopped()) return false;
    const began = performance.now();
    const erased = await store.write(({ erasure }) => erasure.eraseObjects(id, keysAtOnce));
    keys += erased;
    if (erased === 0 && (await eraseRest(store, instance))) break;
    // Half of the time belongs to the others.
    await sleep(performance.now() - began);
  }
  registry.forget(id);
  log.warn('service instance removed, with all its keys', { instance: name, keys });
  return true;
};

/** False where a key came in meanwhile, whose Create was under way when the removal was asked for. */
const eraseRest = (store: Store, { id, name }: ServiceInstance): Promise<boolean> =>
  store.write(
    (tx) => {
      if (tx.objects.count(id) > 0) return false;
      tx.moves.deleteMove(id);
      for (const upstream of tx.upstreams.upstreams()) {
        if (upstream.instanceId !== id) continue;
        for (const secret of secretNames(upstream.id)) tx.vault.deleteSealedSecret(secret);
        tx.upstreams.deleteUpstream(upstream.id);
      }
      tx.vault.deleteSealedSecret(identityName(name));
      tx.instances.deleteInstance(id);
      tx.audit.record({
        by: 'server',
        name: 'kmip-edge',
        address: '',
        instanceId: id,
        operation: 'instance.erased',
        subject: { instance: name },
        outcome: 'success',
      });
      return true;
    },
    { erase: true },
  );
