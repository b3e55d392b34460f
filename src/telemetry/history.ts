// The last day, minute by minute, in memory: what the page's charts are drawn from. Bounded by time, whatever the clock
// does; each minute is small text when it is stored, so that a restart loses no more than the minutes not stored yet.

import { bucketCount, percentile } from './latency.ts';

const minuteLength = 60_000;
/** Minutes that are kept. */
const longest = 24 * 60;
/** The most upstreams of which the health is kept. */
const mostUpstreams = 256;

/** What the history counts, in running totals since the start. */
export interface Totals {
  readonly answered: number;
  readonly refused: number;
  readonly failed: number;
  readonly memory: number;
  readonly store: number;
  readonly upstream: number;
  /** Requests in each bucket of latency.ts. */
  readonly latency: ArrayLike<number>;
}
const counted = ['answered', 'refused', 'failed', 'memory', 'store', 'upstream'] as const;
type Counted = (typeof counted)[number];

/** How an instance's upstream is now, by the instance's identifier. */
export interface UpstreamSample {
  readonly id: string;
  readonly reachable: boolean;
}

interface Minute {
  readonly counts: Record<Counted, number>;
  readonly latency: Map<number, number>;
  /** How often each upstream was looked at, and how often it was reachable. */
  readonly upstreams: Map<string, { looks: number; good: number }>;
}

export interface StoredMinute {
  /** Minutes since 1970. */
  readonly minute: number;
  readonly sample: string;
}

type Series = (number | null)[];
export interface HistorySeries {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly step: number;
  readonly counts: Readonly<Record<Counted, Series>>;
  readonly p50: Series;
  readonly p99: Series;
  readonly upstreams: ReadonlyMap<string, Series>;
}

export class History {
  readonly #minutes = new Map<number, Minute>();
  #before: Totals | undefined;

  constructor(stored: readonly StoredMinute[], now: number) {
    for (const { minute, sample } of stored) {
      const read = readMinute(sample);
      if (read) this.#minutes.set(minute, read);
    }
    this.#forgetOld(minuteOf(now));
  }

  /** Adds what happened since the last call to the minute of `now` (wall clock, milliseconds). */
  add(totals: Totals, upstreams: readonly UpstreamSample[], now: number): void {
    const at = minuteOf(now);
    let minute = this.#minutes.get(at);
    if (!minute) {
      minute = emptyMinute();
      this.#minutes.set(at, minute);
      this.#forgetOld(at);
    }
    for (const name of counted) minute.counts[name] += totals[name] - (this.#before?.[name] ?? 0);
    for (let bucket = 0; bucket < bucketCount; bucket += 1) {
      const more = (totals.latency[bucket] ?? 0) - (this.#before?.latency[bucket] ?? 0);
      if (more > 0) minute.latency.set(bucket, (minute.latency.get(bucket) ?? 0) + more);
    }
    for (const { id, reachable } of upstreams.slice(0, mostUpstreams)) {
      const seen = minute.upstreams.get(id) ?? { looks: 0, good: 0 };
      minute.upstreams.set(id, { looks: seen.looks + 1, good: seen.good + (reachable ? 1 : 0) });
    }
    this.#before = { ...totals, latency: Array.from(totals.latency) };
  }

  /** The minutes from `minute` on, as they are stored. */
  stored(minute: number): readonly StoredMinute[] {
    return [...this.#minutes]
      .filter(([at]) => at >= minute)
      .map(([at, one]) => ({ minute: at, sample: writeMinute(one) }));
  }

  /** The last `hours` in steps of `minutes`, the step of `now` included. */
  series(hours: number, minutes: number, now: number): HistorySeries {
    const last = Math.floor(minuteOf(now) / minutes);
    const steps = Math.ceil((hours * 60) / minutes);
    const first = last - steps + 1;
    const byStep = Array.from({ length: steps }, (_, index) => this.#sum((first + index) * minutes, minutes));
    const ids = new Set(byStep.flatMap((step) => [...(step?.upstreams.keys() ?? [])]));
    const each = (value: (step: Minute) => number | null): Series => byStep.map((step) => (step ? value(step) : null));
    const counts = (name: Counted): Series => each((step) => step.counts[name]);
    const latencies = (share: number): Series => each((step) => percentile(bucketsOf(step), share));
    return {
      from: first * minutes * minuteLength,
      step: minutes * minuteLength,
      counts: {
        answered: counts('answered'),
        refused: counts('refused'),
        failed: counts('failed'),
        memory: counts('memory'),
        store: counts('store'),
        upstream: counts('upstream'),
      },
      p50: latencies(0.5),
      p99: latencies(0.99),
      upstreams: new Map([...ids].map((id) => [id, each((step) => shareOf(step.upstreams.get(id)))])),
    };
  }

  #sum(from: number, minutes: number): Minute | undefined {
    const sum = emptyMinute();
    let found = false;
    for (let at = from; at < from + minutes; at += 1) {
      const minute = this.#minutes.get(at);
      if (!minute) continue;
      found = true;
      for (const name of counted) sum.counts[name] += minute.counts[name];
      for (const [bucket, more] of minute.latency) sum.latency.set(bucket, (sum.latency.get(bucket) ?? 0) + more);
      for (const [id, { looks, good }] of minute.upstreams) {
        const seen = sum.upstreams.get(id) ?? { looks: 0, good: 0 };
        sum.upstreams.set(id, { looks: seen.looks + looks, good: seen.good + good });
      }
    }
    return found ? sum : undefined;
  }

  /** After the clock was set back, what lies ahead by more than a day goes too. */
  #forgetOld(now: number): void {
    for (const at of this.#minutes.keys()) if (Math.abs(now - at) >= longest) this.#minutes.delete(at);
  }
}

/** Minutes since 1970 of a time in milliseconds. */
export const minuteOf = (now: number): number => Math.floor(now / minuteLength);

/** The first minute that is kept at `now`. */
export const oldestMinute = (now: number): number => minuteOf(now) - longest + 1;

const emptyMinute = (): Minute => ({
  counts: { answered: 0, refused: 0, failed: 0, memory: 0, store: 0, upstream: 0 },
  latency: new Map(),
  upstreams: new Map(),
});

const bucketsOf = ({ latency }: Minute): readonly number[] =>
  Array.from({ length: bucketCount }, (_, bucket) => latency.get(bucket) ?? 0);

const shareOf = (seen: { readonly looks: number; readonly good: number } | undefined): number | null =>
  seen === undefined ? null : Math.round((seen.good / seen.looks) * 1000) / 1000;

const writeMinute = ({ counts, latency, upstreams }: Minute): string =>
  JSON.stringify([
    counted.map((name) => counts[name]),
    [...latency],
    [...upstreams].map(([id, { looks, good }]) => [id, looks, good]),
  ]);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** What is not as {@link writeMinute} writes it, by an older or newer program perhaps, is left out: it is a chart. */
const readMinute = (text: string): Minute | undefined => {
  try {
    const [counts, latency, upstreams] = JSON.parse(text) as [unknown[], [unknown, unknown][], unknown[][]];
    const minute = emptyMinute();
    counted.forEach((name, index) => {
      const count = counts[index];
      if (isCount(count)) minute.counts[name] = count;
    });
    for (const [bucket, count] of latency) {
      if (isCount(bucket) && bucket < bucketCount && isCount(count)) minute.latency.set(bucket, count);
    }
    for (const [id, looks, good] of upstreams.slice(0, mostUpstreams)) {
      if (typeof id === 'string' && isCount(looks) && looks > 0 && isCount(good))
        minute.upstreams.set(id, { looks, good });
    }
    return minute;
  } catch {
    return undefined;
  }
};
