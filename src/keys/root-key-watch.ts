// Asks the upstream for the root key's state at a fixed pace: the proof of life that renews the offline lease, and the
// owner's kill switch. An upstream that cannot be reached, or that answers anything but the key's state, changes nothing,
// but is asked again soon: one poll that was unlucky must not make the owner wait for two intervals.

import type { Cancel, Clock } from '../clock.ts';
import { EdgeError, isKind, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { OfflineLease } from './lease.ts';
import { mayServe } from './lease.ts';
import {
  type LeaseRecord,
  type RootKey,
  type RootKeyState,
  type RootKeyStatus,
  RootKeyUnusable,
} from './root-key-ports.ts';

export interface UpstreamHealth {
  readonly reachable: boolean;
  /** Why not, when it is not. */
  readonly problem?: string;
  /** What to do about it. */
  readonly hint?: string;
  /** True where somebody answers who is not whom we trust. */
  readonly untrusted?: boolean;
}

export interface RootKeyWatchOptions {
  readonly instance: string;
  readonly rootKey: Pick<RootKey, 'status'>;
  readonly lease: OfflineLease;
  readonly clock: Clock;
  readonly log: Log;
  /** From the start of one question to the start of the next, milliseconds; `never` for a root key that we hold. */
  readonly interval: number | 'never';
  /** Makes the record durable. */
  readonly save: (record: LeaseRecord) => Promise<void>;
  /** The root key stopped serving: forget what is in memory. */
  readonly onUnusable: () => void;
}

/** Milliseconds from a failed question to the next; each further failure doubles it, up to the interval. */
const firstPause = 5_000;

export class RootKeyWatch {
  readonly #options: RootKeyWatchOptions;
  #cancel: Cancel = () => {};
  #closed = false;
  #asking: Promise<void> | undefined;
  #health: UpstreamHealth = { reachable: true };
  #verdicts = 0;
  #failures = 0;

  constructor(options: RootKeyWatchOptions) {
    this.#options = options;
  }

  get health(): UpstreamHealth {
    return this.#health;
  }

  /** How often the root key was said to be unusable. Taken before a question, given back with its answer. */
  get verdicts(): number {
    return this.#verdicts;
  }

  /** Starts asking, the first time at once. */
  start(): void {
    if (this.#options.interval !== 'never') void this.#tick(this.#options.interval);
  }

  /** Asks now, unless a question is under way; resolves when it is answered. */
  ask(): Promise<void> {
    this.#asking ??= this.#askOnce().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /**
   * An operation succeeded at the upstream. An answer to a question that was `asked` before the latest verdict is old
   * news, and must not bring a root key back to life.
   */
  heard(rootKey: RootKeyStatus, asked: number): void {
    if (asked !== this.#verdicts) return;
    this.#answered();
    this.#note(rootKey);
  }

  /**
   * An operation was told that the root key cannot be used. Where the state was not named, it is asked for; so it is where
   * the root key is said to be gone, because a wrong 404 from something on the way is too easily had.
   */
  async heardUnusable(error: RootKeyUnusable): Promise<void> {
    if (error.state === undefined || error.state === 'destroyed') await this.ask();
    else this.#noteVerdict(error.state);
  }

  /** An operation found the upstream out of reach: news only where it was not known. */
  heardNothing(error: unknown): void {
    if (this.#health.reachable || isKind(error, 'upstream-not-trusted')) this.#fail(error);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#asking;
    await this.#save();
  }

  async #tick(interval: number): Promise<void> {
    const started = this.#options.clock.monotonic();
    try {
      await this.ask();
    } catch (error) {
      this.#options.log.error('root key not asked for', {
        instance: this.#options.instance,
        problem: messageOf(error),
      });
    }
    if (this.#closed) return;
    const left = Math.max(0, interval - (this.#options.clock.monotonic() - started));
    const pause = this.#failures === 0 ? left : Math.min(left, firstPause * 2 ** (this.#failures - 1));
    this.#cancel = this.#options.clock.after(pause, () => void this.#tick(interval));
  }

  async #askOnce(): Promise<void> {
    const asked = this.#verdicts;
    try {
      const status = await this.#options.rootKey.status();
      this.#answered();
      if (asked === this.#verdicts) this.#note(status);
    } catch (error) {
      this.#fail(error);
    }
    await this.#save();
  }

  #answered(): void {
    this.#failures = 0;
    this.#health = { reachable: true };
  }

  #fail(error: unknown): void {
    if (error instanceof RootKeyUnusable && error.state !== undefined) {
      this.#noteVerdict(error.state);
      return;
    }
    const problem = messageOf(error);
    if (this.#health.problem !== problem) {
      this.#options.log.warn('upstream unreachable', { instance: this.#options.instance, problem });
    }
    this.#failures += 1;
    const hint = error instanceof EdgeError ? error.hint : undefined;
    const untrusted = isKind(error, 'upstream-not-trusted');
    this.#health = {
      reachable: false,
      problem,
      ...(hint === undefined ? {} : { hint }),
      ...(untrusted ? { untrusted } : {}),
    };
  }

  /** A verdict is an answer too. */
  #noteVerdict(state: RootKeyState): void {
    this.#answered();
    this.#note({ ...this.#options.lease.rootKey, state });
  }

  #note(rootKey: RootKeyStatus): void {
    const { lease, log, instance, onUnusable } = this.#options;
    const before: RootKeyState = lease.rootKey.state;
    lease.heard(rootKey);
    const serving = mayServe(rootKey.state);
    if (!serving) this.#verdicts += 1;
    if (before === rootKey.state) return;
    log.warn('root key changed state', { instance, before, now: rootKey.state, serving });
    if (!serving) onUnusable();
    void this.#save();
  }

  async #save(): Promise<void> {
    try {
      await this.#options.save(this.#options.lease.record);
    } catch (error) {
      this.#options.log.error('lease not saved', { instance: this.#options.instance, problem: messageOf(error) });
    }
  }
}
