// A route with patience: reads are repeated, and requests that change something only while nothing of them was sent.

import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { Exchange } from './exchange.ts';
import { CertificateNotTrusted, LinkError } from './link-errors.ts';
import type { Alive, Route } from './route.ts';
import { type Jitter, pause, pauseBefore, type Timings } from './timings.ts';

export interface Caller {
  readonly timings: Timings;
  readonly clock: Clock;
  readonly log: Log;
  /** The moment at which a call that begins now must have ended. */
  deadline(ms?: number): number;
  /** Asks until there is an answer, `retries` times at most. For what may be repeated. */
  read<T>(exchange: Exchange<T>, until: number): Promise<T>;
  /** Sends a change at most once: a `LinkError` with `sent` means that it may have been executed. */
  change<T>(exchange: Exchange<T>, until: number): Promise<T>;
  /** Who answers now; asked again like a read, because a connection that stood idle may just have ended. */
  probe(until: number): Promise<Alive>;
  /** Waits before look number `attempt` (from 1); false where there is no time for it, or nobody to ask any more. */
  waitFor(attempt: number, until: number): Promise<boolean>;
}

export interface CallerOptions {
  readonly route: Route;
  readonly timings: Timings;
  readonly clock: Clock;
  readonly log: Log;
  readonly jitter: Jitter;
}

/** Longest pause between two looks at what became of a request. */
const longestPause = 1_000;

export const createCaller = ({ route, timings, clock, log, jitter }: CallerOptions): Caller => {
  const waitFor = async (attempt: number, until: number): Promise<boolean> => {
    const ms = pauseBefore(attempt, timings.backoffMs, longestPause, jitter);
    if (route.closed || clock.monotonic() + ms >= until) return false;
    await pause(clock, ms);
    return !route.closed;
  };
  const repeat = async <T>(act: () => Promise<T>, until: number, again: (error: LinkError) => boolean): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await act();
      } catch (error) {
        // another certificate does not come by asking again
        if (!(error instanceof LinkError) || error instanceof CertificateNotTrusted || !again(error)) throw error;
        if (attempt > timings.retries || !(await waitFor(attempt, until))) throw error;
      }
    }
  };
  return {
    timings,
    clock,
    log,
    deadline: (ms = timings.totalMs) => clock.monotonic() + ms,
    read: (exchange, until) =>
      repeat(
        () => route.run(exchange, until),
        until,
        () => true,
      ),
    change: (exchange, until) =>
      repeat(
        () => route.run(exchange, until),
        until,
        ({ sent }) => !sent,
      ),
    probe: (until) =>
      repeat(
        () => route.probe(until),
        until,
        () => true,
      ),
    waitFor,
  };
};
