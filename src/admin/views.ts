// Service instances and keys as the management API shows them: dates as text, never a secret.

import type { Clock } from '../clock.ts';
import { lifeOf, remainingOf } from '../instances/life.ts';
import type { InstanceRegistry } from '../instances/registry.ts';
import type { Removing } from '../instances/removing.ts';
import type { SyncState } from '../keys/authority.ts';
import type { ServiceInstance } from '../keys/instance-ports.ts';
import type { StoreReader } from '../keys/ports.ts';
import { stateName } from '../keys/summary.ts';
import type { InstanceView, SyncView } from './api/instances.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** What the view of an instance is made from. */
export interface ViewParts {
  readonly registry: InstanceRegistry;
  readonly store: StoreReader;
  readonly removing: Pick<Removing, 'waiting'>;
  readonly clock: Clock;
}

export const instanceView = (parts: ViewParts, instance: ServiceInstance): InstanceView => {
  const { registry, store, clock } = parts;
  const { id, name, upstreamId, createdAt } = instance;
  const { kind: upstream, settings } = registry.upstream(upstreamId);
  const clients = registry.clients().filter(({ instanceId }) => instanceId === id).length;
  const byState = [...store.objects.countByState(id, Math.floor(clock.now() / 1000))];
  const known = {
    id,
    name,
    ...lifeView(parts, instance),
    upstream,
    settings,
    createdAt: iso(createdAt),
    clients,
    keys: store.objects.count(id),
    keysByState: byState.map(([state, keys]) => ({ state: stateName(state), keys })),
  };
  const authority = registry.startedAuthority(upstreamId);
  if (!authority) {
    const lease = {
      term: instance.lease,
      remaining: 0,
      provenAt: iso(store.upstreams.lease(upstreamId)?.provenAt ?? 0),
    };
    const rootKey = { state: 'unknown' };
    return {
      ...known,
      started: false,
      upstreamState: 'unreachable',
      problem: lifeOf(instance) === 'erasing' ? 'it is being removed' : 'not started: see the log',
      rootKey,
      lease,
      serving: false,
      alarms: [],
    };
  }
  const { upstream: health, rootKey, lease, serving, alarms, sync } = authority.status();
  return {
    ...known,
    started: true,
    upstreamState: health.reachable ? 'reachable' : 'unreachable',
    ...(health.problem === undefined ? {} : { problem: health.problem }),
    rootKey,
    lease: { ...lease, provenAt: iso(lease.provenAt) },
    serving: serving && lifeOf(instance) === 'active',
    alarms,
    ...(sync && { sync: syncView(sync) }),
  };
};

const lifeView = (
  { removing, clock }: ViewParts,
  instance: ServiceInstance,
): Pick<InstanceView, 'life' | 'removal'> => {
  const life = lifeOf(instance);
  const removal = removing.waiting(instance);
  if (!removal) return { life };
  const { requestedAt, requestedBy, wait } = removal;
  const remaining = remainingOf(removal);
  const until = iso(clock.now() + remaining);
  return { life, removal: { requestedAt: iso(requestedAt), requestedBy, wait, remaining, until } };
};

/** How far the comparison with an endpoint is. */
export const syncView = ({ endedAt, ...state }: SyncState): SyncView => ({
  ...state,
  ...(endedAt === undefined ? {} : { endedAt: iso(endedAt) }),
});
