// Where the wrapped and sealed forms of keys rest, so that erasing them erases them. SQLite moves rows between pages when
// it balances its trees and leaves the old bytes in the unused part of a page, which secure_delete does not reach. So
// these rows never move: they are appended, and overwritten in place by zeros of the same length, never changed in
// length nor deleted.

import type { Database } from 'better-sqlite3';
import type { ManagedObject } from '../../keys/object.ts';

/** The two forms as they rest; empty where there is none. */
export interface MaterialRow {
  readonly wrapped: Buffer;
  readonly sealed: Buffer;
}

export interface MaterialTable {
  /** Keeps the forms of `object`; gives the row's id, or null where it has none. */
  add(object: ManagedObject): number | null;
  /** Like {@link add}, where row `old` held them until now: it stays if they are the same, and is erased if not. */
  replace(old: number | null, object: ManagedObject): number | null;
  /** Erases the sealed form that row `old` holds; gives the id of the row that holds the wrapped one, null where none is. */
  withoutCopy(old: number): number | null;
  /** Overwrites both forms of a row. */
  erase(id: number): void;
}

/** The table behind prepared statements. */
export const createMaterial = (database: Database): MaterialTable => {
  const insert = database.prepare<[MaterialRow]>('INSERT INTO material (wrapped, sealed) VALUES (@wrapped, @sealed)');
  const find = database.prepare<[number], MaterialRow>('SELECT wrapped, sealed FROM material WHERE id = ?');
  const erase = database.prepare<[number]>(
    'UPDATE material SET wrapped = zeroblob(length(wrapped)), sealed = zeroblob(length(sealed)) WHERE id = ?',
  );
  const add = (object: ManagedObject): number | null => {
    const row = rowOf(object);
    return row ? Number(insert.run(row).lastInsertRowid) : null;
  };
  return {
    add,
    replace(old, object) {
      if (old === null) return add(object);
      const row = rowOf(object);
      const kept = find.get(old);
      if (row && kept?.wrapped.equals(row.wrapped) && kept.sealed.equals(row.sealed)) return old;
      erase.run(old);
      return add(object);
    },
    withoutCopy(old) {
      const kept = find.get(old);
      if (!kept || kept.sealed.length === 0) return old;
      erase.run(old);
      if (kept.wrapped.length === 0) return null;
      return Number(insert.run({ wrapped: kept.wrapped, sealed: Buffer.alloc(0) }).lastInsertRowid);
    },
    erase: (id) => void erase.run(id),
  };
};

const rowOf = ({ wrapped, sealed }: ManagedObject): MaterialRow | undefined =>
  wrapped || sealed ? { wrapped: Buffer.from(wrapped?.text ?? ''), sealed: sealed ?? Buffer.alloc(0) } : undefined;
