// Managed objects and their kept attributes in SQLite. The wrapped and sealed forms rest in a table of their own.

import type { Database } from 'better-sqlite3';
import { EdgeError } from '../../errors.ts';
import type { KeptAttribute, ManagedObject } from '../../keys/object.ts';
import type { ObjectQuery, ObjectWriter } from '../../keys/ports.ts';
import { asStorageError } from './group-commit.ts';
import { createMaterial, type MaterialRow } from './material.ts';

interface ObjectRow {
  readonly uid: string;
  readonly instance_id: string;
  readonly upstream_id: string;
  readonly missing_since: number | null;
  readonly object_type: number;
  readonly cryptographic_algorithm: number;
  readonly cryptographic_length: number;
  readonly cryptographic_usage_mask: number;
  readonly initial_date: number;
  readonly activation_date: number | null;
  readonly process_start_date: number | null;
  readonly protect_stop_date: number | null;
  readonly deactivation_date: number | null;
  readonly destroy_date: number | null;
  readonly compromise_occurrence_date: number | null;
  readonly compromise_date: number | null;
  readonly last_change_date: number;
  readonly revocation_code: number | null;
  readonly revocation_message: string | null;
  readonly wrapped_version: string | null;
  readonly material_id: number | null;
}

/** A row with its material; nulls where it has none. */
type FullRow = ObjectRow & { readonly [K in keyof MaterialRow]: MaterialRow[K] | null };

const columns = [
  'uid',
  'instance_id',
  'upstream_id',
  'missing_since',
  'object_type',
  'cryptographic_algorithm',
  'cryptographic_length',
  'cryptographic_usage_mask',
  'initial_date',
  'activation_date',
  'process_start_date',
  'protect_stop_date',
  'deactivation_date',
  'destroy_date',
  'compromise_occurrence_date',
  'compromise_date',
  'last_change_date',
  'revocation_code',
  'revocation_message',
  'wrapped_version',
  'material_id',
] as const satisfies readonly (keyof ObjectRow)[];

const toRow = (object: ManagedObject, material: number | null): ObjectRow => ({
  uid: object.uid,
  instance_id: object.instanceId,
  upstream_id: object.upstreamId,
  missing_since: object.missingSince ?? null,
  object_type: object.objectType,
  cryptographic_algorithm: object.cryptographicAlgorithm,
  cryptographic_length: object.cryptographicLength,
  cryptographic_usage_mask: object.cryptographicUsageMask,
  initial_date: object.initialDate,
  activation_date: object.activationDate ?? null,
  process_start_date: object.processStartDate ?? null,
  protect_stop_date: object.protectStopDate ?? null,
  deactivation_date: object.deactivationDate ?? null,
  destroy_date: object.destroyDate ?? null,
  compromise_occurrence_date: object.compromiseOccurrenceDate ?? null,
  compromise_date: object.compromiseDate ?? null,
  last_change_date: object.lastChangeDate,
  revocation_code: object.revocationReason?.code ?? null,
  revocation_message: object.revocationReason?.message ?? null,
  wrapped_version: object.wrapped?.version ?? null,
  material_id: material,
});

const revocationOf = (row: ObjectRow): ManagedObject['revocationReason'] => {
  if (row.revocation_code === null) return undefined;
  return row.revocation_message === null
    ? { code: row.revocation_code }
    : { code: row.revocation_code, message: row.revocation_message };
};

const wrappedOf = (row: FullRow): ManagedObject['wrapped'] => {
  if (!row.wrapped?.length) return undefined;
  const text = row.wrapped.toString();
  return row.wrapped_version === null ? { text } : { text, version: row.wrapped_version };
};

/** The object without the forms of its material. */
const fromRow = (row: ObjectRow): ManagedObject => ({
  uid: row.uid,
  instanceId: row.instance_id,
  upstreamId: row.upstream_id,
  ...(row.missing_since === null ? {} : { missingSince: row.missing_since }),
  objectType: row.object_type,
  cryptographicAlgorithm: row.cryptographic_algorithm,
  cryptographicLength: row.cryptographic_length,
  cryptographicUsageMask: row.cryptographic_usage_mask,
  initialDate: row.initial_date,
  activationDate: row.activation_date ?? undefined,
  processStartDate: row.process_start_date ?? undefined,
  protectStopDate: row.protect_stop_date ?? undefined,
  deactivationDate: row.deactivation_date ?? undefined,
  destroyDate: row.destroy_date ?? undefined,
  compromiseOccurrenceDate: row.compromise_occurrence_date ?? undefined,
  compromiseDate: row.compromise_date ?? undefined,
  lastChangeDate: row.last_change_date,
  revocationReason: revocationOf(row),
});

const fromFullRow = (row: FullRow): ManagedObject => ({
  ...fromRow(row),
  wrapped: wrappedOf(row),
  sealed: row.sealed?.length ? row.sealed : undefined,
});

/** SQLite's limit on the depth of an expression is 1000. */
const mostAttributes = 500;

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
  for (const { name, value } of query.attributes) {
    conditions.push('object.id IN (SELECT object_id FROM attribute WHERE instance_id = ? AND name = ? AND value = ?)');
    values.push(query.instanceId, name, value);
  }
  const sql = `SELECT ${columns.join(', ')} FROM object WHERE ${conditions.join(' AND ')} ORDER BY object.id`;
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
  const insert = database.prepare<[ObjectRow]>(
    `INSERT INTO object (${list}) VALUES (${columns.map((column) => `@${column}`).join(', ')})`,
  );
  const update = database.prepare<[ObjectRow]>(
    `UPDATE object SET ${columns.map((column) => `${column} = @${column}`).join(', ')} WHERE uid = @uid`,
  );
  const count = database.prepare<[string], number>('SELECT count(*) FROM object WHERE instance_id = ?').pluck();
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
  const insertAttribute = database.prepare<[string, number, Buffer, string]>(
    `INSERT INTO attribute (object_id, instance_id, name, attribute_index, value)
     SELECT id, instance_id, ?, ?, ? FROM object WHERE uid = ?`,
  );
  const deleteAttributes = database.prepare<[string]>(
    'DELETE FROM attribute WHERE object_id = (SELECT id FROM object WHERE uid = ?)',
  );
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
  const addAttribute = (uid: string, { name, index, value }: KeptAttribute): void => {
    if (insertAttribute.run(name, index, value, uid).changes !== 1) throw missing(uid);
  };
  return {
    find(uid) {
      const row = find.get(uid);
      return row && fromFullRow(row);
    },
    attributesOf: (uid) => attributes.all(uid),
    *search(query) {
      const { sql, values } = searchSql(query);
      try {
        for (const row of database.prepare<unknown[], ObjectRow>(sql).iterate(...values)) yield fromRow(row);
      } catch (error) {
        throw asStorageError(error);
      }
    },
    count: (instanceId) => count.get(instanceId) ?? 0,
    countHeldBy: (instanceId, upstreamId) => heldBy.get(instanceId, upstreamId) ?? 0,
    missing: (upstreamId) => missingAt.all(upstreamId),
    insert(object, kept) {
      insert.run(toRow(object, material.add(object)));
      for (const attribute of kept) addAttribute(object.uid, attribute);
    },
    update(object) {
      const old = materialId.get(object.uid);
      if (old === undefined) throw missing(object.uid);
      update.run(toRow(object, material.replace(old, object)));
      if (!object.wrapped && !object.sealed && object.destroyDate !== undefined) eraseFormer(object.uid);
    },
    addAttribute,
    setAttributes(uid, kept) {
      deleteAttributes.run(uid);
      for (const attribute of kept) addAttribute(uid, attribute);
    },
  };
};

const missing = (uid: string): EdgeError => new EdgeError('item-not-found', `no object has unique identifier '${uid}'`);
