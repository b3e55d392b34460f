// How patient we are: several attempts within one total time, a queue for more calls than we have connections, and a
// circuit breaker that makes a dead link cheap for the callers behind it. Waiting in the queue counts against the total
// time only, never against the upstream. Probes (the poll of the root key's state) pass the queue and an open breaker,
// and close it when they get any real answer, so that service resumes with the poll and not after a fixed pause.

import {
  bulkhead,
  DelegateBackoff,
  handleWhenResult,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
} from 'cockatiel';
import type { Clock } from '../../clock.ts';
import { EdgeError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { Breaker } from './breaker.ts';
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

export interface Patience {
  /** Tried at once, and whatever the breaker says. */
  readonly probe: boolean;
  /** False: tried once only. The failure still says whether another try may help. */
  readonly repeat: boolean;
}

export interface Guard {
  /** Runs `attempt` until it succeeds, fails for good, or time is up. */
  run<T>(attempt: Attempt<T>, patience: Patience): Promise<Outcome<T>>;
}

export interface GuardOptions {
  readonly timings: Timings;
  readonly clock: Clock;
  readonly log: Log;
  /** Who is asked, for messages. */
  readonly peer: string;
  /** How many attempts may be under way at the same time, probes apart. */
  readonly concurrency: number;
}

const failureOf = (result: unknown): Failure | undefined => {
  const outcome = result as Outcome<unknown>; // only outcomes pass through the policies
  return outcome.ok ? undefined : outcome.failure;
};

const provesNothing = (result: unknown): boolean => {
  const failure = failureOf(result);
  return failure?.class === 'unreachable' || failure?.class === 'auth';
};

const givenUp = (message: string, hint: string | undefined): Failure => ({
  class: 'unreachable',
  retry: false,
  error: new EdgeError('upstream-unreachable', message, hint === undefined ? {} : { hint }),
});

const pauseOf = (failure: Failure | undefined, attempt: number, timings: Timings): number => {
  const jittered = timings.backoffMs * 2 ** (attempt - 1) * (0.5 + Math.random());
  return Math.max(failure?.retryAfterMs ?? 0, jittered);
};

/** What is known of a call while it lasts. */
interface Call extends Patience {
  /** Monotonic milliseconds. */
  readonly endsAt: number;
  asked: boolean;
  seen?: Failure;
}

const leftAlone = ({ peer }: GuardOptions, last: Failure | undefined): Failure =>
  givenUp(
    `${peer} is left alone for a moment after failures in a row, the last: ${last?.error.message}`,
    last?.error.hint,
  );

const outOfTime = ({ peer, timings: { totalMs } }: GuardOptions, { asked }: Call): Failure =>
  asked
    ? givenUp(`${peer} cannot be reached: no answer in ${totalMs} ms`, 'check the network and the firewall')
    : givenUp(
        `${peer} was not asked: other requests were before this one for all of ${totalMs} ms`,
        'try again; if it happens often, look at how long key protect takes to answer',
      );

/** Repeats what may be repeated, until the call ends or the breaker opens. */
const retrying = ({ timings, clock }: GuardOptions, breaker: Breaker, call: Call) => {
  const again = (result: unknown): boolean => {
    const failure = failureOf(result);
    if (failure === undefined || !failure.retry || !call.repeat || !(call.probe || breaker.closed)) return false;
    return clock.monotonic() + (failure.retryAfterMs ?? 0) < call.endsAt;
  };
  const backoff = new DelegateBackoff<{ attempt: number; result: object }>(({ attempt, result }) =>
    pauseOf('value' in result ? failureOf(result.value) : undefined, attempt, timings),
  );
  return retry(handleWhenResult(again), { maxAttempts: timings.retries, backoff });
};

/** The guard of one upstream; all calls to it share one breaker and one queue. */
export const createGuard = (options: GuardOptions): Guard => {
  const { timings, clock, log, peer } = options;
  let last: Failure | undefined;
  const breaker = new Breaker({
    failures: timings.breakerFailures,
    openMs: timings.breakerOpenMs,
    clock,
    onChange: (state) =>
      state === 'open'
        ? log.warn('upstream not asked for a while', { peer, last: last?.error.message })
        : log.info('upstream asked again', { peer }),
  });
  const queue = bulkhead(options.concurrency, Number.POSITIVE_INFINITY);
  const total = timeout(timings.totalMs, TimeoutStrategy.Aggressive);
  /** With less time than this an attempt is not begun: a full queue must not end in a burst of requests for nothing. */
  const leastMs = timings.attemptMs / 10;

  const ask = async <T>(attempt: Attempt<T>, signal: AbortSignal, call: Call): Promise<Outcome<T>> => {
    if (signal.aborted || call.endsAt - clock.monotonic() < leastMs) throw new TaskCancelledError();
    call.asked = true;
    const outcome = await attempt(signal);
    if (!provesNothing(outcome)) {
      breaker.succeeded();
      return outcome;
    }
    // An attempt that the end of the call cut short says nothing about the upstream.
    if (signal.aborted) throw new TaskCancelledError();
    last = failureOf(outcome);
    if (last !== undefined) call.seen = last;
    breaker.failed();
    return outcome;
  };

  /** One attempt when its turn comes; the breaker is looked at first, as that may be late. */
  const once = async <T>(attempt: Attempt<T>, signal: AbortSignal, call: Call): Promise<Outcome<T>> => {
    const act = () => ask(attempt, signal, call);
    if (call.probe) return act();
    const outcome = breaker.resting ? undefined : await queue.execute(() => breaker.run(act), signal);
    return outcome ?? { ok: false, failure: call.seen ?? leftAlone(options, last) };
  };

  return {
    run: async <T>(attempt: Attempt<T>, { probe, repeat }: Patience): Promise<Outcome<T>> => {
      const call: Call = { probe, repeat, endsAt: clock.monotonic() + timings.totalMs, asked: false };
      const patient = retrying(options, breaker, call);
      try {
        return await total.execute(({ signal }) => patient.execute((one) => once(attempt, one.signal, call), signal));
      } catch (error) {
        if (!(error instanceof TaskCancelledError)) throw error;
        return { ok: false, failure: call.seen ?? outOfTime(options, call) };
      }
    },
  };
};
