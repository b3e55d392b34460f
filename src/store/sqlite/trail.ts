// The audit trail in SQLite: segments by their first sequence number, and the checkpoints over them.

import type { Database } from 'better-sqlite3';
import type { Checkpoint, Forwarded, Segment, TrailWriter } from '../../keys/audit-ports.ts';

interface SegmentRow extends Omit<Segment, 'encoding'> {
  readonly compressed: number;
}

const segmentColumns = `first, last, started_at AS startedAt, ended_at AS endedAt, previous, hash, compressed, body, sums, mac`;
const checkpointColumns = 'number, sequence, time, hash, signature';

const fromRow = ({ compressed, ...row }: SegmentRow): Segment => ({
  ...row,
  encoding: compressed === 0 ? 'plain' : 'zstd',
});

/** The tables behind prepared statements. */
export const createTrail = (database: Database): TrailWriter => {
  const after = database.prepare<[number], SegmentRow>(
    `SELECT ${segmentColumns} FROM audit_segment WHERE first > ? ORDER BY first LIMIT 1`,
  );
  const upTo = database.prepare<[number], SegmentRow>(
    `SELECT ${segmentColumns} FROM audit_segment WHERE first <= ? ORDER BY first DESC LIMIT 1`,
  );
  const append = database.prepare<[SegmentRow]>(
    `INSERT INTO audit_segment (first, last, started_at, ended_at, previous, hash, compressed, body, sums, mac)
     VALUES (@first, @last, @startedAt, @endedAt, @previous, @hash, @compressed, @body, @sums, @mac)`,
  );
  const drop = database.prepare<[{ readonly sequence: number; readonly limit: number }]>(
    `DELETE FROM audit_segment WHERE first IN
       (SELECT first FROM audit_segment WHERE first <= @sequence AND last <= @sequence ORDER BY first LIMIT @limit)`,
  );
  const checkpoints = database.prepare<[number, number], Checkpoint>(
    `SELECT ${checkpointColumns} FROM audit_checkpoint WHERE front = 0 AND number > ? ORDER BY number LIMIT ?`,
  );
  const lastCheckpoint = database.prepare<[], Checkpoint>(
    `SELECT ${checkpointColumns} FROM audit_checkpoint WHERE front = 0 ORDER BY number DESC LIMIT 1`,
  );
  const before = database.prepare<[number], Checkpoint>(
    `SELECT ${checkpointColumns} FROM audit_checkpoint WHERE front = 0 AND number <
       coalesce((SELECT min(number) FROM audit_checkpoint WHERE front = 0 AND time >= ?), 9223372036854775807)
     ORDER BY number DESC LIMIT 1`,
  );
  const from = database.prepare<[number], Checkpoint>(
    `SELECT ${checkpointColumns} FROM audit_checkpoint WHERE front = 0 AND number >
       coalesce((SELECT max(number) FROM audit_checkpoint WHERE front = 0 AND time < ?), -1)
     ORDER BY number LIMIT 1`,
  );
  const front = database.prepare<[], Checkpoint>(
    `SELECT ${checkpointColumns} FROM audit_checkpoint WHERE front = 1 ORDER BY number DESC LIMIT 1`,
  );
  const addCheckpoint = database.prepare<[Checkpoint & { readonly front: number }]>(
    `INSERT INTO audit_checkpoint (front, number, sequence, time, hash, signature)
     VALUES (@front, @number, @sequence, @time, @hash, @signature)`,
  );
  const dropCheckpoints = database.prepare<[number]>('DELETE FROM audit_checkpoint WHERE front = 1 OR number <= ?');
  // From what the last ones take: to look at all of them would take long.
  const size = database
    .prepare<[], number>(
      `SELECT cast(sum(length(body) + 300) * 1.0 / sum(last - first + 1)
         * (max(last) - (SELECT min(first) FROM audit_segment) + 1) AS INTEGER)
       FROM (SELECT first, last, body FROM audit_segment ORDER BY first DESC LIMIT 64)`,
    )
    .pluck();
  const forwarded = database.prepare<[], Forwarded>('SELECT sequence, checkpoint FROM audit_forwarded');
  const setForwarded = database.prepare<[Forwarded]>(
    `INSERT INTO audit_forwarded (one, sequence, checkpoint) VALUES (1, @sequence, @checkpoint)
     ON CONFLICT (one) DO UPDATE SET sequence = excluded.sequence, checkpoint = excluded.checkpoint`,
  );
  const found = (row: SegmentRow | undefined): Segment | undefined => row && fromRow(row);
  return {
    segmentAfter: (sequence) => found(after.get(sequence)),
    segmentUpTo: (sequence) => found(upTo.get(sequence)),
    checkpoints: (number, limit) => checkpoints.all(number, limit),
    lastCheckpoint: () => lastCheckpoint.get(),
    checkpointBefore: (time) => before.get(time),
    checkpointFrom: (time) => from.get(time),
    front: () => front.get(),
    forwarded: () => forwarded.get(),
    setForwarded: (reached) => void setForwarded.run(reached),
    size: () => size.get() ?? 0,
    append: ({ encoding, ...segment }) => void append.run({ ...segment, compressed: encoding === 'zstd' ? 1 : 0 }),
    addCheckpoint: (checkpoint) => void addCheckpoint.run({ ...checkpoint, front: 0 }),
    dropUpTo: (sequence, limit) => drop.run({ sequence, limit }).changes,
    setFront(checkpoint) {
      dropCheckpoints.run(checkpoint.number);
      addCheckpoint.run({ ...checkpoint, front: 1 });
    },
  };
};
