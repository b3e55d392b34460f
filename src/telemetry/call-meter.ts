// Calls to upstreams and requests of the management API, counted by what was asked and how it ended.

import { EdgeError, type ErrorKind } from '../errors.ts';
import type { Result } from './kmip-meter.ts';

/** Upper bounds of the buckets of calls to upstreams, seconds. */
export const callBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

/** More combinations than this are a mistake in our tables; what is beyond is not counted. */
const mostKinds = 5000;

/** How something ended: `success`, or the kind of its error. */
export const resultOf = (error: unknown): Result => {
  if (error === undefined) return 'success';
  return error instanceof EdgeError ? error.kind : ('internal' satisfies ErrorKind);
};

export interface CallCount {
  /** The kind of upstream; empty for the management API. */
  readonly kind: string;
  readonly call: string;
  readonly result: Result;
  readonly count: number;
}

export class CallMeter {
  readonly #counts = new Map<string, { -readonly [K in keyof CallCount]: CallCount[K] }>();
  readonly #durations = new Map<string, { readonly counts: Float64Array; sum: number }>();

  /** One call ended after so many milliseconds. All three texts come from tables of ours. */
  called(kind: string, call: string, result: Result, milliseconds?: number): void {
    const key = `${kind} ${call} ${result}`;
    const known = this.#counts.get(key);
    if (known) known.count += 1;
    else if (this.#counts.size < mostKinds) this.#counts.set(key, { kind, call, result, count: 1 });
    if (milliseconds !== undefined) this.#took(kind, milliseconds / 1000);
  }

  counts(): Iterable<CallCount> {
    return this.#counts.values();
  }

  durations(): Iterable<readonly [kind: string, { readonly counts: ArrayLike<number>; readonly sum: number }]> {
    return this.#durations;
  }

  #took(kind: string, seconds: number): void {
    const duration = this.#durations.get(kind) ?? { counts: new Float64Array(callBounds.length + 1), sum: 0 };
    this.#durations.set(kind, duration);
    const bucket = callBounds.findIndex((bound) => seconds <= bound);
    const index = bucket < 0 ? callBounds.length : bucket;
    duration.counts[index] = (duration.counts[index] ?? 0) + 1;
    duration.sum += seconds;
  }
}
