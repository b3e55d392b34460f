// A circuit breaker on the monotonic clock: failures in a row open it, one call at a time may try after a pause, and any
// real answer, whoever got it, closes it. The caller says which outcomes are failures.

import type { Clock } from '../../clock.ts';

export interface BreakerOptions {
  /** How many failures in a row open it. */
  readonly failures: number;
  /** Milliseconds for which nobody is let through once it is open. */
  readonly openMs: number;
  readonly clock: Clock;
  /** Called when it opens and when it closes, not for every failed trial. */
  readonly onChange: (state: 'open' | 'closed') => void;
}

export class Breaker {
  readonly #options: BreakerOptions;
  #inARow = 0;
  #openedAt: number | undefined;
  #trial: Promise<unknown> | undefined;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  get closed(): boolean {
    return this.#openedAt === undefined;
  }

  /** Open, and not long enough for a trial. */
  get resting(): boolean {
    const { clock, openMs } = this.#options;
    return this.#openedAt !== undefined && clock.monotonic() - this.#openedAt < openMs;
  }

  /** Runs `act`; while another call tries an open breaker, waits for what it finds. Undefined: not let through. */
  async run<T>(act: () => Promise<T>): Promise<T | undefined> {
    while (this.#trial !== undefined) await this.#trial;
    if (this.resting) return undefined;
    if (this.closed) return act();
    const trial = act();
    this.#trial = Promise.allSettled([trial]).then(() => {
      this.#trial = undefined;
    });
    return trial;
  }

  succeeded(): void {
    this.#inARow = 0;
    if (this.closed) return;
    this.#openedAt = undefined;
    this.#options.onChange('closed');
  }

  /** While it rests, failures are of calls that began before, and change nothing. */
  failed(): void {
    if (this.resting) return;
    this.#inARow += 1;
    const opens = this.closed;
    if (opens && this.#inARow < this.#options.failures) return;
    this.#openedAt = this.#options.clock.monotonic();
    if (opens) this.#options.onChange('open');
  }
}
