// Who owns which keys and who has authority over them: the service instances with what changes and ends them, and the keys.

import type { Config } from '../config/settings.ts';
import type { Damage } from '../damage.ts';
import { Importing } from '../instances/importing.ts';
import { MovingHouse } from '../instances/moving-house.ts';
import type { AuthorityParts } from '../instances/open-authority.ts';
import type { InstanceRegistry } from '../instances/registry.ts';
import { Removing } from '../instances/removing.ts';
import { TrustedRoots } from '../instances/trusted-roots.ts';
import { UseTracker } from '../instances/use-tracker.ts';
import type { Recorder } from '../keys/audit-ports.ts';
import { LateUndo } from '../keys/late-undo.ts';
import { KeyService } from '../keys/service.ts';

/** What has to be closed again. */
export interface Closing {
  close(): Promise<void> | void;
}

/** Takes a part over, to be closed at the end, the last one first. */
export type Own = <T extends Closing>(part: T) => T;

export interface CustodyParts extends Pick<AuthorityParts, 'store' | 'cache' | 'clock' | 'log'> {
  readonly registry: InstanceRegistry;
  readonly config: Pick<Config, 'cache' | 'removal'>;
  readonly recorder: Recorder;
  readonly own: Own;
  readonly damage: Damage;
}

/** Goes on with what a crash interrupted; then keys can be served. */
export const openCustody = async (parts: CustodyParts) => {
  const { registry, store, cache, clock, log, config, recorder, own, damage } = parts;
  const lateUndo = own(new LateUndo({ store, cache, clock, log, damage }));
  await lateUndo.start();
  const roots = new TrustedRoots({ store, registry, clock, log, damage });
  const movingHouse = own(new MovingHouse({ registry, store, cache, clock, log, damage }));
  movingHouse.start();
  const removing = own(new Removing({ registry, roots, store, clock, log, wait: config.removal.wait }));
  removing.start();
  const importing = own(new Importing({ registry, store, log }));
  const uses = own(new UseTracker({ store, clock, log, maximum: config.cache.maximumKeys }));
  const keys = new KeyService({
    store,
    cache,
    recorder,
    uses,
    clock,
    undoLater: (batch) => lateUndo.add(batch),
    requireActive: (caller) => registry.requireActive(caller),
    authorityOf: (upstreamId) => registry.authorityOf(upstreamId),
    authorityOfInstance: (instanceId) => registry.authorityOfInstance(instanceId),
  });
  return { registry, roots, movingHouse, removing, importing, uses, keys };
};
