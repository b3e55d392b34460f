// Keys and certificates that grow out of real ones are DER, are others than before, and some of them are still read; none
// brings more than a refusal.

import test from 'ava';
import { readDer } from '../../src/der.ts';
import { randomFrom } from '../kmip/mutate.ts';
import { exerciseKey, keySeeds, someKey } from './keys.ts';

test('keys and certificates of every kind, damaged', (t) => {
  const seeds = keySeeds();
  t.true(seeds.length > 40);
  for (const seed of seeds) t.true(exerciseKey(seed) || seed.kind !== 'certificate');
  const count = 500;
  let different = 0;
  let read = 0;
  for (let seed = 0; seed < count; seed++) {
    const key = someKey(seeds, randomFrom(seed));
    t.notThrows(() => readDer(key.bytes));
    if (!seeds.some(({ bytes }) => bytes.equals(key.bytes))) different++;
    if (exerciseKey(key)) read++;
  }
  t.true(different > count * 0.9, `${different}`);
  t.true(read > count * 0.1, `${read}`);
});
