// Time as a part that is handed in, so that leases, polls and time-outs can be tested without waiting.

/** Stops a timer; calling it twice is harmless. */
export type Cancel = () => void;

export interface Clock {
  /** Wall time, whole milliseconds since 1970. May jump in both directions. */
  now(): number;
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonic(): number;
  /** Calls `act` once after `ms` milliseconds. The timer alone does not keep the process alive. */
  after(ms: number, act: () => void): Cancel;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
