// Backups that are made by themselves: when the next one is due, what became of the last ones, and which old ones go. The
// wall clock decides, since that is what people mean by a day; it is looked at each minute, so that a clock that is set
// neither loses a backup nor makes many.

import type { Cancel } from '../clock.ts';
import { EdgeError, messageOf } from '../errors.ts';
import type { AuditEntry } from '../keys/audit-ports.ts';
import type { BackupRun } from '../keys/backup-ports.ts';
import type { Store } from '../keys/ports.ts';
import type { Log } from '../log.ts';
import type { BackupJob, BackupJobs, BackupResult } from './jobs.ts';
import { notKept } from './keep.ts';
import type { BackupFacts, BackupMaker } from './make.ts';
import { backupName } from './names.ts';
import { type BackupSettings, openLock, openPlace, type PlaceParts } from './open-place.ts';
import type { Place, PlacedBackup } from './place.ts';

export interface ScheduleParts extends PlaceParts {
  readonly store: Store;
  readonly maker: Pick<BackupMaker, 'stream' | 'stop'>;
  readonly jobs: BackupJobs;
  readonly log: Log;
  readonly settings: BackupSettings;
}

export interface ScheduleState {
  /** Undefined: none are made. */
  readonly destination: string | undefined;
  readonly every: number;
  readonly keep: string;
  readonly closedBy: 'passphrase' | 'public keys';
  /** When the next one is due, milliseconds since 1970. */
  readonly next: number | undefined;
  readonly lastRun: BackupRun | undefined;
  readonly lastSuccess: BackupRun | undefined;
  /** Of the old backups that could not be removed after the last run. */
  readonly keepProblem: string | undefined;
}

/** Between two looks at the clock, milliseconds. */
const lookPause = 60_000;
/** After a failure: 5 min, 10 min, …, but never longer than until the next regular one. */
const firstRetry = 300_000;
const mostDoublings = 8;
/** How many runs are looked at for failures in a row. */
const recent = mostDoublings + 2;

export class BackupSchedule {
  readonly #parts: ScheduleParts;
  #settings: BackupSettings;
  #cancel: Cancel | undefined;
  #closed = false;
  /** One is being made, or what came of it is not yet kept: until then the next one looks due. */
  #busy = false;
  #keepProblem: string | undefined;
  /** The last run where the store did not take it: it counts all the same, or the next one would be due at once. */
  #unrecorded: BackupRun | undefined;
  #running: Promise<unknown> = Promise.resolve();
  /** Ends what is under way, so that a server can be stopped. */
  readonly #stop = new AbortController();

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
    this.#settings = parts.settings;
  }

  /** From now on backups are made when they are due. */
  start(): void {
    this.#look();
  }

  /** From now on other settings count. */
  configure(settings: BackupSettings): void {
    this.#settings = settings;
    if (this.#cancel) this.#look();
  }

  get state(): ScheduleState {
    const { destination, every, keep, recipients } = this.#settings;
    const { backups } = this.#parts.store;
    const [lastRun] = this.#runs(1);
    return {
      destination: destination === '' ? undefined : destination,
      every,
      keep,
      closedBy: recipients === '' ? 'passphrase' : 'public keys',
      next: this.#due(),
      lastRun,
      lastSuccess: backups.lastSuccess(),
      keepProblem: this.#keepProblem,
    };
  }

  /**
   * Begins a backup to the place of the settings; its end is told by the job, and never rejects. Throws `illegal-operation`
   * where there is no place, or one is being made.
   */
  now(cause: BackupRun['cause'] = 'asked'): { readonly job: BackupJob; readonly ended: Promise<BackupJob> } {
    const settings = this.#settings;
    requireDestination(settings);
    const { appliance, clock, jobs } = this.#parts;
    const beganAt = clock.now();
    const name = backupName({ appliance, at: beganAt });
    const begun = jobs.begin(name, () => this.#make(name, settings));
    this.#busy = true;
    const ended = begun.ended
      .then(async (job) => {
        await this.#recordRun(job, settings, { beganAt, cause, name });
        return job;
      })
      .finally(() => {
        this.#busy = false;
      });
    this.#running = ended;
    return { job: begun.job, ended };
  }

  /** Keeps what came of a backup to another place. That it cannot be stored is logged: the backup is there all the same. */
  async record(job: BackupJob, beganAt: number): Promise<void> {
    const { clock, store } = this.#parts;
    const run: BackupRun = {
      beganAt,
      endedAt: clock.now(),
      cause: 'asked',
      place: job.to,
      name: '',
      ...outcomeOf(job),
    };
    await store.write(({ backups }) => backups.addRun(run)).catch((error: unknown) => this.#logProblem(error));
  }

  /** The backups of this appliance at the place of the settings, newest first. Throws as {@link Place} does. */
  async list(): Promise<readonly PlacedBackup[]> {
    requireDestination(this.#settings);
    return (await this.#place(this.#settings)).list();
  }

  /** Resolves when no backup is being made at the place of the settings, and what came of the last one is kept. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    this.#stop.abort();
    this.#parts.maker.stop();
    await this.idle();
  }

  #place(settings: BackupSettings): Promise<Place> {
    return openPlace(settings, { ...this.#parts, signal: this.#stop.signal });
  }

  /** Makes one if it is due, and looks again later. */
  #look(): void {
    this.#cancel?.();
    if (this.#closed) return;
    this.#cancel = this.#parts.clock.after(lookPause, () => this.#look());
    try {
      const due = this.#due();
      if (!this.#busy && due !== undefined && due <= this.#parts.clock.now()) this.now('schedule');
    } catch (error) {
      // One is being made already: it counts.
      if (error instanceof EdgeError && error.kind === 'illegal-operation') return;
      this.#parts.log.error('a backup that may be due could not be begun', { problem: messageOf(error) });
    }
  }

  #logProblem(error: unknown): void {
    this.#parts.log.error('the end of a backup could not be recorded', { problem: messageOf(error) });
  }

  /** Newest first. */
  #runs(limit: number): readonly BackupRun[] {
    const stored = this.#parts.store.backups.runs(limit);
    return this.#unrecorded ? [this.#unrecorded, ...stored] : stored;
  }

  /** When the next one is due. */
  #due(): number | undefined {
    const { destination, every } = this.#settings;
    if (destination === '') return undefined;
    const now = this.#parts.clock.now();
    const runs = this.#runs(recent).filter(({ place }) => place === destination);
    const [last] = runs;
    // A run in the future was made before the clock was set back.
    if (!last || last.beganAt > now) return now;
    const regular = last.beganAt + every;
    if (isMade(last)) return regular;
    const success = runs.findIndex(isMade);
    const failures = success === -1 ? runs.length : success;
    const pause = firstRetry * 2 ** Math.min(failures - 1, mostDoublings);
    return Math.min(regular, last.endedAt + pause);
  }

  async #make(name: string, settings: BackupSettings): Promise<BackupResult> {
    const place = await this.#place(settings);
    const lock = await openLock(settings);
    let facts: BackupFacts | undefined;
    const pieces = this.#parts.maker.stream(lock, (told) => {
      facts = told;
    });
    const size = await place.write(name, pieces);
    if (!facts) throw new EdgeError('internal', 'a backup without a manifest');
    // Those that would go may be the last ones that a restore takes.
    if (facts.damage === undefined) await this.#thin(place, settings, name);
    return { size, ...facts };
  }

  /** Removes what the rule does not keep. Trouble with that is told, but the backup was made. */
  async #thin(place: Place, settings: BackupSettings, made: string): Promise<void> {
    this.#keepProblem = undefined;
    try {
      // What was just made stays whatever its time says: the clock may have been set back.
      const others = (await place.list()).filter(({ name }) => name !== made);
      const all = [...others, { name: made, at: this.#parts.clock.now() }];
      for (const { name } of notKept(all, settings.keep)) {
        if (name === made) continue;
        await place.remove(name);
        this.#parts.log.info('old backup removed', { name, place: place.title });
      }
    } catch (error) {
      this.#keepProblem = messageOf(error);
      this.#parts.log.warn('old backups could not be removed', { place: place.title, problem: messageOf(error) });
    }
  }

  async #recordRun(
    job: BackupJob,
    { destination: place }: BackupSettings,
    begun: Pick<BackupRun, 'beganAt' | 'cause' | 'name'>,
  ): Promise<void> {
    const { clock, store } = this.#parts;
    const run: BackupRun = {
      ...begun,
      endedAt: clock.now(),
      place,
      ...outcomeOf(job),
    };
    try {
      await store.write(({ backups, audit }) => {
        backups.addRun(run);
        // Who asked for one is recorded as an act of the management API; that it was made, or was not, is recorded here.
        audit.record(entryOf(run, job.problem?.kind));
      });
      this.#unrecorded = undefined;
    } catch (error) {
      this.#unrecorded = run;
      this.#logProblem(error);
    }
  }
}

/** A damaged one was made, too: to try it again soon would fill the place, and mend nothing. */
const isMade = ({ problem, size }: BackupRun): boolean => problem === undefined || size > 0;

const outcomeOf = ({ result, problem }: BackupJob): Pick<BackupRun, 'size' | 'problem'> => {
  const text = result?.damage ?? problem?.message;
  return { size: result?.size ?? 0, ...(text === undefined ? {} : { problem: text }) };
};

const entryOf = ({ cause, place, name, size, problem }: BackupRun, reason: string | undefined): AuditEntry => ({
  by: 'server',
  name: 'kmip-edge',
  address: '',
  operation: 'backup.made',
  outcome: problem === undefined ? 'success' : 'failed',
  subject: { cause, place, name, size: String(size) },
  ...(problem === undefined ? {} : { problem, reason }),
});

const requireDestination = ({ destination }: BackupSettings): void => {
  if (destination !== '') return;
  throw new EdgeError('illegal-operation', 'no place for backups is set', {
    hint: 'set backup.destination and what closes the backups; kmip-edge config list shows the settings',
  });
};
