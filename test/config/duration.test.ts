// Durations, sizes and listening addresses: what people write, what it means, and what is refused.

import test from 'ava';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../src/config/duration.ts';
import { formatEndpoint, parseEndpoint } from '../../src/config/endpoint.ts';
import { parseSize } from '../../src/config/size.ts';
import { EdgeError } from '../../src/errors.ts';

const durations = {
  '0': 0,
  '0 s': 0,
  '250 ms': 250,
  '10 s': 10_000,
  '10s': 10_000,
  ' 5 min ': 300_000,
  '1 h 30 min': 5_400_000,
  '72 h': 259_200_000,
  '3 d': 259_200_000,
};
for (const [text, ms] of Object.entries(durations)) {
  test(`the duration '${text}' is ${ms} ms`, (t) => t.is(parseDuration(text), ms));
}

for (const text of [
  '',
  '10',
  '-1 s',
  '1.5 h',
  '10 S',
  '10 seconds',
  '5 s 1 min',
  '1 h 1 h',
  'unlimited',
  '1e3 s',
  '∞',
]) {
  test(`'${text}' is not a duration`, (t) => {
    const error = t.throws(() => parseDuration(text), { instanceOf: EdgeError, message: /is not a duration/ });
    t.is(error?.kind, 'invalid-field');
    t.regex(error?.hint ?? '', /'10 s'/);
  });
}

test('unlimited is a duration where it is allowed', (t) => {
  t.is(parseDuration('unlimited', { unlimited: true }), 'unlimited');
  t.is(formatDuration('unlimited'), 'unlimited');
});

const shown: readonly (readonly [number, string])[] = [
  [0, '0 s'],
  [-5, '0 s'],
  [1, '1 ms'],
  [1500, '1 s 500 ms'],
  [50_000, '50 s'],
  [5_400_000, '1 h 30 min'],
  [3_600_001, '1 h'],
  [259_200_000, '3 d'],
  [190_861_000, '2 d 5 h'],
];
for (const [ms, text] of shown) test(`${ms} ms is shown as '${text}'`, (t) => t.is(formatDuration(ms), text));

test('what is shown is never more than the duration, and reads back to what is shown', (t) => {
  fc.assert(
    fc.property(fc.nat({ max: 10 ** 12 }), (ms) => {
      const back = parseDuration(formatDuration(ms));
      return back <= ms && ms - back <= ms / 2 && formatDuration(back) === formatDuration(ms);
    }),
  );
  t.pass();
});

const sizes = { '1024': 1024, '512 B': 512, '1 KiB': 1024, '16MiB': 16_777_216 };
for (const [text, bytes] of Object.entries(sizes)) test(`the size '${text}'`, (t) => t.is(parseSize(text), bytes));
for (const text of ['', '1 MB', '1.5 MiB', '-1', '1 GiB', '1 kib']) {
  test(`'${text}' is not a size`, (t) => {
    t.throws(() => parseSize(text), { instanceOf: EdgeError, message: /is not a size/ });
  });
}

const endpoints = {
  '0.0.0.0:5696': { host: '0.0.0.0', port: 5696 },
  '127.0.0.1:0': { host: '127.0.0.1', port: 0 },
  '[::]:5696': { host: '::', port: 5696 },
};
for (const [text, endpoint] of Object.entries(endpoints)) {
  test(`the endpoint '${text}' reads and prints`, (t) => {
    t.deepEqual(parseEndpoint(text), endpoint);
    t.is(formatEndpoint(endpoint), text);
  });
}
for (const text of [
  '',
  ':5696',
  '0.0.0.0',
  '::5696',
  'local_host:5696',
  '-a:1',
  'a..b:1',
  '[0.0.0.0]:1',
  '1.2.3.4:65536',
  '1.2.3.4:-1',
]) {
  test(`'${text}' is not an endpoint`, (t) => {
    t.throws(() => parseEndpoint(text), { instanceOf: EdgeError, message: /not an address and a port/ });
  });
}
