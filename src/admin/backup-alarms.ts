// What is wrong with the backups: none, old ones, failed ones, and that the appliance itself came out of one.

import { readRestorations } from '../backup/restored.ts';
import type { BackupSchedule, ScheduleState } from '../backup/schedule.ts';
import type { Clock } from '../clock.ts';
import type { Damage } from '../damage.ts';
import type { BackupRun } from '../keys/backup-ports.ts';
import type { StoreReader } from '../keys/ports.ts';
import type { AlarmSource, Finding } from '../telemetry/alarms.ts';
import { readSchedule } from './backup-handlers.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** For so long it is said that the appliance was restored. */
const restoredTime = 7 * day;
/** A single backup that somebody asked for counts for so long. */
const oldAfter = 31 * day;

const about = { subject: '', page: 'backups' } as const;

/** Looks at the schedule and at what it made. */
export const backupAlarms =
  (schedule: BackupSchedule, store: StoreReader, clock: Clock, damage: Damage): AlarmSource =>
  () => {
    const state = readSchedule(schedule, damage);
    const now = clock.now();
    const restored = readRestorations(store, damage).at(-1);
    return [
      ...(state ? ofSchedule(state, now) : []),
      ...(restored && now - restored.at < restoredTime ? [afterRestore(restored)] : []),
    ];
  };

const ofSchedule = (state: ScheduleState, now: number): readonly Finding[] => [
  ...damaged(state),
  ...(state.destination === undefined ? missing(state, now) : overdue(state, now)),
  ...notRemoved(state),
];

const isDamaged = (run: BackupRun | undefined): boolean => run?.problem !== undefined && run.size > 0;

const damaged = ({ lastRun, lastSuccess }: ScheduleState): readonly Finding[] => {
  if (!isDamaged(lastRun)) return [];
  const last = lastSuccess
    ? `the last sound one is of ${new Date(lastSuccess.beganAt).toISOString()}`
    : 'none was sound';
  const what = `a restore may refuse the last backup: ${lastRun?.problem}; ${last}, and old ones are kept`;
  const todo =
    'Stop the server, keep a copy of the data directory, and restore the last sound backup into an empty one.';
  return [{ ...about, name: 'backup-damaged', severity: 'critical', what, todo, command: 'kmip-edge doctor' }];
};

const missing = ({ lastSuccess }: ScheduleState, now: number): readonly Finding[] => {
  const age = lastSuccess && now - lastSuccess.endedAt;
  if (age !== undefined && age <= oldAfter) return [];
  const what = age === undefined ? 'no backup was ever made' : `the last backup is ${Math.floor(age / day)} days old`;
  const todo = 'Have backups made by themselves, or make one: without it a lost disk loses every key made here.';
  const command = 'kmip-edge config set backup.destination DIRECTORY backup.passphraseFile FILE';
  return [{ ...about, name: 'backup-missing', severity: 'info', what, todo, command }];
};

const overdue = ({ lastRun, lastSuccess, every }: ScheduleState, now: number): readonly Finding[] => {
  const command = 'kmip-edge backup now';
  if (isDamaged(lastRun)) return [];
  if (lastRun?.problem !== undefined) {
    const what = `the last backup failed: ${lastRun.problem}`;
    const todo = 'Mend what it names, then have one made.';
    return [{ ...about, name: 'backup-failed', severity: 'warning', what, todo, command }];
  }
  if (!lastSuccess || now - lastSuccess.endedAt <= 2 * every + hour) return [];
  const what = `the last backup is of ${new Date(lastSuccess.endedAt).toISOString()}, and should have been made anew`;
  const todo = 'See the log of the server, then have one made.';
  return [{ ...about, name: 'backup-late', severity: 'warning', what, todo, command }];
};

const notRemoved = ({ keepProblem }: ScheduleState): readonly Finding[] => {
  if (keepProblem === undefined) return [];
  const what = `old backups could not be removed: ${keepProblem}`;
  const todo = 'Let the server delete there, or remove them by hand.';
  return [{ ...about, name: 'backup-not-removed', severity: 'warning', what, todo, command: 'kmip-edge backup list' }];
};

const afterRestore = ({ at, asOf }: { readonly at: number; readonly asOf: number }): Finding => {
  const what = `this appliance was restored as of ${new Date(asOf).toISOString()}: keys that were destroyed after that can be served again`;
  const todo = 'Destroy them again, and make sure that the old appliance stays off.';
  return { ...about, name: 'restored', severity: 'warning', what, todo, since: at };
};
