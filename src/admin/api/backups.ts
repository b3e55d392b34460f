// Backups: one encrypted file with everything.

import { boolean, count, list, moment, nothing, type Of, object, oneOf, type Routes, string, text } from './schema.ts';

/** What closes a file: either one passphrase, or public keys of age. */
export const lockFields = {
  passphrase: { type: 'string', minLength: 1, maxLength: 1024 },
  recipients: { type: 'array', items: { type: 'string', minLength: 1, maxLength: 200 }, minItems: 1, maxItems: 16 },
} as const;

const backupJob = object(
  {
    /** Counts from 1 since the start of the server. */
    id: count,
    /** Where it goes. */
    to: string,
    running: boolean,
    /** Bytes of work. */
    done: count,
    total: count,
    /** What was made: absent until then. With a problem beside it, a restore may refuse it. */
    made: object({ size: count, createdAt: moment, instances: count, clients: count, keys: count }),
    problem: object({ kind: string, message: string, hint: string }, ['hint']),
  },
  ['made', 'problem'],
);
export type BackupJobView = Of<typeof backupJob>;

/** One attempt. `name` is empty where a path was given, `size` is 0 where it failed; with a size, `problem` says what is damaged in it. */
const backupRun = object(
  {
    beganAt: moment,
    endedAt: moment,
    cause: oneOf('schedule', 'asked'),
    place: string,
    name: string,
    size: count,
    problem: string,
  },
  ['problem'],
);
export type BackupRunView = Of<typeof backupRun>;

export const backupSchedule = object(
  {
    /** Absent: none are made by themselves. */
    destination: string,
    /** Milliseconds. */
    every: count,
    keep: string,
    closedBy: oneOf('passphrase', 'public keys'),
    /** When the next one is due. */
    next: moment,
    /** Newest first. */
    runs: list(backupRun),
    lastSuccess: backupRun,
    /** Why old backups could not be removed after the last run. */
    keepProblem: string,
    /** This appliance came out of a backup: when, and as of when. Keys that were destroyed in between are there again. */
    restored: object({ at: moment, asOf: moment }),
  },
  ['destination', 'next', 'lastSuccess', 'keepProblem', 'restored'],
);
export type BackupScheduleView = Of<typeof backupSchedule>;

const placedBackup = object({ name: string, size: count, createdAt: moment });
export type PlacedBackupView = Of<typeof placedBackup>;

export const backupRoutes = {
  'backup.make': {
    method: 'POST',
    path: '/v1/backups',
    role: 'administrator',
    summary: 'Begins to write a backup to a file on the machine of the server; a passphrase or public keys close it.',
    input: object({ path: text, ...lockFields }, ['passphrase', 'recipients']),
    output: backupJob,
  },
  'backup.job': {
    method: 'GET',
    path: '/v1/backups/job',
    role: 'read-only',
    summary: 'The backup that is being made, or the last one since the start of the server.',
    input: nothing,
    output: object({ job: backupJob }, ['job']),
  },
  'backup.download': {
    method: 'POST',
    path: '/v1/backups/download',
    role: 'administrator',
    summary: 'A backup as the answer; a passphrase or public keys close it.',
    input: object(lockFields, ['passphrase', 'recipients']),
    output: { type: 'string', format: 'binary' },
    media: 'application/octet-stream',
  },
  'backup.now': {
    method: 'POST',
    path: '/v1/backups/now',
    role: 'operator',
    summary: 'Begins to make a backup at the place of the settings, closed as they say.',
    input: nothing,
    output: backupJob,
  },
  'backup.list': {
    method: 'GET',
    path: '/v1/backups',
    role: 'read-only',
    summary: 'The backups of this appliance at the place of the settings, newest first.',
    input: nothing,
    output: list(placedBackup),
  },
  'backup.schedule': {
    method: 'GET',
    path: '/v1/backups/schedule',
    role: 'read-only',
    summary: 'When the next backup is due, and what became of the last ones.',
    input: nothing,
    output: backupSchedule,
  },
} as const satisfies Routes;
