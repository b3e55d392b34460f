// Who used which key when, and when each client was last seen, in SQLite.

import type { Database } from 'better-sqlite3';
import type { ClientUse, KeyUse, UseWriter } from '../../keys/use-ports.ts';

/** The tables of use behind prepared statements. */
export const createUses = (database: Database): UseWriter => {
  const since = database.prepare<[], number>('SELECT min(at) FROM use_since').pluck();
  const key = database.prepare<[string], KeyUse>(
    `SELECT fetched_at AS fetchedAt, client FROM key_use
     WHERE object_id = (SELECT id FROM object WHERE uid = ?)`,
  );
  const client = database.prepare<[string], ClientUse>(
    'SELECT seen_at AS seenAt, address FROM client_use WHERE client_id = ?',
  );
  const page = database.prepare<[number, number], KeyUse & { readonly number: number; readonly instanceId: string }>(
    `SELECT object_id AS number, instance_id AS instanceId, fetched_at AS fetchedAt, client
     FROM key_use WHERE object_id > ? ORDER BY object_id LIMIT ?`,
  );
  const uid = database.prepare<[number], string>('SELECT uid FROM object WHERE id = ?').pluck();
  const putKey = database.prepare<[number, string, string]>(
    `INSERT INTO key_use (object_id, instance_id, fetched_at, client)
     SELECT id, instance_id, ?, ? FROM object WHERE uid = ?
     ON CONFLICT (object_id) DO UPDATE SET fetched_at = excluded.fetched_at, client = excluded.client`,
  );
  const putClient = database.prepare<[number, string, string]>(
    `INSERT INTO client_use (client_id, seen_at, address) SELECT id, ?, ? FROM client WHERE id = ?
     ON CONFLICT (client_id) DO UPDATE SET seen_at = excluded.seen_at, address = excluded.address`,
  );
  return {
    since: () => since.get() ?? 0,
    key: (uid) => key.get(uid),
    client: (clientId) => client.get(clientId),
    page: (after, limit) => page.all(after, limit),
    uid: (number) => uid.get(number),
    putKey: (uid, use) => void putKey.run(use.fetchedAt, use.client, uid),
    putClient: (clientId, use) => void putClient.run(use.seenAt, use.address, clientId),
  };
};
