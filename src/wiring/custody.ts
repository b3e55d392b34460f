// Who owns which keys and who has authority over them: the service instances with what changes and ends them, and the keys.

import type { Config } from '../config/settings.ts';
import { Importing } from '../instances/importing.ts';
import { MovingHouse } from '../instances/moving-house.ts';
import type { AuthorityParts } from '../instances/open-authority.ts';
import { InstanceRegistry } from '../instances/registry.ts';
import { Removing } from '../instances/removing.ts';
import { TrustedRoots } from '../instances/trusted-roots.ts';
import { UseTracker } from '../instances/use-tracker.ts';
import type { Recorder } from '../keys/audit-ports.ts';
import { undoUndecided } from '../keys/journal.ts';
import { KeyService } from '../keys/service.ts';

/** What has to be closed again. */
export interface Closing {
  close(): Promise<void> | void;
}

/** Takes a part over, to be closed at the end, the last one first. */
export type Own = <T extends Closing>(part: T) => T;

export interface CustodyParts extends Omit<AuthorityParts, 'pollInterval' | 'regional'> {
  readonly config: Pick<Config, 'cache' | 'regional' | 'removal' | 'upstream'>;
  readonly recorder: Recorder;
  readonly own: Own;
}

/** Opens the upstreams of every instance, goes on with what a crash interrupted, and serves keys from now on. */
export const openCustody = async ({ config, recorder, own, ...parts }: CustodyParts) => {
  const { store, cache, clock, log } = parts;
  const { pollInterval } = config.upstream;
  const registry = own(new InstanceRegistry({ ...parts, pollInterval, regional: config.regional }));
  // The names in its records come from the registry.
  await undoUndecided(store);
  const roots = new TrustedRoots({ store, registry, clock, log });
  const movingHouse = own(new MovingHouse({ registry, store, cache, clock, log }));
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
    requireActive: (caller) => registry.requireActive(caller),
    authorityOf: (upstreamId) => registry.authorityOf(upstreamId),
    authorityOfInstance: (instanceId) => registry.authorityOfInstance(instanceId),
  });
  return { registry, roots, movingHouse, removing, importing, uses, keys };
};
