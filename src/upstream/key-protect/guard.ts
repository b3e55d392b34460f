// How patient we are: several attempts within one total time, and a circuit breaker that makes a dead link cheap for
// the callers behind it. Probes (the poll of the root key's state) are let through an open breaker, and close it when
// they get any real answer, so that service resumes with the poll and not after a fixed pause.

import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  DelegateBackoff,
  handleWhenResult,
  IsolatedCircuitError,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
} from 'cockatiel';
import type { Clock } from '../../clock.ts';
import { EdgeError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Failure, Outcome } from './errors.ts';

export interface Timings {
  /** Milliseconds for one request. */
  readonly attemptMs: number;
  /** Milliseconds for a call with all its attempts. */
  readonly totalMs: number;
  /** How often a failed attempt is repeated. */
  readonly retries: number;
  /** First pause between attempts, milliseconds; it doubles, with jitter. */
  readonly backoffMs: number;
  /** The breaker opens after so many attempts in a row without an answer that proves anything. */
  readonly breakerFailures: number;
  /** Milliseconds before an open breaker lets a call try again. */
  readonly breakerOpenMs: number;
  /** Milliseconds that one connection is used. */
  readonly connectionLifeMs: number;
}

export const defaultTimings: Timings = {
  attemptMs: 3_000,
  totalMs: 8_000,
  retries: 3,
  backoffMs: 200,
  breakerFailures: 5,
  breakerOpenMs: 5_000,
  connectionLifeMs: 60_000,
};

export type Attempt<T> = (signal: AbortSignal) => Promise<Outcome<T>>;

export interface Guard {
  /** Runs `attempt` until it succeeds, fails for good, or time is up. `probe`: also while the breaker is open. */
  run<T>(attempt: Attempt<T>, probe: boolean): Promise<Outcome<T>>;
}

export interface GuardOptions {
  readonly timings: Timings;
  readonly clock: Clock;
  readonly log: Log;
  /** Who is asked, for messages. */
  readonly peer: string;
}

const failureOf = (result: unknown): Failure | undefined => {
  const outcome = result as Outcome<unknown>; // only outcomes pass through the policies
  return outcome.ok ? undefined : outcome.failure;
};

const provesNothing = (result: unknown): boolean => {
  const failure = failureOf(result);
  return failure?.class === 'unreachable' || failure?.class === 'auth';
};

const givenUp = (message: string, hint: string | undefined): { ok: false; failure: Failure } => ({
  ok: false,
  failure: {
    class: 'unreachable',
    retry: false,
    error: new EdgeError('upstream-unreachable', message, hint === undefined ? {} : { hint }),
  },
});

/** A breaker that can also be closed from outside. */
const createBreaker = ({ timings, log, peer }: GuardOptions) => {
  const counter = new ConsecutiveBreaker(timings.breakerFailures);
  const breaker = circuitBreaker(handleWhenResult(provesNothing), {
    halfOpenAfter: timings.breakerOpenMs,
    breaker: counter,
  });
  let lastFailure: Failure | undefined;
  breaker.onStateChange((state) => {
    if (state === CircuitState.Open)
      log.warn('upstream not asked for a while', { peer, last: lastFailure?.error.message });
    if (state === CircuitState.Closed) log.info('upstream asked again', { peer });
  });
  return {
    closed: () => breaker.state === CircuitState.Closed,
    lastFailure: () => lastFailure,
    run: async <T>(attempt: Attempt<T>, signal: AbortSignal): Promise<Outcome<T>> =>
      breaker.execute(async ({ signal: inner }) => {
        const outcome = await attempt(inner);
        if (provesNothing(outcome)) lastFailure = failureOf(outcome);
        return outcome;
      }, signal),
    /** Isolating and letting go is cockatiel's way to force the closed state. */
    close: () => {
      breaker.isolate().dispose();
      counter.success();
    },
  };
};

type Breaker = ReturnType<typeof createBreaker>;

const probeOnce = async <T>(breaker: Breaker, attempt: Attempt<T>, signal: AbortSignal): Promise<Outcome<T>> => {
  if (breaker.closed()) return breaker.run(attempt, signal);
  const outcome = await attempt(signal);
  if (!provesNothing(outcome) && !breaker.closed()) breaker.close();
  return outcome;
};

const pauseOf = (failure: Failure | undefined, attempt: number, timings: Timings): number => {
  const jittered = timings.backoffMs * 2 ** (attempt - 1) * (0.5 + Math.random());
  return Math.max(failure?.retryAfterMs ?? 0, jittered);
};

/** The guard of one upstream; all calls to it share one breaker. */
export const createGuard = (options: GuardOptions): Guard => {
  const { timings, clock, peer } = options;
  const breaker = createBreaker(options);
  const total = timeout(timings.totalMs, TimeoutStrategy.Aggressive);

  const retrying = (endsAt: number, probe: boolean) => {
    const again = (result: unknown): boolean => {
      const failure = failureOf(result);
      if (failure === undefined || !failure.retry || !(probe || breaker.closed())) return false;
      return clock.monotonic() + (failure.retryAfterMs ?? 0) < endsAt;
    };
    const backoff = new DelegateBackoff<{ attempt: number; result: object }>(({ attempt, result }) =>
      pauseOf('value' in result ? failureOf(result.value) : undefined, attempt, timings),
    );
    return retry(handleWhenResult(again), { maxAttempts: timings.retries, backoff });
  };

  const explain = (error: unknown, seen: Failure | undefined): { ok: false; failure: Failure } => {
    if (seen !== undefined) return { ok: false, failure: seen };
    if (error instanceof BrokenCircuitError || error instanceof IsolatedCircuitError) {
      const last = breaker.lastFailure()?.error;
      return givenUp(
        `${peer} is left alone for a moment after failures in a row, the last: ${last?.message}`,
        last?.hint,
      );
    }
    if (error instanceof TaskCancelledError) {
      return givenUp(
        `${peer} cannot be reached: no answer in ${timings.totalMs} ms`,
        'check the network and the firewall',
      );
    }
    throw error;
  };

  return {
    run: async <T>(attempt: Attempt<T>, probe: boolean): Promise<Outcome<T>> => {
      let seen: Failure | undefined;
      const once: Attempt<T> = async (signal) => {
        const outcome = await (probe ? probeOnce(breaker, attempt, signal) : breaker.run(attempt, signal));
        seen = outcome.ok ? undefined : outcome.failure;
        return outcome;
      };
      const patient = retrying(clock.monotonic() + timings.totalMs, probe);
      try {
        return await total.execute(({ signal }) => patient.execute((context) => once(context.signal), signal));
      } catch (error) {
        return explain(error, seen);
      }
    },
  };
};
