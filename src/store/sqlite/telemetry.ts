// What telemetry keeps over a restart, in SQLite: a row for each minute of the last day, and since when there is an alarm.

import type { Database } from 'better-sqlite3';
import type { HistoryMinute, TelemetryWriter } from '../../keys/telemetry-ports.ts';

/** The tables of telemetry behind prepared statements. */
export const createTelemetry = (database: Database): TelemetryWriter => {
  const minutes = database.prepare<[], HistoryMinute>('SELECT minute, sample FROM history ORDER BY minute');
  const put = database.prepare<[number, string]>(
    'INSERT INTO history (minute, sample) VALUES (?, ?) ON CONFLICT (minute) DO UPDATE SET sample = excluded.sample',
  );
  const forget = database.prepare<[number]>('DELETE FROM history WHERE minute < ?');
  const alarms = database.prepare<[], { readonly name: string; readonly since: number }>(
    'SELECT name, since FROM alarm ORDER BY name',
  );
  const clear = database.prepare('DELETE FROM alarm');
  const add = database.prepare<[string, number]>('INSERT OR REPLACE INTO alarm (name, since) VALUES (?, ?)');
  return {
    minutes: () => minutes.all(),
    alarms: () => alarms.all().map(({ name, since }) => [name, since] as const),
    putMinute: ({ minute, sample }) => void put.run(minute, sample),
    deleteMinutesBefore: (minute) => void forget.run(minute),
    setAlarms: (all) => {
      clear.run();
      for (const [name, since] of all) add.run(name, since);
    },
  };
};
