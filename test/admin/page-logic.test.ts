// What the page computes without a browser: values as text, the pace of its questions, the points of a chart.

import test from 'ava';
import fc from 'fast-check';
import { bytes, count, duration, plural, relative, term } from '../../src/admin/page/format.ts';
import { intervalAfter } from '../../src/admin/page/pace.ts';
import { gather, largest, type Series, scaleTop } from '../../src/admin/page/parts/chart-points.ts';

const second = 1000;
const hour = 3_600_000;

const texts: readonly (readonly [given: string, expected: string])[] = [
  [duration(0), '0 ms'],
  [duration(999), '999 ms'],
  [duration(1000), '1 s'],
  [duration(61 * second), '1 min 1 s'],
  [duration(hour), '1 h'],
  [duration(72 * hour), '3 d'],
  [duration(25 * hour + 59 * second), '1 d 1 h'],
  [duration(-5), '0 ms'],
  [term('unlimited'), 'unlimited'],
  [term(hour), '1 h'],
  [count(1_234_567), '1,234,567'],
  [bytes(0), '0 B'],
  [bytes(1536), '1.5 KiB'],
  [bytes(5 * 1024 ** 3), '5 GiB'],
  [plural(1, 'key'), '1 key'],
  [plural(2000, 'key'), '2,000 keys'],
  [plural(0, 'entry', 'entries'), '0 entries'],
  [relative('2026-11-25T12:00:00Z', Date.UTC(2026, 10, 25, 15)), '3 h ago'],
  [relative('2026-11-27T12:00:00Z', Date.UTC(2026, 10, 25, 12)), 'in 2 d'],
  [relative('2026-11-25T12:00:00.500Z', Date.UTC(2026, 10, 25, 12)), 'now'],
];
for (const [index, [given, expected]] of texts.entries()) {
  test(`text ${index} reads '${expected}'`, (t) => t.is(given, expected));
}

test('the page asks less often after failures and in the background, and at least each minute', (t) => {
  t.is(intervalAfter(5000, 0, false), 5000);
  t.is(intervalAfter(5000, 2, false), 20_000);
  t.is(intervalAfter(5000, 0, true), 60_000);
  fc.assert(
    fc.property(fc.integer({ min: 500, max: 60_000 }), fc.nat(1000), fc.boolean(), (every, failures, hidden) => {
      const next = intervalAfter(every, failures, hidden);
      return next >= every && next <= 60_000;
    }),
  );
  t.is(intervalAfter(300_000, 3, false), 300_000);
});

const values = fc.array(fc.option(fc.integer({ min: 0, max: 1000 })), { minLength: 1, maxLength: 2000 });
const seriesOf = (all: readonly (number | null)[]): Series => ({ name: 'some', colour: 1, values: all });

test('a chart keeps the sum and the largest value of all that it puts together', (t) => {
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 200 }), (all, most) => {
      const recorded = { times: all.map((_value, at) => at * 60_000), series: [seriesOf(all)] };
      const total = (points: readonly { values: readonly (number | null)[] }[]): number =>
        points.reduce((sum, point) => sum + (point.values[0] ?? 0), 0);
      const sums = gather({ ...recorded, together: 'sum' }, most);
      const tops = gather({ ...recorded, together: 'largest' }, most);
      t.true(sums.length <= most);
      t.is(
        total(sums),
        all.reduce<number>((sum, value) => sum + (value ?? 0), 0),
      );
      t.is(largest(tops, false), Math.max(0, ...all.map((value) => value ?? 0)));
    }),
    { numRuns: 50 },
  );
});

test('what is not known is not taken for nothing', (t) => {
  const recorded = { times: [0, 1, 2, 3], series: [seriesOf([null, null, 4, null])], together: 'mean' } as const;
  t.deepEqual(
    gather(recorded, 2).map((point) => point.values),
    [[null], [4]],
  );
});

test('bars on top of one another fit the scale', (t) => {
  t.is(
    largest(
      [
        { time: 0, values: [3, 4] },
        { time: 1, values: [6, null] },
      ],
      true,
    ),
    7,
  );
});

test('a scale ends at the next 1, 2 or 5', (t) => {
  t.deepEqual([0, 0.3, 1, 1.2, 3, 7, 10, 180, 501].map(scaleTop), [1, 0.5, 1, 2, 5, 10, 10, 200, 1000]);
});
