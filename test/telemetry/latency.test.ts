// Percentiles from buckets: right to within one bucket, whatever the times were.

import test from 'ava';
import fc from 'fast-check';
import { bucketCount, bucketOf, percentile, upperBound } from '../../src/telemetry/latency.ts';

const countsOf = (times: readonly number[]): number[] => {
  const counts = Array.from({ length: bucketCount }, () => 0);
  for (const time of times) counts[bucketOf(time)] = (counts[bucketOf(time)] ?? 0) + 1;
  return counts;
};

test('a time lies within the bounds of its bucket', (t) => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 16e6, noNaN: true }), (time) => {
      const bucket = bucketOf(time);
      t.true(time <= upperBound(bucket) * (1 + 1e-9));
      if (bucket > 0) t.true(time > upperBound(bucket - 1) * (1 - 1e-9));
    }),
  );
  t.is(bucketOf(Number.POSITIVE_INFINITY), bucketCount - 1);
  t.is(bucketOf(Number.NaN), 0);
});

test('a percentile is at most one bucket away from the time that it stands for', (t) => {
  const times = fc.array(fc.integer({ min: 17, max: 10_000_000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(times, fc.constantFrom(0.5, 0.99), (given, share) => {
      const sorted = given.toSorted((one, other) => one - other);
      const exact = sorted[Math.max(0, Math.ceil(given.length * share) - 1)] ?? 0;
      const found = percentile(countsOf(given), share) ?? 0;
      t.true(found <= exact * 1.42 + 1 && found >= exact / 1.42 - 1, `${found} for ${exact}`);
    }),
  );
});

test('where nothing was counted there is no percentile', (t) => t.is(percentile(countsOf([]), 0.99), null));
