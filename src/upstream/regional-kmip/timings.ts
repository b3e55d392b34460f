// How patient we are with an endpoint, in milliseconds where nothing else is said.

import type { Clock } from '../../clock.ts';

export interface Timings {
  /** Name look-up, TCP, TLS and version negotiation of one connection. */
  readonly connectMs: number;
  /** One request on a connection that stands. */
  readonly requestMs: number;
  /** One call with all its attempts, fail-over and questions after a lost answer. */
  readonly totalMs: number;
  /** How often a request that is safe to repeat is repeated. */
  readonly retries: number;
  /** First pause before another attempt or look; it doubles, with jitter. */
  readonly backoffMs: number;
  /** Longest pause between two attempts to connect to an address. */
  readonly backoffMaximumMs: number;
  /** A connection without requests is closed after this. */
  readonly idleMs: number;
  /** A connection that was not used for so long is tried before a change is sent over it. */
  readonly freshMs: number;
  /** How often an address that failed is asked whether it is back. */
  readonly healthMs: number;
}

export const defaultTimings: Timings = {
  connectMs: 4_000,
  requestMs: 4_000,
  totalMs: 12_000,
  retries: 2,
  backoffMs: 100,
  backoffMaximumMs: 5_000,
  idleMs: 60_000,
  freshMs: 5_000,
  healthMs: 15_000,
};

/** A number from 0 up to 1, for jitter; not for anything secret. */
export type Jitter = () => number;

/** The pause before attempt number `attempt` (from 1): doubled each time, up to `maximum`, 50 to 100 % of it. */
export const pauseBefore = (attempt: number, first: number, maximum: number, jitter: Jitter): number =>
  Math.min(maximum, first * 2 ** (attempt - 1)) * (0.5 + jitter() / 2);

/** Waits on the clock that was handed in. */
export const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.after(ms, resolve));
