// Service instances in SQLite.

import type { Database } from 'better-sqlite3';
import { EdgeError } from '../../errors.ts';
import type { InstanceWriter, ServiceInstance } from '../../keys/instance-ports.ts';
import type { Removal } from '../../keys/removal-ports.ts';
import { createClients, orTaken } from './clients.ts';

interface InstanceRow {
  readonly id: string;
  readonly name: string;
  readonly upstream_id: string;
  readonly lease: number | null;
  readonly created_at: number;
}

interface StoredRow extends InstanceRow {
  readonly suspended_at: number | null;
  /** All null where no removal was asked for. */
  readonly removal_id: string | null;
  readonly requested_at: number | null;
  readonly requested_by: string | null;
  readonly wait: number | null;
  readonly waited: number | null;
  readonly erasing: number | null;
}

const fromRow = (row: StoredRow): ServiceInstance => ({
  id: row.id,
  name: row.name,
  upstreamId: row.upstream_id,
  lease: row.lease ?? 'unlimited',
  createdAt: row.created_at,
  ...(row.suspended_at === null ? {} : { suspendedAt: row.suspended_at }),
  ...removalOf(row),
});

const removalOf = (row: StoredRow): { readonly removal?: Removal } => {
  const { removal_id: id, requested_at: requestedAt, requested_by: requestedBy, wait, waited, erasing } = row;
  if (id === null || requestedAt === null || requestedBy === null || wait === null || waited === null) return {};
  return { removal: { id, requestedAt, requestedBy, wait, waited, erasing: erasing === 1 } };
};

const term = (lease: ServiceInstance['lease']): number | null => (lease === 'unlimited' ? null : lease);

/** The instance tables behind prepared statements. */
export const createInstances = (database: Database): InstanceWriter => {
  const all = database.prepare<[], StoredRow>(
    `SELECT service_instance.*, removal.id AS removal_id, requested_at, requested_by, wait, waited, erasing
     FROM service_instance LEFT JOIN removal ON removal.instance_id = service_instance.id
     ORDER BY created_at, name`,
  );
  const insert = database.prepare<[InstanceRow]>(
    `INSERT INTO service_instance (id, name, upstream_id, lease, created_at)
     VALUES (@id, @name, @upstream_id, @lease, @created_at)`,
  );
  const setUpstream = database.prepare<[string, string]>('UPDATE service_instance SET upstream_id = ? WHERE id = ?');
  const rename = database.prepare<[string, string]>('UPDATE service_instance SET name = ? WHERE id = ?');
  const setLease = database.prepare<[number | null, string]>('UPDATE service_instance SET lease = ? WHERE id = ?');
  const suspend = database.prepare<[number | null, string]>(
    'UPDATE service_instance SET suspended_at = ? WHERE id = ?',
  );
  const putRemoval = database.prepare<[string, string, number, string, number, number, number]>(
    `INSERT INTO removal (id, instance_id, requested_at, requested_by, wait, waited, erasing) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (instance_id) DO UPDATE SET waited = excluded.waited, erasing = excluded.erasing`,
  );
  const deleteRemoval = database.prepare<[string]>('DELETE FROM removal WHERE instance_id = ?');
  const deleteCounts = database.prepare<[string]>('DELETE FROM key_count WHERE instance_id = ?');
  const deleteInstance = database.prepare<[string]>('DELETE FROM service_instance WHERE id = ?');
  return {
    instances: () => all.all().map(fromRow),
    insertInstance({ id, name, upstreamId, lease, createdAt }) {
      const row = { id, name, upstream_id: upstreamId, lease: term(lease), created_at: createdAt };
      orTaken(() => insert.run(row), nameTaken(name));
    },
    rename: (instanceId, name) => orTaken(() => rename.run(name, instanceId), nameTaken(name)),
    setLease: (instanceId, lease) => void setLease.run(term(lease), instanceId),
    setSuspended: (instanceId, since) => void suspend.run(since ?? null, instanceId),
    putRemoval(instanceId, { id, requestedAt, requestedBy, wait, waited, erasing }) {
      putRemoval.run(id, instanceId, requestedAt, requestedBy, wait, waited, erasing ? 1 : 0);
    },
    deleteRemoval: (instanceId) => void deleteRemoval.run(instanceId),
    deleteInstance(instanceId) {
      deleteInstance.run(instanceId);
      deleteCounts.run(instanceId);
    },
    setUpstream: (instanceId, upstreamId) => void setUpstream.run(upstreamId, instanceId),
    ...createClients(database),
  };
};

const nameTaken = (name: string) => (): EdgeError =>
  new EdgeError('already-exists', `a service instance named '${name}' exists`, { hint: 'choose another name' });
