// The routes about backups.

import { Readable } from 'node:stream';
import { type AgeLock, checkLock } from '../backup/age.ts';
import { requireNone } from '../backup/age-file.ts';
import type { BackupJob, BackupJobs, BackupResult } from '../backup/jobs.ts';
import { absolutePath, type BackupMaker } from '../backup/make.ts';
import type { BackupSchedule, ScheduleState } from '../backup/schedule.ts';
import type { Clock } from '../clock.ts';
import type { Damage } from '../damage.ts';
import { EdgeError } from '../errors.ts';
import type { BackupRun } from '../keys/backup-ports.ts';
import type { Store } from '../keys/ports.ts';
import { Secret } from '../secret.ts';
import type { BackupJobView, BackupRunView, BackupScheduleView } from './api/backups.ts';
import type { RouteName } from './api/table.ts';
import type { Handlers } from './routes.ts';

export interface BackupTools {
  readonly maker: BackupMaker;
  readonly jobs: BackupJobs;
  readonly schedule: BackupSchedule;
  /** What a guess at the passphrase of a file costs; default: as {@link AgeLock} says. */
  readonly passphraseWork?: number | undefined;
}

type BackupHandlers = Pick<Handlers, Extract<RouteName, `backup.${string}`>>;
const shownRuns = 20;

export const backupHandlers = (
  { maker, jobs, schedule, passphraseWork }: BackupTools,
  { store, clock }: { readonly store: Store; readonly clock: Clock },
): BackupHandlers => ({
  'backup.make': async ({ path, ...given }) => {
    const lock = lockOf(given, passphraseWork);
    // What would be wrong in the end is told at once.
    checkLock(lock);
    await requireNone(absolutePath(path));
    const beganAt = clock.now();
    const { job, ended } = jobs.begin(path, async () => maker.make(path, lock));
    // The job itself tells whoever asks; that it was made counts where backups are missed.
    void ended.then((done) => schedule.record(done, beganAt));
    return jobView(job);
  },
  'backup.job': () => (jobs.job ? { job: jobView(jobs.job) } : {}),
  'backup.now': () => jobView(schedule.now().job),
  'backup.list': async () => {
    const found = await schedule.list();
    return found.map(({ name, size, at }) => ({ name, size, createdAt: momentOf(at) }));
  },
  'backup.schedule': () => scheduleView(schedule.state, store),
  'backup.download': (given) => Readable.from(maker.stream(lockOf(given, passphraseWork)), { objectMode: false }),
});

/** When the next backup is due, and when the last good one ended. */
export const backupMoments = (
  { schedule }: BackupTools,
  damage: Damage,
): { readonly next?: string; readonly last?: string } => {
  const { next, lastSuccess } = readSchedule(schedule, damage) ?? {};
  return {
    ...(next === undefined ? {} : { next: momentOf(next) }),
    ...(lastSuccess ? { last: momentOf(lastSuccess.endedAt) } : {}),
  };
};

/** How the schedule is; undefined where what became of former backups is damaged. */
export const readSchedule = (schedule: BackupSchedule, damage: Damage): ScheduleState | undefined => {
  const meaning = 'when backups were made is not known, and none are made by themselves';
  return damage.orElse('table backup_run', meaning, () => schedule.state, undefined);
};

const momentOf = (ms: number): string => new Date(ms).toISOString();

const runView = ({ beganAt, endedAt, ...run }: BackupRun): BackupRunView => ({
  ...run,
  beganAt: momentOf(beganAt),
  endedAt: momentOf(endedAt),
});

const scheduleView = (state: ScheduleState, { backups }: Store): BackupScheduleView => {
  const { destination, every, keep, closedBy, next, lastSuccess, keepProblem } = state;
  const restored = backups.restorations().at(-1);
  return {
    every,
    keep,
    closedBy,
    runs: backups.runs(shownRuns).map(runView),
    ...(destination === undefined ? {} : { destination }),
    ...(next === undefined ? {} : { next: momentOf(next) }),
    ...(lastSuccess ? { lastSuccess: runView(lastSuccess) } : {}),
    ...(keepProblem === undefined ? {} : { keepProblem }),
    ...(restored ? { restored: { at: momentOf(restored.at), asOf: momentOf(restored.asOf) } } : {}),
  };
};

/** What closes a file, as it was given. Throws `invalid-field` for both or neither. */
export const lockOf = (
  given: { readonly passphrase?: string | undefined; readonly recipients?: readonly string[] | undefined },
  work?: number,
): AgeLock => {
  const { passphrase, recipients } = given;
  if (passphrase !== undefined && recipients === undefined) return { passphrase: new Secret(passphrase), work };
  if (recipients !== undefined && passphrase === undefined) return { recipients };
  throw new EdgeError('invalid-field', 'either a passphrase or public keys are needed', {
    hint: 'the file is closed by one of both',
  });
};

const jobView = ({ id, to, running, done, total, result, problem }: BackupJob): BackupJobView => ({
  ...{ id, to, running, done, total },
  ...(result ? { made: madeView(result) } : {}),
  ...(problem ? { problem: problemView(problem) } : {}),
});

const madeView = ({ size, manifest }: BackupResult): NonNullable<BackupJobView['made']> => {
  const { createdAt, instances, clients, keys } = manifest;
  return { size, createdAt, instances, clients, keys };
};

const problemView = ({ kind, message, hint }: EdgeError): NonNullable<BackupJobView['problem']> =>
  hint === undefined ? { kind, message } : { kind, message, hint };
