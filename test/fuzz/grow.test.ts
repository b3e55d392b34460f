// What grows out of requests can be sent, and much of it still says what it wants done.

import test from 'ava';
import { Tag } from '../../src/kmip/tags.ts';
import { decodeItem, encodeItem } from '../../src/kmip/ttlv.ts';
import { randomFrom } from '../kmip/mutate.ts';
import { sampleMessages } from '../kmip/sample-messages.ts';
import { aimedAt, grow } from './grow.ts';
import { requestsAmong } from './live.ts';

test('requests that were changed encode, are others than before, and mostly keep their operation', (t) => {
  const seeds = requestsAmong(sampleMessages());
  const [first] = seeds;
  if (!first) throw new Error('no requests');
  const count = 500;
  let different = 0;
  let whole = 0;
  for (let seed = 0; seed < count; seed++) {
    const random = randomFrom(seed);
    const before = seeds[random(seeds.length)] ?? first;
    const bytes = encodeItem(grow(before, seeds[random(seeds.length)] ?? first, random));
    t.notThrows(() => decodeItem(bytes));
    if (!bytes.equals(encodeItem(before))) different++;
    if (bytes.includes(Buffer.from('42005c05', 'hex'))) whole++;
  }
  t.true(different > count * 0.9, `${different}`);
  t.true(whole > count * 0.7, `${whole}`);
});

test('a request is aimed at objects that are there, wherever it names one', (t) => {
  const uid = 'an object that is there';
  const named = requestsAmong(sampleMessages()).filter((item) =>
    encodeItem(item).includes(Buffer.from('42009407', 'hex')),
  );
  t.true(named.length > 20);
  for (const item of named) {
    const bytes = encodeItem(aimedAt(item, [uid], randomFrom(1)));
    t.true(bytes.includes(Buffer.from(uid)));
    t.is(decodeItem(bytes).tag, Tag.RequestMessage);
  }
});
