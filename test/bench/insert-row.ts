// One key's rows as Create stores them, by better-sqlite3 alone with our pragmas, in a transaction of their own.

import { randomUUID } from 'node:crypto';
import Sqlite, { type Database } from 'better-sqlite3';
import { pragmas } from '../../src/store/sqlite/open.ts';

type Row = Readonly<Record<string, unknown>>;

/** Inserts `row`, less its id and what the database makes of the rest, into `table`. */
const copyInto = (database: Database, table: string, { id: _id, ...row }: Row) => {
  const stored = database.pragma(`table_info(${table})`) as readonly { readonly name: string }[];
  const columns = stored.map(({ name }) => name).filter((name) => name !== 'id');
  const values = columns.map((column) => `@${column}`);
  const insert = database.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values.join(', ')})`);
  return (changed: Row) => insert.run({ ...row, ...changed }).lastInsertRowid;
};

/** A function that inserts a copy of the key that the database at `path` holds. */
export const openInsert = (path: string): (() => unknown) => {
  const database = new Sqlite(path);
  for (const pragma of pragmas) database.pragma(pragma);
  const sample = (table: string) => database.prepare<[], Row>(`SELECT * FROM ${table} LIMIT 1`).get() ?? {};
  const material = copyInto(database, 'material', sample('material'));
  const object = copyInto(database, 'object', sample('object'));
  return database.transaction(() => object({ uid: randomUUID(), material_id: material({}) }));
};
