// Warnings that peers can cause: one line a subject in a while, and a bound on all of them together.

import test from 'ava';
import { createQuietLog } from '../src/quiet-log.ts';
import { createMemoryLog } from './kit/memory-log.ts';

test('one subject gets one line in its quiet time, another its own', (t) => {
  const log = createMemoryLog();
  let now = 0;
  const quiet = createQuietLog(log, 100, () => now);
  for (let round = 0; round < 3; round += 1) quiet('a', 'event', { subject: 'a' });
  quiet('b', 'event', { subject: 'b' });
  now = 99;
  quiet('a', 'event', { subject: 'a' });
  t.is(log.alarms.length, 2);
  now = 100;
  quiet('a', 'event', { subject: 'a again' });
  t.deepEqual(log.alarms.at(-1)?.fields, { subject: 'a again' });
});

test('a peer that makes up subjects cannot fill the log, and cannot silence it for longer than the quiet time', (t) => {
  const log = createMemoryLog();
  let now = 0;
  const quiet = createQuietLog(log, 100, () => now);
  for (let subject = 0; subject < 5000; subject += 1) quiet(`${subject}`, 'event', {});
  t.is(log.alarms.length, 1000);
  now = 100;
  quiet('new', 'event', {});
  t.is(log.alarms.length, 1001);
});
