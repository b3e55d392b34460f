// The verification of the stored trail as something that runs: one at a time, whoever asks for it, and its last result.

import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Checkpoint } from '../keys/audit-ports.ts';
import type { Report } from './chain/verifier.ts';
import { type StoredTrail, verifyStored } from './verify-store.ts';

export interface VerificationState {
  readonly running: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** Sequence numbers: the last record seen, and the last one there was at the start. */
  readonly done: number;
  readonly total: number;
  readonly report?: Report;
  /** Why it could not be ended. */
  readonly problem?: string;
}

export class Verification {
  readonly #trail: StoredTrail;
  readonly #clock: Clock;
  #state: VerificationState | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(trail: StoredTrail, clock: Clock) {
    this.#trail = trail;
    this.#clock = clock;
  }

  get isRunning(): boolean {
    return this.#state?.running ?? false;
  }

  /** The one that runs, or the last one since the start. */
  get state(): VerificationState | undefined {
    return this.#state;
  }

  /** Begins one that also meets `expected`, unless one runs; gives its state. */
  begin(expected: readonly Checkpoint[]): VerificationState {
    if (this.#state?.running) return this.#state;
    const last = this.#trail.trail.segmentUpTo(Number.MAX_SAFE_INTEGER)?.last ?? 0;
    const begun: VerificationState = { running: true, startedAt: this.#clock.now(), done: 0, total: last };
    this.#state = begun;
    this.#running = this.#run(begun, expected);
    return begun;
  }

  /** Resolves when none runs. */
  close(): Promise<void> {
    return this.#running;
  }

  async #run(begun: VerificationState, expected: readonly Checkpoint[]): Promise<void> {
    const end = (how: Partial<VerificationState>): void => {
      this.#state = { ...begun, ...this.#state, ...how, running: false, endedAt: this.#clock.now() };
    };
    try {
      const report = await verifyStored(this.#trail, expected, (done) => {
        this.#state = { ...begun, done };
      });
      end({ report });
    } catch (error) {
      end({ problem: messageOf(error) });
    }
  }
}
