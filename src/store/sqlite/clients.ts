// The clients of service instances and their certificates in SQLite.

import Sqlite, { type Database } from 'better-sqlite3';
import { EdgeError } from '../../errors.ts';
import type { Client, InstanceWriter } from '../../keys/instance-ports.ts';

interface ClientRow {
  readonly id: string;
  readonly instance_id: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly certificate: string;
  readonly added_at: number;
  readonly origin: Client['origin'];
  /** Both null where there is no certificate before. */
  readonly former_fingerprint: string | null;
  readonly former_certificate: string | null;
}

const fromClientRow = (row: ClientRow): Client => {
  const { former_fingerprint: fingerprint, former_certificate: certificatePem } = row;
  return {
    id: row.id,
    instanceId: row.instance_id,
    name: row.name,
    fingerprint: row.fingerprint,
    certificatePem: row.certificate,
    origin: row.origin,
    addedAt: row.added_at,
    ...(fingerprint === null || certificatePem === null ? {} : { former: { fingerprint, certificatePem } }),
  };
};

const toClientRow = (client: Client): ClientRow => ({
  id: client.id,
  instance_id: client.instanceId,
  name: client.name,
  fingerprint: client.fingerprint,
  certificate: client.certificatePem,
  added_at: client.addedAt,
  origin: client.origin,
  former_fingerprint: client.former?.fingerprint ?? null,
  former_certificate: client.former?.certificatePem ?? null,
});

/** A UNIQUE constraint as the answer that it is. */
export const orTaken = <T>(act: () => T, taken: () => EdgeError): T => {
  try {
    return act();
  } catch (error) {
    throw error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT_UNIQUE') ? taken() : error;
  }
};

/** The client table behind prepared statements. */
export const createClients = (
  database: Database,
): Pick<InstanceWriter, 'clients' | 'insertClient' | 'updateClient' | 'deleteClient'> => {
  const clients = database.prepare<[], ClientRow>('SELECT * FROM client ORDER BY added_at, name');
  const insertClient = database.prepare<[ClientRow]>(
    `INSERT INTO client (id, instance_id, name, fingerprint, certificate, added_at, origin, former_fingerprint, former_certificate)
     VALUES (@id, @instance_id, @name, @fingerprint, @certificate, @added_at, @origin, @former_fingerprint, @former_certificate)`,
  );
  const updateClient = database.prepare<[ClientRow]>(
    `UPDATE client SET fingerprint = @fingerprint, certificate = @certificate, origin = @origin,
       former_fingerprint = @former_fingerprint, former_certificate = @former_certificate WHERE id = @id`,
  );
  const sameCertificate = database.prepare<[ClientRow], number>(
    `SELECT 1 FROM client WHERE id <> @id
       AND (fingerprint IN (@fingerprint, @former_fingerprint) OR former_fingerprint IN (@fingerprint, @former_fingerprint))`,
  );
  /** How many rows it put. */
  const putClient = (statement: typeof insertClient, client: Client): number => {
    const row = toClientRow(client);
    const taken = () =>
      new EdgeError('already-exists', `client '${client.name}' or its certificate is already registered`, {
        hint: "a certificate belongs to one client only: see 'kmip-edge client list'",
      });
    if (sameCertificate.get(row)) throw taken();
    return orTaken(() => statement.run(row), taken).changes;
  };
  const deleteClient = database.prepare<[string]>('DELETE FROM client WHERE id = ?');
  return {
    clients: () => clients.all().map(fromClientRow),
    insertClient: (client) => void putClient(insertClient, client),
    updateClient(client) {
      if (putClient(updateClient, client) > 0) return;
      throw new EdgeError('item-not-found', `client '${client.name}' is not there any more`);
    },
    deleteClient: (id) => deleteClient.run(id).changes > 0,
  };
};
