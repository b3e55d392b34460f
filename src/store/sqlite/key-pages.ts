// Keys looked for and counted by people. Whatever is asked for, one index leads to the candidates, a bounded number of
// them is looked at, and the rest is for the next page: KMIP clients wait while SQLite works.

import type { Database, Statement } from 'better-sqlite3';
import type { ObjectReader } from '../../keys/object-ports.ts';
import type { KeyPage, KeyUse, PageQuery } from '../../keys/use-ports.ts';
import { columns, fromRow, type ObjectRow } from './object-rows.ts';

type FoundRow = ObjectRow & {
  readonly id: number;
  readonly phase: number;
  readonly fetched_at: number | null;
  readonly client: string | null;
};

/** The candidates of a query: SQL that gives their numbers in order, and its values before `after` and `looks`. */
interface Lead {
  readonly sql: string;
  readonly values: readonly unknown[];
}

const after = 'AND object_id > @after ORDER BY object_id LIMIT @looks';

/** As the index over these few has it, word for word: SQLite uses it for nothing else. */
export const isAhead = '(activation_date > last_change_date OR deactivation_date > last_change_date)';

/** The narrowest index that the query allows. */
const leadOf = ({ instanceId, attributes: [first], client, state }: PageQuery): Lead => {
  if (first) {
    const sql = `SELECT object_id FROM attribute WHERE instance_id = ? AND name = ? AND value = ? ${after}`;
    return union(
      first.map(() => sql),
      first.flatMap(({ name, value }) => [instanceId, name, value]),
    );
  }
  if (client !== undefined) {
    return union([`SELECT object_id FROM key_use WHERE instance_id = ? AND client = ? ${after}`], [instanceId, client]);
  }
  const all = 'SELECT id AS object_id FROM object WHERE instance_id = ?';
  if (!state) return union([`${all} ${after}`], [instanceId]);
  return union([`${all} AND phase = ? ${after}`, `${all} AND ${isAhead} ${after}`], [instanceId, state.is, instanceId]);
};

const union = (parts: readonly string[], values: readonly unknown[]): Lead => ({
  sql: `${parts.map((part) => `SELECT * FROM (${part})`).join(' UNION ')} ORDER BY object_id LIMIT @looks`,
  values,
});

interface PhaseRow {
  readonly phase: number;
  readonly keys: number;
}

/** Looking for keys and counting them, behind statements that are prepared once for each shape of question. */
export const createKeyPages = (database: Database): Pick<ObjectReader, 'page' | 'count' | 'countByState'> => {
  const prepared = new Map<string, Statement<unknown[], FoundRow>>();
  const statement = (sql: string): Statement<unknown[], FoundRow> => {
    const found = prepared.get(sql) ?? database.prepare<unknown[], FoundRow>(sql);
    prepared.set(sql, found);
    return found;
  };
  const list = columns.map((column) => `object.${column}`).join(', ');
  const has = database
    .prepare<[number, string, Buffer], number>('SELECT 1 FROM attribute WHERE object_id = ? AND name = ? AND value = ?')
    .pluck();
  const phases = database.prepare<[string], PhaseRow>('SELECT phase, keys FROM key_count WHERE instance_id = ?');
  const slowPhases = database.prepare<[string], PhaseRow>(
    'SELECT phase, count(*) AS keys FROM object WHERE instance_id = ? GROUP BY phase',
  );
  /** Where the counts are damaged, the keys are counted: the status asks for them, and a change says the damage. */
  const phasesOf = (instanceId: string): readonly PhaseRow[] => {
    try {
      return phases.all(instanceId);
    } catch {
      return slowPhases.all(instanceId);
    }
  };
  const ahead = database.prepare<[string], Pick<FoundRow, 'phase' | 'activation_date' | 'deactivation_date'>>(
    `SELECT phase, activation_date, deactivation_date FROM object WHERE instance_id = ? AND ${isAhead}`,
  );
  const fits = (row: FoundRow, { attributes, client, state }: PageQuery): boolean =>
    (client === undefined || row.client === client) &&
    (state === undefined || stateNow(row, state.now) === state.is) &&
    attributes.slice(1).every((oneOf) => oneOf.some(({ name, value }) => has.get(row.id, name, value) !== undefined));
  return {
    page(query): KeyPage {
      const lead = leadOf(query);
      const rows = statement(
        `SELECT object.id, object.phase, ${list}, key_use.fetched_at, key_use.client
         FROM (${lead.sql}) AS candidate JOIN object ON object.id = candidate.object_id
         LEFT JOIN key_use ON key_use.object_id = object.id ORDER BY object.id`,
      ).all(...lead.values, { after: query.after, looks: query.looks });
      const found = rows
        .filter((row) => fits(row, query))
        .map((row) => ({
          number: row.id,
          object: fromRow(row),
          ...useOf(row),
        }));
      return { found, next: rows.length < query.looks ? undefined : rows.at(-1)?.id };
    },
    count: (instanceId) => phasesOf(instanceId).reduce((sum, { keys }) => sum + keys, 0),
    countByState(instanceId, now) {
      const counts = new Map(phasesOf(instanceId).map(({ phase, keys }) => [phase, keys]));
      const move = (from: number, to: number): void => {
        if (from === to) return;
        counts.set(from, (counts.get(from) ?? 0) - 1);
        counts.set(to, (counts.get(to) ?? 0) + 1);
      };
      for (const row of ahead.all(instanceId)) move(row.phase, stateNow(row, now));
      return new Map([...counts].filter(([, keys]) => keys > 0));
    },
  };
};

/** States 1 to 3 follow from dates: Pre-Active until its activation date, Active until its deactivation date. */
const stateNow = (
  { phase, activation_date, deactivation_date }: Pick<FoundRow, 'phase' | 'activation_date' | 'deactivation_date'>,
  now: number,
): number => {
  if (phase > 3) return phase;
  if (activation_date === null || activation_date > now) return 1;
  return deactivation_date !== null && deactivation_date <= now ? 3 : 2;
};

const useOf = ({ fetched_at, client }: FoundRow): { readonly use?: KeyUse } =>
  fetched_at === null || client === null ? {} : { use: { fetchedAt: fetched_at, client } };
