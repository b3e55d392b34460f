// What the KMIP port does, counted as it happens: a few additions a request, and no text is built on the way. The names of
// operations are those that it is given, the results are those of our errors; whatever a client makes up is `other`.

import { type ErrorKind, errorKinds } from '../errors.ts';
import { bucketCount, bucketOf } from './latency.ts';

const otherOperation = 'other';

export type Result = 'success' | ErrorKind;
export const results: readonly Result[] = ['success', ...(Object.keys(errorKinds) as ErrorKind[])];

/** Where the key of a Get came from. */
export const origins = ['memory', 'store', 'upstream'] as const;
export type Origin = (typeof origins)[number];

/** Upper bounds of the latency buckets that are shown, seconds: from what memory takes to what vCenter waits for. */
export const latencyBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 5, 10] as const;

/** Why a connection came to nothing. */
export const connectionFailures = ['handshake', 'certificate', 'no-certificate', 'limit', 'network'] as const;
export type ConnectionFailure = (typeof connectionFailures)[number];

interface Latency {
  /** One more than there are bounds: the last one is what took longer than all of them. */
  readonly counts: Float64Array;
  /** Seconds. */
  sum: number;
}

interface OperationCounts {
  readonly results: Map<Result, number>;
  readonly latency: Latency;
}

export class KmipMeter {
  readonly #operations = new Map<string, OperationCounts>();
  readonly #other: OperationCounts = newCounts();
  readonly #origins: Record<Origin, number> = { memory: 0, store: 0, upstream: 0 };
  readonly #failures: Record<ConnectionFailure, number> = {
    handshake: 0,
    certificate: 0,
    'no-certificate': 0,
    limit: 0,
    network: 0,
  };
  #opened = 0;
  readonly #fine = new Float64Array(bucketCount);

  /** `operations` are the ones that are offered, by their KMIP names. */
  constructor(operations: readonly string[]) {
    for (const operation of operations) this.#operations.set(operation, newCounts());
    this.#operations.set(otherOperation, this.#other);
  }

  /** One operation was answered. */
  answered(operation: string | undefined, result: Result): void {
    const { results: counts } = this.#of(operation);
    counts.set(result, (counts.get(result) ?? 0) + 1);
  }

  /** One message, whose first operation this was, was answered after so many milliseconds. */
  took(operation: string | undefined, milliseconds: number): void {
    const { latency } = this.#of(operation);
    const seconds = milliseconds / 1000;
    let index = 0;
    while (index < latencyBounds.length && seconds > (latencyBounds[index] ?? 0)) index += 1;
    latency.counts[index] = (latency.counts[index] ?? 0) + 1;
    latency.sum += seconds;
    const fine = bucketOf(milliseconds * 1000);
    this.#fine[fine] = (this.#fine[fine] ?? 0) + 1;
  }

  /** What a recorder is told: of a Get that was answered, where the key came from. */
  recorded({ operation, servedFrom }: { readonly operation: string; readonly servedFrom?: Origin | undefined }): void {
    if (servedFrom !== undefined && operation === 'Get') this.#origins[servedFrom] += 1;
  }

  connected(): void {
    this.#opened += 1;
  }

  notConnected(why: ConnectionFailure): void {
    this.#failures[why] += 1;
  }

  get opened(): number {
    return this.#opened;
  }

  get failures(): Readonly<Record<ConnectionFailure, number>> {
    return this.#failures;
  }

  get origins(): Readonly<Record<Origin, number>> {
    return this.#origins;
  }

  /** Messages in each bucket of latency.ts. */
  get fineLatency(): ArrayLike<number> {
    return this.#fine;
  }

  /** Each operation that was asked for, with its results. */
  *counts(): Iterable<{ readonly operation: string; readonly result: Result; readonly count: number }> {
    for (const [operation, { results: counts }] of this.#operations) {
      for (const [result, count] of counts) yield { operation, result, count };
    }
  }

  /** Of each operation that was asked for. */
  *latencies(): Iterable<{ readonly operation: string; readonly counts: ArrayLike<number>; readonly sum: number }> {
    for (const [operation, { latency }] of this.#operations) {
      if (latency.sum > 0) yield { operation, ...latency };
    }
  }

  #of(operation: string | undefined): OperationCounts {
    return (operation === undefined ? undefined : this.#operations.get(operation)) ?? this.#other;
  }
}

const newCounts = (): OperationCounts => ({
  results: new Map(),
  latency: { counts: new Float64Array(latencyBounds.length + 1), sum: 0 },
});

/** What a result means for the day's history: what we or an upstream could not do is not the client's doing. */
export const meaningOf = (result: Result): 'answered' | 'refused' | 'failed' => {
  if (result === 'success') return 'answered';
  const { http } = errorKinds[result];
  // 501: the client asked for what is not offered.
  return http >= 500 && http !== 501 ? 'failed' : 'refused';
};
