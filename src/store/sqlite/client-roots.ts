// Authorities of others that may vouch for clients, and whom they vouched for, in SQLite.

import type { Database } from 'better-sqlite3';
import { EdgeError } from '../../errors.ts';
import type { ClientRoot, RootWriter, SeenClient } from '../../keys/root-ports.ts';
import { orTaken } from './clients.ts';

interface RootRow {
  readonly id: string;
  readonly instance_id: string;
  readonly name: string;
  readonly certificate: string;
  readonly intermediates: string;
  readonly subjects: string;
  readonly key_fingerprints: string;
  readonly added_at: number;
}

const fromRow = (row: RootRow): ClientRoot => ({
  id: row.id,
  instanceId: row.instance_id,
  name: row.name,
  certificatePem: row.certificate,
  intermediatesPem: row.intermediates,
  subjects: JSON.parse(row.subjects) as ClientRoot['subjects'],
  keyFingerprints: JSON.parse(row.key_fingerprints) as ClientRoot['keyFingerprints'],
  addedAt: row.added_at,
});

const toRow = (root: ClientRoot): RootRow => ({
  id: root.id,
  instance_id: root.instanceId,
  name: root.name,
  certificate: root.certificatePem,
  intermediates: root.intermediatesPem,
  subjects: JSON.stringify(root.subjects),
  key_fingerprints: JSON.stringify(root.keyFingerprints),
  added_at: root.addedAt,
});

/** The tables of roots behind prepared statements. */
export const createRoots = (database: Database): RootWriter => {
  const all = database.prepare<[], RootRow>('SELECT * FROM client_root ORDER BY added_at, id');
  const insert = database.prepare<[RootRow]>(
    `INSERT INTO client_root (id, instance_id, name, certificate, intermediates, subjects, key_fingerprints, added_at)
     VALUES (@id, @instance_id, @name, @certificate, @intermediates, @subjects, @key_fingerprints, @added_at)`,
  );
  const update = database.prepare<[RootRow]>(
    `UPDATE client_root SET intermediates = @intermediates, subjects = @subjects, key_fingerprints = @key_fingerprints
     WHERE id = @id`,
  );
  const remove = database.prepare<[string]>('DELETE FROM client_root WHERE id = ?');
  const seen = database.prepare<[string], SeenClient>(
    `SELECT root_id AS rootId, fingerprint, certificate AS certificatePem, address, first_seen AS firstSeen,
       last_seen AS lastSeen FROM seen_client WHERE root_id = ? ORDER BY last_seen DESC, fingerprint`,
  );
  // A root that was removed meanwhile has seen nobody.
  const putSeen = database.prepare<[SeenClient]>(
    `INSERT INTO seen_client (root_id, fingerprint, certificate, address, first_seen, last_seen)
     SELECT @rootId, @fingerprint, @certificatePem, @address, @firstSeen, @lastSeen
     WHERE EXISTS (SELECT 1 FROM client_root WHERE id = @rootId)
     ON CONFLICT (root_id, fingerprint) DO UPDATE SET address = excluded.address, last_seen = excluded.last_seen`,
  );
  const trim = database.prepare<[string, string, number]>(
    `DELETE FROM seen_client WHERE root_id = ? AND fingerprint NOT IN
       (SELECT fingerprint FROM seen_client WHERE root_id = ? ORDER BY last_seen DESC, fingerprint LIMIT ?)`,
  );
  return {
    roots: () => all.all().map(fromRow),
    seen: (rootId) => seen.all(rootId),
    insertRoot(root) {
      orTaken(
        () => insert.run(toRow(root)),
        () => new EdgeError('already-exists', `a root named '${root.name}' exists`, { hint: 'choose another name' }),
      );
    },
    updateRoot(root) {
      if (update.run(toRow(root)).changes > 0) return;
      throw new EdgeError('item-not-found', `root '${root.name}' is not there any more`);
    },
    deleteRoot: (id) => void remove.run(id),
    putSeen(client, most) {
      putSeen.run(client);
      trim.run(client.rootId, client.rootId, most);
    },
  };
};
