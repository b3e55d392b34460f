// The move of an instance's keys to another upstream in SQLite: how far it is, what could not be moved, and the forms
// that the upstream before held.

import type { Database } from 'better-sqlite3';
import type { Move, MoveWriter, NotMoved } from '../../keys/move-ports.ts';
import { createMaterial } from './material.ts';

interface MoveRow {
  readonly instance_id: string;
  readonly from_upstream: string;
  readonly to_upstream: string;
  readonly state: Move['state'];
  readonly started_at: number;
  readonly ended_at: number | null;
}

const fromRow = (row: MoveRow): Move => ({
  instanceId: row.instance_id,
  from: row.from_upstream,
  to: row.to_upstream,
  state: row.state,
  startedAt: row.started_at,
  ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
});

/** The tables of moves behind prepared statements. */
export const createMoves = (database: Database): MoveWriter => {
  const material = createMaterial(database);
  const all = database.prepare<[], MoveRow>('SELECT * FROM move ORDER BY started_at');
  const put = database.prepare<[MoveRow]>(
    `INSERT INTO move (instance_id, from_upstream, to_upstream, state, started_at, ended_at)
     VALUES (@instance_id, @from_upstream, @to_upstream, @state, @started_at, @ended_at)
     ON CONFLICT (instance_id) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at`,
  );
  const remove = database.prepare<[string]>('DELETE FROM move WHERE instance_id = ?');
  const notMoved = database.prepare<[string], NotMoved>(
    'SELECT uid, problem FROM not_moved WHERE instance_id = ? ORDER BY uid',
  );
  const putNotMoved = database.prepare<[string, string, string]>(
    `INSERT INTO not_moved (instance_id, uid, problem) VALUES (?, ?, ?)
     ON CONFLICT (instance_id, uid) DO UPDATE SET problem = excluded.problem`,
  );
  const clearNotMoved = database.prepare<[string]>('DELETE FROM not_moved WHERE instance_id = ?');
  const count = database
    .prepare<[string], number>(
      'SELECT count(*) FROM former JOIN object ON object.id = former.object_id WHERE object.instance_id = ?',
    )
    .pluck();
  const keep = database.prepare<[string]>(
    `INSERT INTO former (object_id, wrapped_version, material_id)
     SELECT id, wrapped_version, material_id FROM object WHERE uid = ? AND material_id IS NOT NULL
     ON CONFLICT (object_id) DO NOTHING`,
  );
  const letGo = database.prepare<[string]>(
    'UPDATE object SET material_id = NULL WHERE uid = ? AND id IN (SELECT object_id FROM former)',
  );
  const materialsOf = database
    .prepare<[string], number>(
      `SELECT former.material_id FROM former JOIN object ON object.id = former.object_id
       WHERE object.instance_id = ?`,
    )
    .pluck();
  const drop = database.prepare<[string]>(
    'DELETE FROM former WHERE object_id IN (SELECT id FROM object WHERE instance_id = ?)',
  );
  return {
    moves: () => all.all().map(fromRow),
    notMoved: (instanceId) => notMoved.all(instanceId),
    formerForms: (instanceId) => count.get(instanceId) ?? 0,
    putMove({ instanceId, from, to, state, startedAt, endedAt }) {
      put.run({
        instance_id: instanceId,
        from_upstream: from,
        to_upstream: to,
        state,
        started_at: startedAt,
        ended_at: endedAt ?? null,
      });
    },
    deleteMove(instanceId) {
      clearNotMoved.run(instanceId);
      remove.run(instanceId);
    },
    putNotMoved: (instanceId, { uid, problem }) => void putNotMoved.run(instanceId, uid, problem),
    clearNotMoved: (instanceId) => void clearNotMoved.run(instanceId),
    keepFormer(uid) {
      if (keep.run(uid).changes > 0) letGo.run(uid);
    },
    eraseFormer(instanceId) {
      for (const id of materialsOf.all(instanceId)) material.erase(id);
      drop.run(instanceId);
    },
  };
};
