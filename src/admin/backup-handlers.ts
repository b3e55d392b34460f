// The routes about backups.

import { Readable } from 'node:stream';
import { type AgeLock, checkLock } from '../backup/age.ts';
import { requireNone } from '../backup/age-file.ts';
import type { BackupJob, BackupJobs } from '../backup/jobs.ts';
import { absolutePath, type BackupMaker } from '../backup/make.ts';
import { EdgeError } from '../errors.ts';
import { Secret } from '../secret.ts';
import type { BackupJobView } from './api/backups.ts';
import type { Handlers } from './routes.ts';

export interface BackupTools {
  readonly maker: BackupMaker;
  readonly jobs: BackupJobs;
}

type BackupHandlers = Pick<Handlers, 'backup.make' | 'backup.job' | 'backup.download'>;

export const backupHandlers = ({ maker, jobs }: BackupTools): BackupHandlers => ({
  'backup.make': async ({ path, ...given }) => {
    const lock = lockOf(given);
    // What would be wrong in the end is told at once.
    checkLock(lock);
    await requireNone(absolutePath(path));
    return jobView(jobs.begin(path, () => maker.make(path, lock)).job);
  },
  'backup.job': () => (jobs.job ? { job: jobView(jobs.job) } : {}),
  'backup.download': (given) => Readable.from(maker.stream(lockOf(given)), { objectMode: false }),
});

const lockOf = (given: {
  readonly passphrase?: string | undefined;
  readonly recipients?: readonly string[] | undefined;
}): AgeLock => {
  const { passphrase, recipients } = given;
  if (passphrase !== undefined && recipients === undefined) return { passphrase: new Secret(passphrase) };
  if (recipients !== undefined && passphrase === undefined) return { recipients };
  throw new EdgeError('invalid-field', 'either a passphrase or public keys are needed', {
    hint: 'a backup is closed by one of both',
  });
};

const jobView = ({ id, to, running, done, total, result, problem }: BackupJob): BackupJobView => {
  const base = { id, to, running, done, total };
  if (result) {
    const { createdAt, instances, clients, keys } = result.manifest;
    return { ...base, made: { size: result.size, createdAt, instances, clients, keys } };
  }
  if (!problem) return base;
  const { kind, message, hint } = problem;
  return { ...base, problem: hint === undefined ? { kind, message } : { kind, message, hint } };
};
