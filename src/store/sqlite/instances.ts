// Service instances, their clients and their leases in SQLite.

import Sqlite, { type Database } from 'better-sqlite3';
import { EdgeError } from '../../errors.ts';
import type { Client, InstanceWriter, LeaseRecord, ServiceInstance } from '../../keys/ports.ts';

interface InstanceRow {
  readonly id: string;
  readonly name: string;
  readonly upstream: string;
  readonly settings: string;
  readonly lease: number | null;
  readonly created_at: number;
}

interface LeaseRow {
  readonly proven_at: number;
  readonly high_water: number;
  readonly root_key: string;
}

const fromRow = (row: InstanceRow): ServiceInstance => ({
  id: row.id,
  name: row.name,
  upstream: row.upstream,
  settings: JSON.parse(row.settings) as ServiceInstance['settings'],
  lease: row.lease ?? 'unlimited',
  createdAt: row.created_at,
});

/** A UNIQUE constraint as the answer that it is. */
const orTaken = (act: () => void, taken: () => EdgeError): void => {
  try {
    act();
  } catch (error) {
    throw error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT_UNIQUE') ? taken() : error;
  }
};

/** The instance tables behind prepared statements. */
export const createInstances = (database: Database): InstanceWriter => {
  const all = database.prepare<[], InstanceRow>('SELECT * FROM service_instance ORDER BY created_at, name');
  const insert = database.prepare<[InstanceRow]>(
    `INSERT INTO service_instance (id, name, upstream, settings, lease, created_at)
     VALUES (@id, @name, @upstream, @settings, @lease, @created_at)`,
  );
  const clients = database.prepare<[], Client>(
    `SELECT id, instance_id AS instanceId, name, fingerprint, certificate AS certificatePem, added_at AS addedAt
     FROM client ORDER BY added_at, name`,
  );
  const insertClient = database.prepare<[Client]>(
    `INSERT INTO client (id, instance_id, name, fingerprint, certificate, added_at)
     VALUES (@id, @instanceId, @name, @fingerprint, @certificatePem, @addedAt)`,
  );
  const deleteClient = database.prepare<[string]>('DELETE FROM client WHERE id = ?');
  const lease = database.prepare<[string], LeaseRow>(
    'SELECT proven_at, high_water, root_key FROM lease WHERE instance_id = ?',
  );
  const saveLease = database.prepare<[string, number, number, string]>(
    `INSERT INTO lease (instance_id, proven_at, high_water, root_key) VALUES (?, ?, ?, ?)
     ON CONFLICT (instance_id) DO UPDATE SET
       proven_at = excluded.proven_at, high_water = excluded.high_water, root_key = excluded.root_key`,
  );
  return {
    instances: () => all.all().map(fromRow),
    clients: () => clients.all(),
    lease(instanceId) {
      const row = lease.get(instanceId);
      if (!row) return undefined;
      const rootKey = JSON.parse(row.root_key) as LeaseRecord['rootKey'];
      return { provenAt: row.proven_at, highWater: row.high_water, rootKey };
    },
    insertInstance(instance) {
      const { id, name, upstream, settings, createdAt } = instance;
      const term = instance.lease === 'unlimited' ? null : instance.lease;
      const row = { id, name, upstream, settings: JSON.stringify(settings), lease: term, created_at: createdAt };
      orTaken(
        () => insert.run(row),
        () =>
          new EdgeError('already-exists', `a service instance named '${name}' exists`, { hint: 'choose another name' }),
      );
    },
    insertClient(client) {
      orTaken(
        () => insertClient.run(client),
        () =>
          new EdgeError('already-exists', `client '${client.name}' or its certificate is already registered`, {
            hint: "a certificate belongs to one client only: see 'kmip-edge client list'",
          }),
      );
    },
    deleteClient: (id) => deleteClient.run(id).changes > 0,
    saveLease(instanceId, { provenAt, highWater, rootKey }) {
      saveLease.run(instanceId, provenAt, highWater, JSON.stringify(rootKey));
    },
  };
};
