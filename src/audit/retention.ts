// Drops what was kept long enough, from the front of the trail and up to a checkpoint; a signed note of where the trail
// begins now takes its place, so that nobody else can do the same unseen.

import type { Cancel, Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Checkpoint } from '../keys/audit-ports.ts';
import type { Store } from '../keys/ports.ts';
import type { Log } from '../log.ts';
import { signCheckpoint } from './chain/checkpoint.ts';
import { serverEvent } from './events.ts';
import type { TrailKeys } from './trail-keys.ts';

export interface RetentionOptions {
  readonly store: Store;
  readonly keys: TrailKeys;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds. */
  readonly keep: number | 'unlimited';
  /** True while somebody goes through the trail from its beginning. */
  readonly isBusy: () => boolean;
  /** False while the clock may tell any time. */
  readonly isClockTrusted: () => boolean;
}

/** Milliseconds from one look to the next. */
const interval = 3_600_000;
/** Segments that are dropped in one transaction. */
const atOnce = 200;

export class Retention {
  readonly #options: RetentionOptions;
  #cancel: Cancel = () => {};
  #closed = false;
  #running: Promise<void> | undefined;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Looks every hour; not at once, because a machine that has just started may still be told the time. */
  start(): void {
    if (this.#options.keep !== 'unlimited') this.#lookLater();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#running;
  }

  /** Drops what is too old now. */
  async run(): Promise<void> {
    const { store, clock, keep, isBusy, isClockTrusted } = this.#options;
    if (keep === 'unlimited' || isBusy() || !isClockTrusted()) return;
    const covered = store.trail.checkpointBefore(clock.now() - keep);
    if (covered && covered.sequence > (store.trail.front()?.sequence ?? 0)) await this.#moveFront(covered);
    const front = store.trail.front();
    if (!front) return;
    let dropped = atOnce;
    while (dropped === atOnce && !this.#closed) {
      dropped = await store.write(({ trail }) => trail.dropUpTo(front.sequence, atOnce));
    }
  }

  async #moveFront(covered: Checkpoint): Promise<void> {
    const { store, clock, keys } = this.#options;
    const { number, sequence, hash } = covered;
    const front = signCheckpoint('front', { number, sequence, hash, time: clock.now() }, keys.privateKey);
    await store.write((tx) => {
      tx.trail.setFront(front);
      tx.audit.record(serverEvent('audit.dropped', { upTo: String(sequence) }));
    });
  }

  #lookLater(): void {
    if (!this.#closed) this.#cancel = this.#options.clock.after(interval, () => this.#look());
  }

  #look(): void {
    this.#running = this.run()
      .catch((error: unknown) => this.#options.log.error('audit trail not shortened', { problem: messageOf(error) }))
      .finally(() => this.#lookLater());
  }
}
