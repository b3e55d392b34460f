// The last day: what was added comes out again in the right step, is forgotten after a day, and survives being stored.

import test from 'ava';
import fc from 'fast-check';
import { History, minuteOf, oldestMinute, type Totals } from '../../src/telemetry/history.ts';
import { bucketCount, bucketOf } from '../../src/telemetry/latency.ts';

const minute = 60_000;
const start = Date.UTC(2026, 10, 25, 12, 0);

const totals = (answered: number, latency: readonly number[] = []): Totals => {
  const counts = Array.from({ length: bucketCount }, () => 0);
  for (const time of latency) counts[bucketOf(time)] = (counts[bucketOf(time)] ?? 0) + 1;
  return { answered, refused: 0, failed: 0, memory: answered, store: 0, upstream: 0, latency: counts };
};

const sumOf = (series: readonly (number | null)[]): number => series.reduce<number>((sum, one) => sum + (one ?? 0), 0);

test('totals become what happened in each minute; minutes in which nobody looked are gaps', (t) => {
  const history = new History([], start);
  history.add(totals(3, [100, 100, 9000]), [{ id: 'a', reachable: true }], start);
  history.add(totals(5, [100, 100, 9000, 200, 200]), [{ id: 'a', reachable: false }], start + minute);
  history.add(totals(5, [100, 100, 9000, 200, 200]), [], start + 3 * minute);
  const series = history.series(1, 1, start + 3 * minute);
  t.is(series.from, start - 56 * minute);
  t.is(series.step, minute);
  t.deepEqual(series.counts.answered.slice(-4), [3, 2, null, 0]);
  t.deepEqual(series.upstreams.get('a')?.slice(-4), [1, 0, null, null]);
  t.is(series.counts.answered.length, 60);
  t.true((series.p99.at(-4) ?? 0) > 8000 && (series.p50.at(-4) ?? 0) < 130);
  t.is(series.p50.at(-1), null);
});

test('longer steps add up their minutes', (t) => {
  const history = new History([], start);
  for (let at = 0; at < 10; at += 1) {
    history.add(totals(at + 1), [{ id: 'a', reachable: at % 2 === 0 }], start + at * minute);
  }
  const { counts, upstreams } = history.series(24, 5, start + 9 * minute);
  t.is(counts.answered.length, 288);
  t.deepEqual(counts.answered.slice(-3), [null, 5, 5]);
  t.deepEqual(upstreams.get('a')?.slice(-2), [0.6, 0.4]);
});

test('nothing is kept for longer than a day, whatever the clock does', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3000, max: 3000 }), { maxLength: 300 }), (jumps) => {
      const history = new History([], start);
      let now = start;
      for (const [index, jump] of jumps.entries()) {
        now += jump * minute;
        history.add(totals(index + 1), [], now);
      }
      const kept = history.stored(0);
      t.true(kept.every((one) => Math.abs(one.minute - minuteOf(now)) < 2 * 24 * 60));
      t.true(kept.length < 2 * 24 * 60);
      if (jumps.length > 0) t.true(kept.some((one) => one.minute === minuteOf(now)));
    }),
  );
});

test('what is stored is read again as it was', (t) => {
  const history = new History([], start);
  for (let at = 0; at < 200; at += 7) {
    history.add(totals(at, [at * 13]), [{ id: `i${at % 3}`, reachable: at % 2 === 0 }], start + at * minute);
  }
  const now = start + 200 * minute;
  const again = new History(history.stored(0), now);
  t.deepEqual(again.series(24, 1, now), history.series(24, 1, now));
  t.is(sumOf(again.series(24, 60, now).counts.answered), 196);
});

test('a restart goes on in the minute in which the server stopped', (t) => {
  const before = new History([], start);
  before.add(totals(4), [], start);
  const after = new History(before.stored(0), start + 20_000);
  after.add(totals(2), [], start + 30_000);
  t.is(after.series(1, 1, start + 30_000).counts.answered.at(-1), 6);
});

const damaged = ['', '{', 'null', '[]', '[1]', '[[1],[[99999,1]],[["a",0,0]]]', '[[-1,"x"],[],[[5]]]', '{"a":1}'];
for (const sample of damaged) {
  test(`a stored minute ${JSON.stringify(sample)} does no harm`, (t) => {
    const history = new History([{ minute: minuteOf(start), sample }], start);
    const before = history.series(1, 1, start).counts.answered.at(-1) ?? 0;
    history.add(totals(1), [], start);
    t.is(history.series(1, 1, start).counts.answered.at(-1), before + 1);
  });
}

test('the oldest minute that is kept is a day ago', (t) => {
  t.is(oldestMinute(start), minuteOf(start) - 1439);
});
