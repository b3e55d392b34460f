// What a database holds, counted in the copy that a trial works on: before the new system has migrated it and after.

import { lstatSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { EdgeError, messageOf } from '../errors.ts';

/** Tables from which a start of the server takes nothing. */
const counted = ['service_instance', 'client', 'object', 'material', 'vault'] as const;

export interface DatabaseFacts {
  /** `PRAGMA user_version`. */
  readonly schema: number;
  /** Rows by table; a table that is not there has none. */
  readonly rows: Readonly<Record<string, number>>;
}

/**
 * Counts, and looks whether the database is whole. Nobody else may have it open; its write-ahead log is taken into it.
 * Throws `data-damaged`.
 */
export const databaseFacts = (path: string): DatabaseFacts => {
  requirePlain(path);
  try {
    const database = new Sqlite(path, { fileMustExist: true, timeout: 500 });
    try {
      // Without it a second file would be made beside it, which the user of the server could not open.
      database.pragma('locking_mode = EXCLUSIVE');
      database.pragma('trusted_schema = OFF');
      return read(database);
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof EdgeError) throw error;
    throw new EdgeError('data-damaged', `the copy of the database cannot be read: ${messageOf(error)}`);
  }
};

/**
 * Root looks at what another user wrote: a link would lead to another file. A rollback journal, which a database of ours never
 * has, can name any file of the machine, and SQLite removes that one.
 */
const requirePlain = (path: string): void => {
  const damaged = (what: string) => new EdgeError('data-damaged', `the copy of the database ${what}`);
  if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) throw damaged('cannot be read: it is no plain file');
  if (lstatSync(`${path}-journal`, { throwIfNoEntry: false })) throw damaged('has a rollback journal');
};

const read = (database: Sqlite.Database): DatabaseFacts => {
  const [problem] = database.pragma('quick_check(1)', { simple: false }) as readonly { readonly quick_check: string }[];
  if (problem?.quick_check !== 'ok') {
    throw new EdgeError('data-damaged', `the copy of the database is damaged: ${problem?.quick_check ?? 'no answer'}`);
  }
  const exists = database.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?").pluck();
  const count = (table: string): number =>
    exists.get(table) === 1 ? Number(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get()) : 0;
  return {
    schema: Number(database.pragma('user_version', { simple: true })),
    rows: Object.fromEntries(counted.map((table) => [table, count(table)])),
  };
};

/** Throws `data-damaged` where `after` has not all that `before` had. */
export const requireSame = (before: DatabaseFacts, after: DatabaseFacts): void => {
  for (const [table, rows] of Object.entries(before.rows)) {
    if ((after.rows[table] ?? 0) >= rows) continue;
    throw new EdgeError(
      'data-damaged',
      `the migrated copy has ${after.rows[table]} rows of ${table} instead of ${rows}`,
    );
  }
  if (after.schema >= before.schema) return;
  throw new EdgeError('data-damaged', `the database went from version ${before.schema} to ${after.schema}`);
};
