// Managed objects and their kept attributes in SQLite. The wrapped and sealed forms rest in a table of their own.

import type { Database, Statement } from 'better-sqlite3';
import { EdgeError } from '../../errors.ts';
import type { KeptAttribute } from '../../keys/object.ts';
import type { ObjectQuery, ObjectWriter } from '../../keys/object-ports.ts';
import { asStorageError } from './group-commit.ts';
import { createKeyPages } from './key-pages.ts';
import { createLocatePages } from './locate-pages.ts';
import { createMaterial } from './material.ts';
import { columns, type FullRow, fromFullRow, fromRow, type ObjectRow, toRow } from './object-rows.ts';
import { isOwn, ownAttributes, ownFits, ownText } from './own-attributes.ts';

/** SQLite's limit on the depth of an expression is 1000. */
const mostAttributes = 500;

/** Searches differ in how many attributes they name, which is few. */
const mostSearches = 16;

/** With `own` where a search needs it. */
type SearchedRow = ObjectRow & { readonly own?: string | null };

/** What an attribute's row repeats of its object. */
interface Owner {
  readonly id: number;
  readonly instanceId: string;
}

/** Locate's narrowing as SQL: each kept attribute is one index look-up that drives the walk. */
const searchSql = (query: ObjectQuery): { readonly sql: string; readonly values: readonly unknown[] } => {
  if (query.attributes.length > mostAttributes) {
    throw new EdgeError('invalid-field', `a search for ${query.attributes.length} attributes is not done`, {
      hint: `at most ${mostAttributes} are searched for at once`,
    });
  }
  const conditions = ['instance_id = ?'];
  const values: unknown[] = [query.instanceId];
  if (query.uid !== undefined) {
    conditions.push('uid = ?');
    values.push(query.uid);
  }
  if (query.live) conditions.push('destroy_date IS NULL');
  for (const { name, value, until } of query.attributes.filter((one) => !isOwn(one))) {
    const fits = until === undefined ? 'value = ?' : 'value BETWEEN ? AND ?';
    conditions.push(`object.id IN (SELECT object_id FROM attribute WHERE instance_id = ? AND name = ? AND ${fits})`);
    values.push(query.instanceId, name, value, ...(until === undefined ? [] : [until]));
  }
  const own = query.attributes.some(isOwn) ? ', own' : '';
  const sql = `SELECT ${columns.join(', ')}${own} FROM object WHERE ${conditions.join(' AND ')} ORDER BY object.id`;
  return { sql, values };
};

/** The object tables behind prepared statements. */
export const createObjects = (database: Database): ObjectWriter => {
  const list = columns.join(', ');
  const material = createMaterial(database);
  const find = database.prepare<[string], FullRow>(
    `SELECT ${list}, wrapped, sealed FROM object LEFT JOIN material ON material.id = object.material_id WHERE uid = ?`,
  );
  const materialId = database.prepare<[string], number | null>('SELECT material_id FROM object WHERE uid = ?').pluck();
  const insert = database.prepare<[readonly unknown[]]>(
    `INSERT INTO object (${list}, own) VALUES (${columns.map(() => '?').join(', ')}, ?)`,
  );
  const update = database.prepare<[ObjectRow]>(
    `UPDATE object SET ${columns.map((column) => `${column} = @${column}`).join(', ')} WHERE uid = @uid`,
  );
  const heldBy = database
    .prepare<[string, string], number>('SELECT count(*) FROM object WHERE instance_id = ? AND upstream_id = ?')
    .pluck();
  const missingAt = database
    .prepare<[string], string>(
      'SELECT uid FROM object WHERE upstream_id = ? AND missing_since IS NOT NULL ORDER BY object.id',
    )
    .pluck();
  const attributes = database.prepare<[string], KeptAttribute>(
    `SELECT name, attribute_index AS "index", value FROM attribute
     WHERE object_id = (SELECT id FROM object WHERE uid = ?) ORDER BY name, attribute_index`,
  );
  const owner = database.prepare<[string], Owner>('SELECT id, instance_id AS instanceId FROM object WHERE uid = ?');
  const insertAttribute = database.prepare<[number, string, string, number, Buffer]>(
    'INSERT INTO attribute (object_id, instance_id, name, attribute_index, value) VALUES (?, ?, ?, ?, ?)',
  );
  const own = database.prepare<[string], string | null>('SELECT own FROM object WHERE uid = ?').pluck();
  const setOwn = database.prepare<[string | null, number]>('UPDATE object SET own = ? WHERE id = ?');
  const deleteAttributes = database.prepare<[number]>('DELETE FROM attribute WHERE object_id = ?');
  const searches = new Map<string, Statement<unknown[], SearchedRow>>();
  const remove = database.prepare<[string]>('DELETE FROM object WHERE uid = ?');
  const former = database
    .prepare<[string], number>(
      'SELECT former.material_id FROM former JOIN object ON object.id = former.object_id WHERE object.uid = ?',
    )
    .pluck();
  const dropFormer = database.prepare<[string]>(
    'DELETE FROM former WHERE object_id = (SELECT id FROM object WHERE uid = ?)',
  );
  /** What is destroyed is gone in every form. */
  const eraseFormer = (uid: string): void => {
    const id = former.get(uid);
    if (id === undefined) return;
    material.erase(id);
    dropFormer.run(uid);
  };
  const addAttributes = ({ id, instanceId }: Owner, kept: readonly KeptAttribute[]): void => {
    for (const one of kept) if (!isOwn(one)) insertAttribute.run(id, instanceId, one.name, one.index, one.value);
  };
  const attributesOf = (uid: string): readonly KeptAttribute[] => {
    const text = own.get(uid) ?? null;
    const rows = attributes.all(uid);
    return text === null ? rows : [...rows, ...ownAttributes(text)].sort(byNameAndIndex);
  };
  const ownerOf = (uid: string): Owner => {
    const found = owner.get(uid);
    if (!found) throw missing(uid);
    return found;
  };
  return {
    find(uid) {
      const row = find.get(uid);
      return row && fromFullRow(row);
    },
    attributesOf,
    *search(query) {
      const { sql, values } = searchSql(query);
      // A statement that is being walked cannot be walked by another.
      const statement = searches.get(sql) ?? database.prepare<unknown[], SearchedRow>(sql);
      searches.delete(sql);
      try {
        for (const row of statement.iterate(...values))
          if (ownFits(query.attributes, row.own ?? null)) yield fromRow(row);
      } catch (error) {
        throw asStorageError(error);
      } finally {
        if (searches.size < mostSearches) searches.set(sql, statement);
      }
    },
    ...createKeyPages(database),
    ...createLocatePages(database),
    countHeldBy: (instanceId, upstreamId) => heldBy.get(instanceId, upstreamId) ?? 0,
    missing: (upstreamId) => missingAt.all(upstreamId),
    insert(object, kept) {
      const row = toRow(object, material.add(object));
      const { lastInsertRowid } = insert.run([...columns.map((column) => row[column]), ownText(kept)]);
      addAttributes({ id: Number(lastInsertRowid), instanceId: object.instanceId }, kept);
    },
    update(object) {
      const old = materialId.get(object.uid);
      if (old === undefined) throw missing(object.uid);
      update.run(toRow(object, material.replace(old, object)));
      if (!object.wrapped && !object.sealed && object.destroyDate !== undefined) eraseFormer(object.uid);
    },
    remove(uid) {
      const id = materialId.get(uid);
      if (id === undefined) throw missing(uid);
      eraseFormer(uid);
      remove.run(uid);
      if (id !== null) material.erase(id);
    },
    addAttribute(uid, attribute) {
      const owner = ownerOf(uid);
      if (isOwn(attribute)) setOwn.run(ownText([...attributesOf(uid), attribute]), owner.id);
      else addAttributes(owner, [attribute]);
    },
    setAttributes(uid, kept) {
      const owner = ownerOf(uid);
      deleteAttributes.run(owner.id);
      setOwn.run(ownText(kept), owner.id);
      addAttributes(owner, kept);
    },
  };
};

const byNameAndIndex = (one: KeptAttribute, other: KeptAttribute): number =>
  Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)) || one.index - other.index;

const missing = (uid: string): EdgeError => new EdgeError('item-not-found', `no object has unique identifier '${uid}'`);
