// A copy of the database as of one moment, taken while it is in use: a few pages at a time, so that a request in between
// waits for a few pages only. What is changed meanwhile is changed in the copy too.

import { constants, fdatasync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Database } from 'better-sqlite3';
import type { SnapshotFacts } from '../../keys/backup-ports.ts';
import { asStorageError } from './group-commit.ts';

/** Pages of 4 KiB in one step, about a tenth of a millisecond. */
const pagesAtOnce = 32;
/** Pages between two syncs of the copy: without them the last step would wait for the whole copy to reach the disk. */
const pagesBetweenSyncs = 4096;

/** Writes the copy into a new file at `path`. `progress` hears bytes. Throws `storage-full` and what else the disk says. */
export const takeSnapshot = async (
  database: Database,
  path: string,
  progress: (done: number, total: number) => void,
): Promise<SnapshotFacts> => {
  const pageBytes = Number(database.pragma('page_size', { simple: true }));
  const file = await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
  let synced = 0;
  let syncing = Promise.resolve();
  try {
    await database.backup(path, {
      progress: ({ totalPages, remainingPages }) => {
        const done = totalPages - remainingPages;
        progress(done * pageBytes, totalPages * pageBytes);
        if (done - synced >= pagesBetweenSyncs) {
          synced = done;
          syncing = syncing.then(() => new Promise((resolve) => fdatasync(file.fd, () => resolve())));
        }
        return pagesAtOnce;
      },
    });
    // Nothing has run in between: this is what the copy holds.
    return factsOf(database);
  } catch (error) {
    throw asStorageError(error);
  } finally {
    await syncing;
    await file.close();
  }
};

const factsOf = (database: Database): SnapshotFacts => {
  const count = (table: string): number => Number(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
  return {
    schema: Number(database.pragma('user_version', { simple: true })),
    instances: count('service_instance'),
    clients: count('client'),
    keys: count('object'),
  };
};

/** What SQLite finds wrong with the database as a whole. Throws `data-damaged` where it is too damaged to be looked at. */
export const problemsOf = (database: Database): readonly string[] => {
  try {
    const found = database.pragma('integrity_check') as readonly { readonly integrity_check: string }[];
    const problems = found.map((row) => row.integrity_check).filter((text) => text !== 'ok');
    // In damaged pages the next look would end with less than is known already.
    if (problems.length > 0) return problems;
    const strays = database.pragma('foreign_key_check') as readonly { readonly table: string }[];
    return strays.map(({ table }) => `a row of ${table} belongs to nothing`);
  } catch (error) {
    throw asStorageError(error);
  }
};
