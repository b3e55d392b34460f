// What somebody who can write to the database, and does not have the server's keys, may do to the audit trail.

import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { checkpointText, signCheckpoint } from '../../src/audit/chain/checkpoint.ts';
import { hashOf, linesOf, packText, unpackText } from '../../src/audit/chain/segment.ts';
import type { Checkpoint, Segment } from '../../src/keys/audit-ports.ts';

export interface Row extends Omit<Segment, 'encoding' | 'startedAt' | 'endedAt'> {
  readonly started_at: number;
  readonly ended_at: number;
  readonly compressed: number;
}

/** Picks a number from 0 to below `count`. */
export type Pick = (count: number) => number;

export const rowsOf = (database: Database): readonly Row[] =>
  database.prepare<[], Row>('SELECT * FROM audit_segment ORDER BY first').all();

const update = (database: Database, first: number, row: Partial<Row>): void => {
  const names = Object.keys(row).map((name) => `${name} = @${name}`);
  database.prepare(`UPDATE audit_segment SET ${names.join(', ')} WHERE first = @at`).run({ ...row, at: first });
};

const insert = (database: Database, row: Row): void => {
  const names = Object.keys(row);
  database.prepare(`INSERT INTO audit_segment (${names}) VALUES (${names.map((name) => `@${name}`)})`).run(row);
};

export const linesIn = (row: Row): readonly string[] =>
  linesOf(unpackText({ encoding: row.compressed ? 'zstd' : 'plain', body: row.body })?.toString() ?? '');

/** The columns that hold these lines. */
export const bodyOf = (lines: readonly string[]): Partial<Row> => {
  const { encoding, body } = packText(Buffer.from(lines.join('')));
  return { compressed: encoding === 'zstd' ? 1 : 0, body };
};

const rehashed = (row: Row, previous = row.previous): Row => {
  const { started_at: startedAt, ended_at: endedAt } = row;
  const text = Buffer.from(linesIn(row).join(''));
  return { ...row, previous, hash: hashOf({ ...row, previous, startedAt, endedAt, text }) };
};

const flipped = (bytes: Buffer, pick: Pick): Buffer => {
  const copy = Buffer.from(bytes);
  const at = pick(copy.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << pick(8));
  return copy;
};

const swapped = <T>(all: readonly T[], one: number, other: number): T[] => {
  const copy = [...all];
  [copy[one], copy[other]] = [all[other] as T, all[one] as T];
  return copy;
};

/** Two different numbers below `count`. */
const two = (pick: Pick, count: number): readonly [number, number] => {
  const one = pick(count);
  return [one, (one + 1 + pick(count - 1)) % count];
};

const changeOf = (line: string, pick: Pick): string => {
  const places = [
    [/"outcome":"success"/, '"outcome":"failed"'],
    [/"address":"[^"]*"/, '"address":"198.51.100.9"'],
    [/"time":"2026/, '"time":"2025'],
    [/"event":"[^"]*"/, '"event":"vmware-solutions.kmip-key.list"'],
  ] as const;
  const [pattern, text] = places[pick(places.length)] ?? places[0];
  return line.replace(pattern, text);
};

/** Edits the lines of some segment; with `rehash` its hash fits again, but nobody else's knowledge of it. */
const editing =
  (edit: (lines: readonly string[], pick: Pick) => readonly string[]) =>
  (database: Database, pick: Pick): void => {
    const rows = rowsOf(database).filter((row) => linesIn(row).length > 2);
    const row = rows[pick(rows.length)] as Row;
    const edited = { ...row, ...bodyOf(edit(linesIn(row), pick)) };
    update(database, row.first, pick(2) === 0 ? edited : rehashed(edited));
  };

const someRow = (database: Database, pick: Pick): Row => {
  const rows = rowsOf(database);
  return rows[pick(rows.length)] as Row;
};

const strangerKey = generateKeyPairSync('ed25519').privateKey;

const checkpointsOf = (database: Database): readonly Checkpoint[] =>
  database.prepare<[], Checkpoint>('SELECT number, sequence, time, hash, signature FROM audit_checkpoint').all();

const bytes = ['body', 'hash', 'previous', 'sums', 'mac'] as const;
const numbers = ['last', 'started_at', 'ended_at'] as const;

/** By what is done. */
export const tamperings: Readonly<Record<string, (database: Database, pick: Pick) => void>> = {
  'a bit of a segment': (database, pick) => {
    const row = someRow(database, pick);
    const name = bytes[pick(bytes.length)] ?? 'body';
    update(database, row.first, { [name]: flipped(row[name], pick) });
  },
  'a number of a segment': (database, pick) => {
    const row = someRow(database, pick);
    const name = numbers[pick(numbers.length)] ?? 'last';
    update(database, row.first, { [name]: row[name] + (pick(2) === 0 ? -1 : 1) * (1 + pick(1000)) });
  },
  'the times of a segment, with its hash': (database, pick) => {
    const row = someRow(database, pick);
    update(database, row.first, rehashed({ ...row, started_at: row.started_at - 1000, ended_at: row.ended_at - 1000 }));
  },
  'the place of a segment': (database, pick) => {
    const row = someRow(database, pick);
    const last = rowsOf(database).at(-1)?.last ?? 0;
    update(database, row.first, { first: last + 1 + pick(1000) });
  },
  'how a segment is packed': (database, pick) => {
    const row = someRow(database, pick);
    update(database, row.first, { compressed: 1 - row.compressed });
  },
  'a record is changed': editing((lines, pick) => {
    const at = pick(lines.length);
    return lines.map((line, index) => (index === at ? changeOf(line, pick) : line));
  }),
  'a record is removed': editing((lines, pick) => lines.toSpliced(pick(lines.length), 1)),
  'a record is there twice': editing((lines, pick) => {
    const at = pick(lines.length);
    return lines.toSpliced(at, 0, lines[at] ?? '');
  }),
  'two records change places': editing((lines, pick) => swapped(lines, ...two(pick, lines.length))),
  'records of two segments change places': (database, pick) => {
    const rows = rowsOf(database);
    const [one, other] = two(pick, rows.length).map((at) => rows[at] as Row) as [Row, Row];
    const [lines, others] = [linesIn(one), linesIn(other)];
    update(database, one.first, bodyOf([others[0] ?? '', ...lines.slice(1)]));
    update(database, other.first, bodyOf([lines[0] ?? '', ...others.slice(1)]));
  },
  'a segment is removed': (database, pick) => {
    database.prepare('DELETE FROM audit_segment WHERE first = ?').run(someRow(database, pick).first);
  },
  'a segment is there twice': (database, pick) => {
    const last = rowsOf(database).at(-1)?.last ?? 0;
    insert(database, { ...someRow(database, pick), first: last + 1 });
  },
  'two segments change places': (database, pick) => {
    const rows = rowsOf(database);
    const [one, other] = two(pick, rows.length).map((at) => rows[at] as Row) as [Row, Row];
    database.prepare('DELETE FROM audit_segment WHERE first IN (?, ?)').run(one.first, other.first);
    insert(database, { ...one, first: other.first });
    insert(database, { ...other, first: one.first });
  },
  'the end is cut off': (database, pick) => {
    const { first } = someRow(database, pick);
    database.prepare('DELETE FROM audit_segment WHERE first >= ?').run(first);
  },
  'the end is cut off with its checkpoints': (database, pick) => {
    const { first } = someRow(database, pick);
    database.prepare('DELETE FROM audit_segment WHERE first >= ?').run(first);
    database.prepare('DELETE FROM audit_checkpoint WHERE sequence >= ?').run(first);
  },
  'the beginning is cut off': (database, pick) => {
    const { first } = someRow(database, pick);
    database.prepare('DELETE FROM audit_segment WHERE first <= ?').run(first);
  },
  'the beginning is cut off behind a checkpoint that says so': (database, pick) => {
    const checkpoints = checkpointsOf(database);
    const { number, sequence, time, hash, signature } = checkpoints[pick(checkpoints.length - 1)] as Checkpoint;
    database.prepare('DELETE FROM audit_segment WHERE last <= ?').run(sequence);
    database.prepare('DELETE FROM audit_checkpoint WHERE number <= ?').run(number);
    const front =
      pick(2) === 0
        ? { number, sequence, time, hash, signature }
        : signCheckpoint('front', { number, sequence, time, hash }, strangerKey);
    addCheckpoint(database, 1, front);
  },
  'all from a record on is made anew': (database, pick) => {
    let previous: Buffer | undefined;
    const { first } = someRow(database, pick);
    for (const row of rowsOf(database)) {
      if (row.first < first) continue;
      const [line = '', ...others] = linesIn(row);
      const edited = { ...row, ...(row.first === first ? bodyOf([changeOf(line, pick), ...others]) : {}) };
      const next = rehashed(edited, previous ?? row.previous);
      previous = next.hash;
      update(database, row.first, next);
      database.prepare('UPDATE audit_checkpoint SET hash = ? WHERE sequence = ?').run(next.hash, row.last);
    }
  },
  'something is added at the end': (database, pick) => {
    const row = rowsOf(database).at(-1) as Row;
    const lines = linesIn(someRow(database, pick)).map((line, index) =>
      line.replace(/"sequence":\d+/, `"sequence":${row.last + 1 + index}`),
    );
    const last = row.last + lines.length;
    insert(database, rehashed({ ...row, ...bodyOf(lines), first: row.last + 1, last }, row.hash));
  },
  'a checkpoint is removed': (database, pick) => {
    const all = checkpointsOf(database);
    database.prepare('DELETE FROM audit_checkpoint WHERE number = ?').run(all[pick(all.length)]?.number);
  },
  'a checkpoint is changed': (database, pick) => {
    const all = checkpointsOf(database);
    const one = all[pick(all.length)] as Checkpoint;
    database.prepare('DELETE FROM audit_checkpoint WHERE number = ?').run(one.number);
    const forged = [
      { ...one, hash: flipped(one.hash, pick) },
      { ...one, signature: flipped(one.signature, pick) },
      { ...one, time: one.time + 1 + pick(1000) },
      { ...one, sequence: one.sequence + 1 + pick(1000) },
      { ...one, number: one.number + 100 },
      signCheckpoint('tail', one, strangerKey),
    ];
    addCheckpoint(database, 0, forged[pick(forged.length)] ?? one);
  },
  'what is known of the end': (database, pick) => {
    const name = 'audit trail head';
    const sealed = database.prepare<[string], Buffer>('SELECT sealed FROM vault WHERE name = ?').pluck().get(name);
    if (pick(2) === 0) database.prepare('DELETE FROM vault WHERE name = ?').run(name);
    else {
      const forged = [flipped(sealed ?? Buffer.alloc(1), pick), randomBytes(64), Buffer.from(headText())];
      database.prepare('UPDATE vault SET sealed = ? WHERE name = ?').run(forged[pick(forged.length)], name);
    }
  },
};

const headText = (): string => {
  const hash = createHash('sha256').digest();
  return JSON.stringify(checkpointText({ number: 1, sequence: 1, time: 0, hash, signature: Buffer.alloc(64) }));
};

const addCheckpoint = (database: Database, front: 0 | 1, checkpoint: Checkpoint): void => {
  database
    .prepare(
      `INSERT INTO audit_checkpoint (front, number, sequence, time, hash, signature)
       VALUES (@front, @number, @sequence, @time, @hash, @signature)`,
    )
    .run({ ...checkpoint, front });
};
