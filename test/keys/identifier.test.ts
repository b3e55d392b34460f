// New unique identifiers: UUIDs in order of time.

import test from 'ava';
import fc from 'fast-check';
import { newIdentifier } from '../../src/keys/identifier.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const moments = fc.integer({ min: 0, max: 2 ** 48 - 1 });

test('a new identifier is a UUID of version 7 that begins with its time', (t) => {
  fc.assert(
    fc.property(moments, (now) => {
      const made = newIdentifier(now);
      t.regex(made, uuid);
      t.is(Number.parseInt(made.replace('-', '').slice(0, 12), 16), now);
    }),
  );
});

test('identifiers sort as their times do', (t) => {
  fc.assert(fc.property(moments, moments, (one, other) => one >= other || newIdentifier(one) < newIdentifier(other)));
  t.pass();
});

test('whatever the clock says, it is a UUID, and no two are the same', (t) => {
  for (const now of [-1, 0.5, 1e15, 2 ** 52]) t.regex(newIdentifier(now), uuid);
  t.is(new Set(Array.from({ length: 10_000 }, () => newIdentifier(5))).size, 10_000);
});
