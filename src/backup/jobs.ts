// Backups take minutes where there is much to copy: each is begun, runs in the server, and is asked for how far it is.

import { EdgeError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { BackupFacts, BackupMaker } from './make.ts';

/** What came of one. */
export interface BackupResult extends BackupFacts {
  readonly size: number;
}

export interface BackupJob {
  /** Counts from 1 since the start of the server. */
  readonly id: number;
  /** Where it goes: a file, or the name of what is at the place of the settings. */
  readonly to: string;
  readonly running: boolean;
  /** Bytes of work. */
  readonly done: number;
  readonly total: number;
  readonly result?: BackupResult;
  /** Beside a result: that it is damaged. */
  readonly problem?: EdgeError;
}

/** One job at a time; the last one is remembered. */
export class BackupJobs {
  readonly #maker: Pick<BackupMaker, 'progress' | 'stop'>;
  readonly #log: Log;
  #last: BackupJob | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  constructor(maker: Pick<BackupMaker, 'progress' | 'stop'>, log: Log) {
    this.#maker = maker;
    this.#log = log;
  }

  /** The one that runs, or the last one. */
  get job(): BackupJob | undefined {
    const job = this.#last;
    return job?.running ? { ...job, ...(this.#maker.progress ?? {}) } : job;
  }

  /** Begins `work`; gives the job as it begins, and its end. Throws `illegal-operation` while another one runs. */
  begin(
    to: string,
    work: () => Promise<BackupResult>,
  ): { readonly job: BackupJob; readonly ended: Promise<BackupJob> } {
    if (this.#last?.running || this.#maker.progress) {
      throw new EdgeError('illegal-operation', 'another backup is being made', { hint: 'wait until it is done' });
    }
    const job: BackupJob = { id: (this.#last?.id ?? 0) + 1, to, running: true, done: 0, total: 0 };
    this.#last = job;
    const ended = this.#run(job, work);
    this.#ended = ended;
    return { job, ended };
  }

  /** Gives up what runs; resolves when nothing does any more. */
  async close(): Promise<void> {
    this.#maker.stop();
    await this.#ended;
  }

  async #run(job: BackupJob, work: () => Promise<BackupResult>): Promise<BackupJob> {
    const { id, to } = job;
    try {
      const result = await work();
      const { done, total } = this.job ?? job;
      const { size, damage } = result;
      const ended = { id, to, running: false, done, total, result };
      this.#last = damage === undefined ? ended : { ...ended, problem: unsound(damage) };
      if (damage === undefined) this.#log.info('backup made', { to, size });
      else this.#log.error('a backup was made that a restore may refuse', { to, size, problem: damage });
    } catch (error) {
      const problem =
        error instanceof EdgeError ? error : new EdgeError('internal', messageOf(error), { cause: error });
      this.#last = { id, to, running: false, done: 0, total: 0, problem };
      this.#log.error('backup failed', { to, problem: problem.message });
    }
    return this.#last;
  }
}

const unsound = (damage: string): EdgeError =>
  new EdgeError('data-damaged', `the backup was made, but ${damage}`, {
    hint: "keep the older ones, which are not thinned any more; 'kmip-edge doctor' says what to do",
  });
