// A clock that moves only when a test says so. Wall time can be set apart from the monotonic time, as on a real machine.

import type { Cancel, Clock } from '../../src/clock.ts';

interface Timer {
  readonly at: number;
  readonly act: () => void;
}

export class FakeClock implements Clock {
  #wall: number;
  #monotonic = 0;
  readonly #timers = new Set<Timer>();

  constructor(wall = Date.UTC(2026, 10, 23)) {
    this.#wall = wall;
  }

  /** Whole, as on a real machine; timers with jitter are due in between. */
  now(): number {
    return Math.floor(this.#wall);
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(ms: number, act: () => void): Cancel {
    const timer = { at: this.#monotonic + ms, act };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Sets the wall clock, as an administrator or NTP does; no time passes. */
  setWall(ms: number): void {
    this.#wall = ms;
  }

  /** Lets `ms` milliseconds pass on both clocks and runs what is due, in order. What those acts await goes on later. */
  async pass(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    for (let next = this.#nextUntil(end); next; next = this.#nextUntil(end)) {
      this.#timers.delete(next);
      this.#moveTo(next.at);
      next.act();
      await settle();
    }
    this.#moveTo(end);
    await settle();
  }

  #moveTo(monotonic: number): void {
    this.#wall += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }

  #nextUntil(end: number): Timer | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= end);
    return due.toSorted((one, other) => one.at - other.at)[0];
  }
}

/** Lets promises and immediate callbacks that are ready run. */
export const settle = async (): Promise<void> => {
  for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve));
};
