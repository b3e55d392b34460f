// Service instances and their clients in SQLite.

import Sqlite, { type Database } from 'better-sqlite3';
import { EdgeError } from '../../errors.ts';
import type { Client, InstanceWriter, ServiceInstance } from '../../keys/ports.ts';

interface InstanceRow {
  readonly id: string;
  readonly name: string;
  readonly upstream_id: string;
  readonly lease: number | null;
  readonly created_at: number;
}

const fromRow = (row: InstanceRow): ServiceInstance => ({
  id: row.id,
  name: row.name,
  upstreamId: row.upstream_id,
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
    `INSERT INTO service_instance (id, name, upstream_id, lease, created_at)
     VALUES (@id, @name, @upstream_id, @lease, @created_at)`,
  );
  const setUpstream = database.prepare<[string, string]>('UPDATE service_instance SET upstream_id = ? WHERE id = ?');
  const clients = database.prepare<[], Client>(
    `SELECT id, instance_id AS instanceId, name, fingerprint, certificate AS certificatePem, added_at AS addedAt
     FROM client ORDER BY added_at, name`,
  );
  const insertClient = database.prepare<[Client]>(
    `INSERT INTO client (id, instance_id, name, fingerprint, certificate, added_at)
     VALUES (@id, @instanceId, @name, @fingerprint, @certificatePem, @addedAt)`,
  );
  const deleteClient = database.prepare<[string]>('DELETE FROM client WHERE id = ?');
  return {
    instances: () => all.all().map(fromRow),
    clients: () => clients.all(),
    insertInstance({ id, name, upstreamId, lease, createdAt }) {
      const term = lease === 'unlimited' ? null : lease;
      orTaken(
        () => insert.run({ id, name, upstream_id: upstreamId, lease: term, created_at: createdAt }),
        () =>
          new EdgeError('already-exists', `a service instance named '${name}' exists`, { hint: 'choose another name' }),
      );
    },
    setUpstream: (instanceId, upstreamId) => void setUpstream.run(upstreamId, instanceId),
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
  };
};
