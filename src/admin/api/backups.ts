// Backups: one encrypted file with everything.

import { boolean, count, moment, nothing, type Of, object, type Routes, string, text } from './schema.ts';

/** What closes a backup: either one passphrase, or public keys of age. */
const lockFields = {
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
    /** What was made: absent until then. */
    made: object({ size: count, createdAt: moment, instances: count, clients: count, keys: count }),
    problem: object({ kind: string, message: string, hint: string }, ['hint']),
  },
  ['made', 'problem'],
);
export type BackupJobView = Of<typeof backupJob>;

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
} as const satisfies Routes;
