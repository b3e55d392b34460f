// Service instances and keys as the management API shows them: dates as text, never a secret.

import type { Clock } from '../clock.ts';
import { lifeOf, remainingOf } from '../instances/life.ts';
import type { InstanceRegistry } from '../instances/registry.ts';
import type { SyncState } from '../keys/authority.ts';
import type { ServiceInstance, StoreReader } from '../keys/ports.ts';
import { describeObject } from '../keys/summary.ts';
import type { InstanceView, SyncView } from './api/instances.ts';
import type { KeyView } from './api/keys.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

export const instanceView = (
  instance: ServiceInstance,
  registry: InstanceRegistry,
  store: StoreReader,
): InstanceView => {
  const { id, name, upstreamId, createdAt } = instance;
  const { kind: upstream, settings } = registry.upstream(upstreamId);
  const clients = registry.clients().filter(({ instanceId }) => instanceId === id).length;
  const known = {
    id,
    name,
    ...lifeView(instance),
    upstream,
    settings,
    createdAt: iso(createdAt),
    clients,
    keys: store.objects.count(id),
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
      problem: 'not started: see the log',
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

const lifeView = (instance: ServiceInstance): Pick<InstanceView, 'life' | 'removal'> => {
  const { removal } = instance;
  if (!removal) return { life: lifeOf(instance) };
  const { requestedAt, requestedBy, wait } = removal;
  const remaining = remainingOf(removal);
  return {
    life: lifeOf(instance),
    removal: { requestedAt: iso(requestedAt), requestedBy, wait, remaining },
  };
};

/** How far the comparison with an endpoint is. */
export const syncView = ({ endedAt, ...state }: SyncState): SyncView => ({
  ...state,
  ...(endedAt === undefined ? {} : { endedAt: iso(endedAt) }),
});

/** Keys of one instance or of all, oldest first, at most `limit` in all. */
export const keyViews = (
  registry: InstanceRegistry,
  store: StoreReader,
  clock: Clock,
  instanceName: string | undefined,
  limit: number,
): { readonly keys: readonly KeyView[]; readonly total: number } => {
  const chosen = instanceName === undefined ? registry.instances() : [registry.instanceNamed(instanceName)];
  const now = Math.floor(clock.now() / 1000);
  const keys: KeyView[] = [];
  for (const { id, name: instance } of chosen) {
    const listed = [];
    for (const object of store.objects.search({ instanceId: id, attributes: [] })) {
      if (keys.length + listed.length >= limit) break;
      listed.push(object);
    }
    for (const object of listed) {
      const summary = describeObject(object, store.objects.attributesOf(object.uid), now);
      keys.push({ ...summary, instance, initialDate: iso(object.initialDate * 1000) });
    }
  }
  return { keys, total: chosen.reduce((sum, { id }) => sum + store.objects.count(id), 0) };
};
