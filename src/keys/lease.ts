// The offline lease of one service instance: how long its keys may be served since the last proof of life of its root
// key. Time is counted so that it cannot be stretched: never from an earlier moment than the latest ever seen (a clock set
// back gains nothing), and by the monotonic clock while we run. Only hearing from the upstream starts it anew.

import type { Clock } from '../clock.ts';
import type { LeaseRecord, RootKeyState, RootKeyStatus } from './ports.ts';

export type LeaseTerm = number | 'unlimited';
export type LeaseVerdict = 'valid' | 'ended' | 'root-key-unusable';

/** States in which Key Protect itself still unwraps: an expired (deactivated) root key opens what it wrapped before. */
const servingStates: ReadonlySet<RootKeyState> = new Set(['active', 'deactivated']);

/** True when keys under a root key in `state` may be served. */
export const mayServe = (state: RootKeyState): boolean => servingStates.has(state);

export class OfflineLease {
  readonly term: LeaseTerm;
  readonly #clock: Clock;
  #record: LeaseRecord;
  #lastMonotonic: number;

  /** `record` is what was saved last, or what the check at creation found. */
  constructor(term: LeaseTerm, record: LeaseRecord, clock: Clock) {
    this.term = term;
    this.#clock = clock;
    this.#record = record;
    this.#lastMonotonic = clock.monotonic();
  }

  /** What to save: includes the time seen until now. */
  get record(): LeaseRecord {
    this.#advance();
    return this.#record;
  }

  get rootKey(): RootKeyStatus {
    return this.#record.rootKey;
  }

  /** The upstream told the root key's state. Where that state serves, the lease starts anew from the clock as it is now. */
  heard(rootKey: RootKeyStatus): void {
    this.#advance();
    const now = this.#clock.now();
    const anew = mayServe(rootKey.state) ? { provenAt: now, highWater: now } : {};
    this.#record = { ...this.#record, ...anew, rootKey };
  }

  verdict(): LeaseVerdict {
    if (!mayServe(this.#record.rootKey.state)) return 'root-key-unusable';
    if (this.term === 'unlimited') return 'valid';
    return this.#elapsed() < this.term ? 'valid' : 'ended';
  }

  /** Milliseconds left; 0 once it has ended. */
  remaining(): LeaseTerm {
    return this.term === 'unlimited' ? 'unlimited' : Math.max(0, this.term - this.#elapsed());
  }

  #elapsed(): number {
    return this.#advance() - this.#record.provenAt;
  }

  /** Moves the high-water mark to now, by whichever of the two clocks got further, and returns it. */
  #advance(): number {
    const monotonic = this.#clock.monotonic();
    // Whole milliseconds are counted and stored; what is left of one is counted next time.
    const passed = Math.floor(monotonic - this.#lastMonotonic);
    this.#lastMonotonic += passed;
    const byMonotonic = this.#record.highWater + passed;
    const highWater = Math.max(byMonotonic, this.#clock.now());
    this.#record = { ...this.#record, highWater };
    return highWater;
  }
}
