// What a disk does to a database: a page that cannot be read any more, a sealed record with a bit changed.

import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileNames } from '../../src/backup/manifest.ts';
import { withDatabase } from '../custody/kit.ts';

const pageSize = 4096;

interface Page {
  readonly pageno: number;
}

/** Overwrites the last leaf of a table or index, in the database of a server that is stopped. */
export const damagePage = (dataDirectory: string, table: string): void => {
  const page = withDatabase(dataDirectory, (database) => {
    // What lies in the log alone would be read from there.
    database.pragma('wal_checkpoint(TRUNCATE)');
    return database
      .prepare<[string], Page>("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path DESC")
      .get(table);
  });
  if (!page) throw new Error(`there is no page of ${table}`);
  const file = openSync(join(dataDirectory, fileNames.database), 'r+');
  writeSync(file, Buffer.alloc(pageSize, 0xff), 0, pageSize, (page.pageno - 1) * pageSize);
  closeSync(file);
};

/** Changes a bit of a sealed record; one that is not there comes to be, and does not open. */
export const damageRecord = (dataDirectory: string, name: string): void =>
  withDatabase(dataDirectory, (database) => {
    const stored = database.prepare<[string], Buffer>('SELECT sealed FROM vault WHERE name = ?').pluck().get(name);
    const sealed = Buffer.from(stored ?? Buffer.alloc(80, 1));
    sealed.writeUInt8((sealed.at(-1) ?? 0) ^ 1, sealed.length - 1);
    database.prepare('INSERT OR REPLACE INTO vault (name, sealed) VALUES (?, ?)').run(name, sealed);
  });
