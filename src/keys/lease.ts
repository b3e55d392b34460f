// The offline lease of one service instance: how long its keys may be served since the last proof of life of its root
// key. Only hearing from the upstream starts it anew.
//
// How time is counted, so that it cannot be stretched:
// 1. The monotonic clock always counts. What it counted is kept and saved, and nothing takes it back: a wall clock set
//    back gains nothing.
// 2. Where the wall clock is ahead of that (time while we were not running, a machine that was suspended, a clock set
//    forward), it counts at once, but is kept and saved only when it has been ahead for ten minutes without a break;
//    looked at in windows of ten minutes, that takes up to twenty. So a wrong clock that is set right within ten minutes
//    ends nothing for good.
// 3. Setting the clock back can therefore undo a lead of the wall clock that is not kept yet, right or wrong, and no
//    more: what setting it back before our start could do as well. Time that passed while we ran is never undone.

import type { Clock } from '../clock.ts';
import type { LeaseRecord, RootKeyState, RootKeyStatus } from './root-key-ports.ts';

export type LeaseTerm = number | 'unlimited';
export type LeaseVerdict = 'valid' | 'ended' | 'root-key-unusable';

/** States in which Key Protect itself still unwraps: an expired (deactivated) root key opens what it wrapped before. */
const servingStates: ReadonlySet<RootKeyState> = new Set(['active', 'deactivated']);

/** True when keys under a root key in `state` may be served. */
export const mayServe = (state: RootKeyState): boolean => servingStates.has(state);

/** Milliseconds for which the wall clock must be ahead before that is believed for good. */
const holdTime = 10 * 60_000;

export class OfflineLease {
  readonly term: LeaseTerm;
  readonly #clock: Clock;
  #record: LeaseRecord;
  #lastMonotonic: number;
  /** By how many milliseconds the wall clock was ahead of the record at every look since a monotonic moment. */
  #lead: number;
  #leadSince: number;

  /** `record` is what was saved last, or what the check at creation found. */
  constructor(term: LeaseTerm, record: LeaseRecord, clock: Clock) {
    this.term = term;
    this.#clock = clock;
    this.#record = record;
    this.#lastMonotonic = clock.monotonic();
    this.#lead = Math.max(0, clock.now() - record.highWater);
    this.#leadSince = this.#lastMonotonic;
  }

  /** What to save: includes the time seen until now, but for a lead of the wall clock that has not held yet. */
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
    this.#record = { ...this.#record, rootKey };
    if (!mayServe(rootKey.state)) return;
    const now = this.#clock.now();
    this.#record = { provenAt: now, highWater: now, rootKey };
    this.#lead = 0;
    this.#leadSince = this.#clock.monotonic();
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

  /** Moves the high-water mark by what has passed, and returns the time that counts now. */
  #advance(): number {
    const monotonic = this.#clock.monotonic();
    // Whole milliseconds are counted and stored; what is left of one is counted next time.
    const passed = Math.floor(monotonic - this.#lastMonotonic);
    this.#lastMonotonic += passed;
    const now = this.#clock.now();
    const counted = this.#record.highWater + passed;
    const highWater = counted + this.#believed(monotonic, Math.max(0, now - counted));
    this.#record = { ...this.#record, highWater };
    return Math.max(highWater, now);
  }

  /** What of the wall clock's lead has held for long enough to be kept. */
  #believed(monotonic: number, lead: number): number {
    const held = Math.min(this.#lead, lead);
    const over = monotonic - this.#leadSince >= holdTime;
    this.#lead = over ? lead - held : held;
    if (over) this.#leadSince = monotonic;
    return over ? held : 0;
  }
}
