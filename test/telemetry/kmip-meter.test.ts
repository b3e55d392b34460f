// The counts of the KMIP port: bounded whatever a client makes up, and what a result means for the day.

import test from 'ava';
import { errorKinds } from '../../src/errors.ts';
import { KmipMeter, meaningOf, results } from '../../src/telemetry/kmip-meter.ts';

test('operations that are not offered are counted together', (t) => {
  const meter = new KmipMeter(['Get', 'Create']);
  meter.answered('Get', 'success');
  meter.answered('Get', 'success');
  meter.answered('Get', 'item-not-found');
  for (const name of ['Certify', '__proto__', 'constructor', undefined])
    meter.answered(name, 'operation-not-supported');
  t.deepEqual(
    [...meter.counts()],
    [
      { operation: 'Get', result: 'success', count: 2 },
      { operation: 'Get', result: 'item-not-found', count: 1 },
      { operation: 'other', result: 'operation-not-supported', count: 4 },
    ],
  );
});

test('a time counts in the first bucket that it fits into', (t) => {
  const meter = new KmipMeter(['Get']);
  for (const milliseconds of [0.1, 0.11, 6, 20_000]) meter.took('Get', milliseconds);
  const [latency] = [...meter.latencies()];
  t.deepEqual(Array.from(latency?.counts ?? []), [1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
  t.true(Math.abs((latency?.sum ?? 0) - 20.006_21) < 1e-9);
});

test('only Get tells where a key came from', (t) => {
  const meter = new KmipMeter(['Get']);
  meter.recorded({ operation: 'Get', servedFrom: 'memory' });
  meter.recorded({ operation: 'GetAttributes', servedFrom: 'store' });
  meter.recorded({ operation: 'Get' });
  t.deepEqual(meter.origins, { memory: 1, store: 0, upstream: 0 });
});

test('every result is answered, refused or failed; what is our fault or the upstream’s has failed', (t) => {
  t.is(results.length, Object.keys(errorKinds).length + 1);
  const by = (meaning: string) => results.filter((result) => meaningOf(result) === meaning);
  t.deepEqual(by('answered'), ['success']);
  for (const kind of ['item-not-found', 'permission-denied', 'operation-not-supported'] as const) {
    t.true(by('refused').includes(kind), kind);
  }
  for (const kind of ['internal', 'upstream-unreachable', 'lease-ended', 'storage-full'] as const) {
    t.true(by('failed').includes(kind), kind);
  }
});
