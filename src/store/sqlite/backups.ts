// What became of backups, and when this store was restored from one.

import type { Database } from 'better-sqlite3';
import type { BackupRun, BackupWriter, Restoration } from '../../keys/backup-ports.ts';

interface RunRow {
  readonly began_at: number;
  readonly ended_at: number;
  readonly cause: string;
  readonly place: string;
  readonly name: string;
  readonly size: number;
  readonly problem: string | null;
}

interface RestorationRow {
  readonly at: number;
  readonly as_of: number;
  readonly told: number;
}

/** Older runs are forgotten. */
const runsKept = 500;

/** The tables behind prepared statements. */
export const createBackups = (database: Database): BackupWriter => {
  const runs = database.prepare<[number], RunRow>('SELECT * FROM backup_run ORDER BY id DESC LIMIT ?');
  const addRun = database.prepare<[RunRow]>(
    `INSERT INTO backup_run (began_at, ended_at, cause, place, name, size, problem)
     VALUES (@began_at, @ended_at, @cause, @place, @name, @size, @problem)`,
  );
  const forget = database.prepare<[number]>('DELETE FROM backup_run WHERE id <= (SELECT max(id) FROM backup_run) - ?');
  const lastSuccess = database.prepare<[], RunRow>(
    'SELECT * FROM backup_run WHERE problem IS NULL ORDER BY id DESC LIMIT 1',
  );
  const restorations = database.prepare<[], RestorationRow>('SELECT at, as_of, told FROM restoration ORDER BY id');
  const addRestoration = database.prepare<[number, number]>(
    'INSERT INTO restoration (at, as_of, told) VALUES (?, ?, 0)',
  );
  const tell = database.prepare('UPDATE restoration SET told = 1');
  return {
    runs: (limit) => runs.all(limit).map(runOf),
    lastSuccess() {
      const row = lastSuccess.get();
      return row && runOf(row);
    },
    addRun({ beganAt, endedAt, cause, place, name, size, problem }) {
      const row = { began_at: beganAt, ended_at: endedAt, cause, place, name, size, problem: problem ?? null };
      addRun.run(row);
      forget.run(runsKept);
    },
    restorations: () => restorations.all().map(restorationOf),
    addRestoration: ({ at, asOf }) => void addRestoration.run(at, asOf),
    tellRestorations: () => void tell.run(),
  };
};

const runOf = ({ began_at, ended_at, cause, place, name, size, problem }: RunRow): BackupRun => ({
  beganAt: began_at,
  endedAt: ended_at,
  cause: cause === 'schedule' ? 'schedule' : 'asked',
  place,
  name,
  size,
  ...(problem === null ? {} : { problem }),
});

const restorationOf = ({ at, as_of, told }: RestorationRow): Restoration => ({ at, asOf: as_of, told: told === 1 });
