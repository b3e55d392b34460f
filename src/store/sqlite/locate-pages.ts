// Locate's candidates, page by page. One index leads to them in the order of their numbers, a bounded number is looked at,
// and what a row does not fit is left out before an object is made of it.

import type { Database, Statement } from 'better-sqlite3';
import { EdgeError } from '../../errors.ts';
import type { LocatePage, LocateQuery, NumberField } from '../../keys/locate-ports.ts';
import type { ObjectReader } from '../../keys/object-ports.ts';
import { isAhead } from './key-pages.ts';
import { columns, fromRow, type ObjectRow } from './object-rows.ts';
import { isOwn, ownFits } from './own-attributes.ts';

/** SQLite's limit on the depth of an expression is 1000. */
const mostAttributes = 500;
/** Of so many attributes the rarest is looked for, by no more than so many of its entries. */
const mostCompared = 8;
const deepestLook = 256;

interface Sql {
  readonly sql: string;
  readonly values: readonly unknown[];
}

const columnOf: Readonly<Record<NumberField, keyof ObjectRow>> = {
  objectType: 'object_type',
  cryptographicAlgorithm: 'cryptographic_algorithm',
  cryptographicLength: 'cryptographic_length',
  initialDate: 'initial_date',
  activationDate: 'activation_date',
  processStartDate: 'process_start_date',
  protectStopDate: 'protect_stop_date',
  deactivationDate: 'deactivation_date',
  destroyDate: 'destroy_date',
  compromiseOccurrenceDate: 'compromise_occurrence_date',
  compromiseDate: 'compromise_date',
  archiveDate: 'archive_date',
  lastChangeDate: 'last_change_date',
};

type Kept = LocateQuery['attributes'][number];

/** The others lie in the object's row. */
const isIndexed = (one: Kept): boolean => !isOwn(one);

const byValue = (instanceId: string, { name, value }: Kept): Sql => ({
  sql: 'SELECT object_id FROM attribute WHERE instance_id = ? AND name = ? AND value = ?',
  values: [instanceId, name, value],
});

const all = 'SELECT id AS object_id FROM object WHERE instance_id = ?';

const conditionsOf = ({ uid, attributes, narrowing }: LocateQuery): Sql => {
  const { ranges, usage, onLine } = narrowing;
  const conditions: Sql[] = [
    ...(uid === undefined ? [] : [{ sql: 'uid = ?', values: [uid] }]),
    ...(onLine ? [{ sql: 'destroy_date IS NULL AND archive_date IS NULL', values: [] }] : []),
    ...(usage === 0 ? [] : [{ sql: 'cryptographic_usage_mask & ? = ?', values: [usage, usage] }]),
    ...ranges.map(({ field, from, to }) => ({ sql: `${columnOf[field]} BETWEEN ? AND ?`, values: [from, to] })),
    ...attributes.filter(isIndexed).map(({ name, value, until }) => ({
      sql: `EXISTS (SELECT 1 FROM attribute WHERE object_id = object.id AND name = ? AND value ${until === undefined ? '= ?' : 'BETWEEN ? AND ?'})`,
      values: [name, value, ...(until === undefined ? [] : [until])],
    })),
  ];
  return {
    sql: ['1', ...conditions.map(({ sql }) => sql)].join(' AND '),
    values: conditions.flatMap(({ values }) => values),
  };
};

/** Locate's pages, behind statements that are prepared once for each shape of question. */
export const createLocatePages = (database: Database): Pick<ObjectReader, 'locate'> => {
  const prepared = new Map<string, Statement<unknown[], unknown>>();
  const statement = <Row>(sql: string): Statement<unknown[], Row> => {
    const found = (prepared.get(sql) ?? database.prepare(sql)) as Statement<unknown[], Row>;
    if (prepared.size < 64) prepared.set(sql, found);
    return found;
  };
  const count = ({ sql, values }: Sql): number =>
    statement<{ readonly entries: number }>(`SELECT count(*) AS entries FROM (${sql} LIMIT ${deepestLook})`).get(
      ...values,
    )?.entries ?? 0;
  /** The narrowest index that the query allows. */
  const leadOf = ({ instanceId, uid, attributes, narrowing: { state } }: LocateQuery): readonly Sql[] => {
    if (uid !== undefined) return [{ sql: `${all} AND uid = ?`, values: [instanceId, uid] }];
    const exact = attributes
      .filter((one) => isIndexed(one) && one.until === undefined)
      .map((one) => byValue(instanceId, one));
    const [first, ...others] = exact.slice(0, mostCompared);
    if (first)
      return [others.length === 0 ? first : ([first, ...others].toSorted((a, b) => count(a) - count(b))[0] ?? first)];
    if (!state) return [{ sql: all, values: [instanceId] }];
    return [
      { sql: `${all} AND phase = ?`, values: [instanceId, state.is] },
      { sql: `${all} AND ${isAhead}`, values: [instanceId] },
    ];
  };
  const list = columns.map((column) => `object.${column}`).join(', ');
  return {
    locate(query): LocatePage {
      if (query.attributes.length > mostAttributes) {
        throw new EdgeError('invalid-field', `a search for ${query.attributes.length} attributes is not done`, {
          hint: `at most ${mostAttributes} are searched for at once`,
        });
      }
      const parts = leadOf(query).map(({ sql, values }) => ({
        sql: `SELECT object_id FROM (${sql} AND object_id > ? ORDER BY object_id LIMIT ?)`,
        values: [...values, query.after, query.looks],
      }));
      const lead = `${parts.map(({ sql }) => sql).join(' UNION ')} ORDER BY object_id LIMIT ?`;
      const values = [...parts.flatMap((part) => part.values), query.looks];
      const window = statement<{ readonly looked: number; readonly last: number }>(
        `SELECT count(*) AS looked, max(object_id) AS last FROM (${lead})`,
      ).get(...values);
      if (!window || window.looked === 0) return { found: [], next: undefined };
      const conditions = conditionsOf(query);
      const rows = statement<ObjectRow & { readonly own?: string | null }>(
        `SELECT ${list}${query.attributes.some(isOwn) ? ', own' : ''} FROM (${lead}) AS candidate JOIN object ON object.id = candidate.object_id
         WHERE ${conditions.sql} ORDER BY object.id`,
      ).all(...values, ...conditions.values);
      const found = rows.filter(({ own = null }) => ownFits(query.attributes, own)).map(fromRow);
      return { found, next: window.looked < query.looks ? undefined : window.last };
    },
  };
};
