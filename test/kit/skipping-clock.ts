// The system's clock, on which a test can let time pass at once: for what a whole server does after a pause, while its
// sockets and disks take the time that they take.

import { type Cancel, type Clock, systemClock } from '../../src/clock.ts';

interface Timer {
  readonly at: number;
  readonly act: () => void;
  cancel: Cancel;
}

export class SkippingClock implements Clock {
  #skipped = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return systemClock.now() + this.#skipped;
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#skipped;
  }

  after(ms: number, act: () => void): Cancel {
    const timer: Timer = { at: this.monotonic() + ms, act, cancel: () => {} };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => {
      timer.cancel();
      this.#timers.delete(timer);
    };
  }

  /** Lets whole milliseconds pass; what is due by then runs soon, in order. */
  skip(ms: number): void {
    this.#skipped += ms;
    for (const timer of [...this.#timers].toSorted((one, other) => one.at - other.at)) {
      timer.cancel();
      this.#arm(timer);
    }
  }

  #arm(timer: Timer): void {
    timer.cancel = systemClock.after(Math.max(0, timer.at - this.monotonic()), () => {
      this.#timers.delete(timer);
      timer.act();
    });
  }
}
