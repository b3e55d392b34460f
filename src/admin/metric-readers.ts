// The metrics that are read from the appliance's parts when somebody asks: instances, what is kept, certificates, alarms.

import { statfsSync, statSync } from 'node:fs';
import type { Audit } from '../audit/audit.ts';
import type { BackupSchedule } from '../backup/schedule.ts';
import type { Clock } from '../clock.ts';
import { lifeOf } from '../instances/life.ts';
import type { InstanceRegistry } from '../instances/registry.ts';
import type { KeyCache } from '../keys/cache-ports.ts';
import type { Store } from '../keys/ports.ts';
import { rootKeyStates } from '../keys/root-key-ports.ts';
import { objectStates, stateName } from '../keys/summary.ts';
import type { CallMeter } from '../telemetry/call-meter.ts';
import { meterReaders } from '../telemetry/kmip-readers.ts';
import { type MetricReaders, only } from '../telemetry/metrics.ts';
import { processReaders } from '../telemetry/process-readers.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { type EndingParts, knownCertificates } from './certificate-endings.ts';

export interface MetricParts {
  readonly telemetry: Telemetry;
  readonly calls: { readonly upstreams: CallMeter; readonly management: CallMeter };
  readonly registry: InstanceRegistry;
  readonly store: Store;
  readonly cache: KeyCache;
  readonly maximumKeys: number;
  readonly listener: { readonly connections: number };
  readonly endings: EndingParts;
  readonly audit: Pick<Audit, 'trail' | 'forwarder'>;
  readonly backups: { readonly schedule: Pick<BackupSchedule, 'state'> };
  readonly clock: Clock;
  readonly version: string;
  readonly dataDirectory: string;
  /** Path of the database's file. */
  readonly database: string;
}

/** A reader for each metric. */
export const metricReaders = (parts: MetricParts): MetricReaders => ({
  ...meterReaders(parts.telemetry.meter, parts.calls.upstreams, parts.calls.management),
  ...processReaders(),
  ...instanceReaders(parts),
  ...storageReaders(parts),
  ...auditReaders(parts),
  ...backupReaders(parts),
  kmip_edge_connections: () => only(parts.listener.connections),
  kmip_edge_certificate_days_left: certificateReader(parts),
  kmip_edge_alarms: () => alarmCounts(parts.telemetry),
  kmip_edge_build_info: () => [{ labels: { version: parts.version, node: process.versions.node }, value: 1 }],
});

const instanceReaders = ({ registry, store, clock }: MetricParts) => {
  const all = () => registry.instances();
  const flag = (value: boolean): number => (value ? 1 : 0);
  const statusOf = (upstreamId: string) => registry.startedAuthority(upstreamId)?.status();
  return {
    kmip_edge_upstream_reachable: () =>
      all().map(({ name: service_instance, upstreamId }) => ({
        labels: { service_instance },
        value: flag(statusOf(upstreamId)?.upstream.reachable ?? false),
      })),
    kmip_edge_lease_remaining_seconds: () =>
      all().map(({ name: service_instance, upstreamId }) => {
        const remaining = statusOf(upstreamId)?.lease.remaining ?? 0;
        const value = remaining === 'unlimited' ? Number.POSITIVE_INFINITY : remaining / 1000;
        return { labels: { service_instance }, value };
      }),
    kmip_edge_instance_serving: () =>
      all().map((instance) => {
        const serving = statusOf(instance.upstreamId)?.serving ?? false;
        return { labels: { service_instance: instance.name }, value: flag(serving && lifeOf(instance) === 'active') };
      }),
    kmip_edge_instance_suspended: () =>
      all().map((instance) => ({
        labels: { service_instance: instance.name },
        value: flag(lifeOf(instance) !== 'active'),
      })),
    kmip_edge_root_key_state: () =>
      all().flatMap(({ name: service_instance, upstreamId }) => {
        const known = statusOf(upstreamId)?.rootKey.state ?? 'unknown';
        const states = [...rootKeyStates, 'unknown'] as const;
        return states.map((state) => ({ labels: { service_instance, state }, value: flag(state === known) }));
      }),
    kmip_edge_keys: () =>
      all().flatMap(({ id, name: service_instance }) => {
        const counts = store.objects.countByState(id, Math.floor(clock.now() / 1000));
        return objectStates.map((state) => ({
          labels: { service_instance, state: stateName(state) },
          value: counts.get(state) ?? 0,
        }));
      }),
    kmip_edge_clients: () => {
      const clients = registry.clients();
      return all().map(({ id, name: service_instance }) => ({
        labels: { service_instance },
        value: clients.filter(({ instanceId }) => instanceId === id).length,
      }));
    },
  } as const satisfies Partial<MetricReaders>;
};

const auditReaders = ({ audit, store }: MetricParts) =>
  ({
    kmip_edge_audit_records_total: () => only(audit.trail.last),
    kmip_edge_audit_waiting_records: () => only(audit.trail.waiting),
    kmip_edge_audit_stored: () => only(audit.trail.alarms().length === 0 ? 1 : 0),
    kmip_edge_audit_forward_behind_records: () => (audit.forwarder ? only(audit.forwarder.state.behind) : []),
    kmip_edge_audit_bytes: () => only(store.trail.size()),
  }) as const satisfies Partial<MetricReaders>;

const backupReaders = ({ backups: { schedule }, clock }: MetricParts) =>
  ({
    kmip_edge_backup_age_seconds() {
      const { lastSuccess } = schedule.state;
      return lastSuccess === undefined ? [] : only((clock.now() - lastSuccess.endedAt) / 1000);
    },
    kmip_edge_backup_failed: () => only(schedule.state.lastRun?.problem === undefined ? 0 : 1),
  }) as const satisfies Partial<MetricReaders>;

const storageReaders = ({ store, cache, maximumKeys, dataDirectory, database }: MetricParts) =>
  ({
    kmip_edge_cache_keys: () => only(cache.size),
    kmip_edge_cache_maximum_keys: () => only(maximumKeys),
    kmip_edge_store_writable: () => only(store.unstored() === undefined ? 1 : 0),
    kmip_edge_database_bytes: () =>
      (['database', 'log'] as const).map((file) => ({
        labels: { file },
        value: statSync(file === 'database' ? database : `${database}-wal`, { throwIfNoEntry: false })?.size ?? 0,
      })),
    kmip_edge_disk_free_bytes() {
      const { bavail, bsize } = statfsSync(dataDirectory);
      return only(bavail * bsize);
    },
    kmip_edge_disk_size_bytes() {
      const { blocks, bsize } = statfsSync(dataDirectory);
      return only(blocks * bsize);
    },
    kmip_edge_seal_slots() {
      const kinds = store.slots.slots().map(({ kind }) => kind);
      return [...new Set(kinds)].map((kind) => ({
        labels: { kind },
        value: kinds.filter((one) => one === kind).length,
      }));
    },
  }) as const satisfies Partial<MetricReaders>;

const day = 86_400_000;

/** Of several under one name the first to end. */
const certificateReader =
  ({ endings, clock }: MetricParts) =>
  () => {
    const first = new Map<
      string,
      { readonly labels: Record<'certificate' | 'service_instance' | 'name', string>; value: number }
    >();
    for (const { kind, instance, name, certificate } of knownCertificates(endings)) {
      const key = JSON.stringify([kind, instance, name]);
      const value = Math.floor(((certificate.notAfter - clock.now()) / day) * 100) / 100;
      const known = first.get(key);
      if (!known || value < known.value)
        first.set(key, { labels: { certificate: kind, service_instance: instance, name }, value });
    }
    return [...first.values()];
  };

const alarmCounts = (telemetry: Telemetry) => {
  const counts = new Map<string, { readonly labels: { severity: string; name: string }; value: number }>();
  for (const { severity, name } of telemetry.alarms()) {
    const key = `${severity} ${name}`;
    const count = counts.get(key) ?? { labels: { severity, name }, value: 0 };
    count.value += 1;
    counts.set(key, count);
  }
  return [...counts.values()];
};
