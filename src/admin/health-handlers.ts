// The probes and the metrics. What stops every KMIP request makes the appliance not ready; trouble of one service instance
// does not, because the others would lose their way to it.

import { isIP } from 'node:net';
import { EdgeError } from '../errors.ts';
import { lifeOf } from '../instances/life.ts';
import type { InstanceRegistry } from '../instances/registry.ts';
import type { Store } from '../keys/ports.ts';
import { expose, mediaTypes } from '../telemetry/exposition.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Actor } from './actor.ts';
import type { NotReadyReason } from './api/health.ts';
import { roles } from './api/schema.ts';
import { type MetricParts, metricReaders } from './metric-readers.ts';
import type { Handlers } from './routes.ts';

export interface HealthParts {
  readonly registry: InstanceRegistry;
  readonly store: Store;
  readonly telemetry: Telemetry;
  /** False before the first and after the last moment at which KMIP connections are taken. */
  readonly listener: { readonly listening: boolean };
  readonly metricParts: Omit<MetricParts, 'registry' | 'store' | 'telemetry'>;
}

/** The handlers over running parts. */
export const healthHandlers = (
  parts: HealthParts,
): Pick<Handlers, 'health' | 'health.live' | 'health.ready' | 'metrics'> => {
  const readers = metricReaders({ ...parts, ...parts.metricParts });
  return {
    health: () => {
      requireReady(parts);
      const isWell = parts.telemetry.alarms().every(({ severity }) => severity === 'info');
      return { status: isWell ? 'ok' : 'warning' };
    },
    'health.live': () => ({ status: 'ok' }),
    'health.ready': () => {
      requireReady(parts);
      return { status: 'ok' };
    },
    metrics: (_input, actor, _visit, media) => {
      requireMetricsReader(actor);
      return expose(readers, media === mediaTypes.openMetrics ? 'openMetrics' : 'text');
    },
  };
};

/** What stops every KMIP request now. */
export const notReadyBecause = ({ registry, store, listener }: HealthParts): readonly NotReadyReason[] => {
  const reasons: NotReadyReason[] = [];
  if (!listener.listening) reasons.push('kmip');
  if (store.unstored() !== undefined) reasons.push('store');
  const active = registry.instances().filter((instance) => lifeOf(instance) === 'active');
  const serving = active.filter(({ upstreamId }) => registry.startedAuthority(upstreamId)?.status().serving ?? false);
  if (active.length > 0 && serving.length === 0) reasons.push('instances');
  return reasons;
};

const requireReady = (parts: HealthParts): void => {
  const reasons = notReadyBecause(parts);
  if (reasons.length > 0) throw new EdgeError('not-ready', `not ready: ${reasons.join(', ')}`);
};

/** Whoever is on the machine may read them without a token, as an agent there does. */
const requireMetricsReader = ({ kind, role, address }: Actor): void => {
  if (roles.indexOf(role) >= roles.indexOf('read-only')) return;
  if (kind === 'nobody' && isLoopback(address)) return;
  throw new EdgeError('not-authenticated', 'metrics need a token of role read-only', {
    hint: "make one with 'kmip-edge token create NAME --role read-only', and send it as: Authorization: Bearer kme_…",
  });
};

const isLoopback = (address: string): boolean => {
  const bare = address.replace(/^::ffff:/i, '');
  return bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
};
