// A backup that the server makes, watched to its end.

import { setTimeout } from 'node:timers/promises';
import type { BackupJobView } from '../../admin/api/backups.ts';
import { call } from '../../admin/api/client.ts';
import { EdgeError, type ErrorKind, errorKinds } from '../../errors.ts';
import { type CommonOptions, type Context, dataDirectoryOf } from '../command.ts';
import { list, printJson } from '../output.ts';
import { createProgress } from '../progress.ts';

/** Milliseconds. */
const pollPause = 200;

/** Watches a backup to its end and prints what came of it. Throws what it failed with. */
export const showJob = async (context: Context, options: CommonOptions, begun: BackupJobView): Promise<void> => {
  const job = await watchJob(context, options, begun);
  const { made, problem } = job;
  if (problem) {
    const kind: ErrorKind = Object.hasOwn(errorKinds, problem.kind) ? (problem.kind as ErrorKind) : 'internal';
    throw new EdgeError(kind, problem.message, problem.hint === undefined ? {} : { hint: problem.hint });
  }
  if (!made) throw new EdgeError('internal', 'the server does not say what it made');
  if (options.json) return printJson(context.terminal, { to: job.to, ...made });
  context.terminal.out(
    list([
      ['backup', job.to],
      ['size', `${made.size} bytes`],
      ['as of', made.createdAt],
      ['keys', String(made.keys)],
    ]),
  );
};

const watchJob = async (context: Context, options: CommonOptions, begun: BackupJobView): Promise<BackupJobView> => {
  const progress = createProgress(context.terminal, 'backup', { quiet: options.json });
  let job = begun;
  try {
    while (job.running) {
      progress.show(job);
      await setTimeout(pollPause);
      const { job: next } = await call(dataDirectoryOf(options, context), 'backup.job', {});
      if (next?.id !== begun.id)
        throw new EdgeError('internal', 'the server was started anew before the backup was done');
      job = next;
    }
    return job;
  } finally {
    progress.end();
  }
};
