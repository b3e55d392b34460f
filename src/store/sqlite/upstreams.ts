// Upstreams, what was last heard from each, and the creates that are under way there, in SQLite.

import type { Database } from 'better-sqlite3';
import type { PendingCreate, Upstream, UpstreamWriter } from '../../keys/instance-ports.ts';
import type { LeaseRecord } from '../../keys/root-key-ports.ts';

interface UpstreamRow {
  readonly id: string;
  readonly instance_id: string;
  readonly kind: string;
  readonly settings: string;
  readonly created_at: number;
}

interface LeaseRow {
  readonly proven_at: number;
  readonly high_water: number;
  readonly root_key: string;
}

const fromRow = (row: UpstreamRow): Upstream => ({
  id: row.id,
  instanceId: row.instance_id,
  kind: row.kind,
  settings: JSON.parse(row.settings) as Upstream['settings'],
  createdAt: row.created_at,
});

/** The upstream tables behind prepared statements. */
export const createUpstreams = (database: Database): UpstreamWriter => {
  const all = database.prepare<[], UpstreamRow>('SELECT * FROM upstream ORDER BY created_at, id');
  const put = database.prepare<[UpstreamRow]>(
    `INSERT INTO upstream (id, instance_id, kind, settings, created_at)
     VALUES (@id, @instance_id, @kind, @settings, @created_at)
     ON CONFLICT (id) DO UPDATE SET settings = excluded.settings`,
  );
  const remove = database.prepare<[string]>('DELETE FROM upstream WHERE id = ?');
  const lease = database.prepare<[string], LeaseRow>(
    'SELECT proven_at, high_water, root_key FROM upstream_lease WHERE upstream_id = ?',
  );
  const saveLease = database.prepare<[string, number, number, string]>(
    `INSERT INTO upstream_lease (upstream_id, proven_at, high_water, root_key) VALUES (?, ?, ?, ?)
     ON CONFLICT (upstream_id) DO UPDATE SET
       proven_at = excluded.proven_at, high_water = excluded.high_water, root_key = excluded.root_key`,
  );
  const pending = database.prepare<[string], PendingCreate>(
    'SELECT marker, upstream_id AS upstreamId, sent_at AS sentAt FROM pending_create WHERE upstream_id = ?',
  );
  const addPending = database.prepare<[PendingCreate]>(
    'INSERT INTO pending_create (marker, upstream_id, sent_at) VALUES (@marker, @upstreamId, @sentAt)',
  );
  const removePending = database.prepare<[string]>('DELETE FROM pending_create WHERE marker = ?');
  return {
    upstreams: () => all.all().map(fromRow),
    lease(upstreamId) {
      const row = lease.get(upstreamId);
      if (!row) return undefined;
      const rootKey = JSON.parse(row.root_key) as LeaseRecord['rootKey'];
      return { provenAt: row.proven_at, highWater: row.high_water, rootKey };
    },
    pendingCreates: (upstreamId) => pending.all(upstreamId),
    putUpstream({ id, instanceId, kind, settings, createdAt }) {
      put.run({ id, instance_id: instanceId, kind, settings: JSON.stringify(settings), created_at: createdAt });
    },
    deleteUpstream: (id) => void remove.run(id),
    saveLease(upstreamId, { provenAt, highWater, rootKey }) {
      saveLease.run(upstreamId, provenAt, highWater, JSON.stringify(rootKey));
    },
    addPendingCreate: (create) => void addPending.run(create),
    deletePendingCreate: (marker) => void removePending.run(marker),
  };
};
