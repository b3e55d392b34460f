// The embedded store: one SQLite file in write-ahead mode, every commit synced to disk, freed pages overwritten. One
// process owns it: the lock is held while the server runs, so a second server on the same data fails at once.

import { chmodSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';
import { EdgeError } from '../../errors.ts';
import type { Store, StoreWriter } from '../../keys/ports.ts';
import { createBackups } from './backups.ts';
import { createRoots } from './client-roots.ts';
import { createErasure } from './erasure.ts';
import { asStorageError, GroupCommit } from './group-commit.ts';
import { createInstances } from './instances.ts';
import { JoinedRecord } from './joined-record.ts';
import { migrate } from './migrations.ts';
import { createMoves } from './moves.ts';
import { createObjects } from './objects.ts';
import { problemsOf, takeSnapshot } from './snapshot.ts';
import { createTelemetry } from './telemetry.ts';
import { createTokens } from './tokens.ts';
import { createTrail } from './trail.ts';
import { createUndo } from './undo.ts';
import { createUpstreams } from './upstreams.ts';
import { createUses } from './uses.ts';
import { createSlots, createVault } from './vault.ts';

/** The settings that durability and erasure rest on; the benchmark's bare insert uses the same. */
export const pragmas = [
  'locking_mode = EXCLUSIVE',
  'journal_mode = WAL',
  'synchronous = FULL',
  'secure_delete = ON',
  'foreign_keys = ON',
  'trusted_schema = OFF',
  'temp_store = MEMORY',
] as const;

const openDatabase = (path: string): Database => {
  const database = new Sqlite(path, { timeout: 500 });
  try {
    chmodSync(path, 0o600);
    for (const pragma of pragmas) database.pragma(pragma);
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new EdgeError('already-exists', `another process uses ${path}`, {
        hint: 'stop the other kmip-edge, or give this one a data directory of its own with --data',
      });
    }
    throw asStorageError(error);
  }
};

/**
 * Opens the store at `path`, making or migrating it as needed.
 * Throws `already-exists` where another process has it open, `data-damaged` for a damaged or newer database.
 */
export const openSqliteStore = (path: string): Store => {
  const database = openDatabase(path);
  const commits = new GroupCommit(database);
  const joined = new JoinedRecord();
  const objects = createObjects(database);
  const tables: StoreWriter = {
    objects: translated(objects),
    undo: translated(createUndo(database, objects)),
    instances: translated(createInstances(database)),
    roots: translated(createRoots(database)),
    upstreams: translated(createUpstreams(database)),
    moves: translated(createMoves(database)),
    uses: translated(createUses(database)),
    erasure: translated(createErasure(database)),
    vault: translated(createVault(database)),
    slots: translated(createSlots(database)),
    tokens: translated(createTokens(database)),
    trail: translated(createTrail(database)),
    audit: { record: (entry) => commits.note(entry) },
    telemetry: translated(createTelemetry(database)),
    backups: translated(createBackups(database)),
  };
  return {
    ...tables,
    version: String(database.prepare('SELECT sqlite_version()').pluck().get()),
    async write(change, options = {}) {
      const waiting = joined.waiting();
      const submit = () =>
        commits.submit(() => {
          const result = change(tables);
          waiting?.take((entry) => commits.note(entry));
          return result;
        }, options);
      if (!waiting) return submit();
      try {
        const result = await submit();
        waiting.settle(true);
        return result;
      } catch (error) {
        waiting.settle(false);
        throw error;
      }
    },
    joining: (entry, work) => joined.during(entry, work),
    keepTrail: (keeper) =>
      commits.closeWith({
        keep: (entries) => keeper.keep(entries, tables),
        settled: (entries, durable) => keeper.settled(entries, durable),
      }),
    snapshot: (path, progress = () => undefined) => takeSnapshot(database, path, progress),
    problems: () => problemsOf(database),
    unstored: () => commits.problem,
    async close() {
      commits.drain();
      database.close();
    },
  };
};

type Method = (...values: readonly unknown[]) => unknown;

/** The same table, whose failures say what they mean to an operator. A lazy walk translates its own. */
const translated = <T extends object>(table: T): T =>
  Object.fromEntries(
    Object.entries(table as Readonly<Record<string, Method>>).map(([name, method]) => [
      name,
      (...values: readonly unknown[]) => {
        try {
          return method(...values);
        } catch (error) {
          throw asStorageError(error);
        }
      },
    ]),
  ) as T;
