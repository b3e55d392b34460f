// The memory cache: bounded, by use, and emptied of one upstream without touching the others.

import { createSecretKey, randomBytes } from 'node:crypto';
import test from 'ava';
import { createKeyCache } from '../../src/cache/key-cache.ts';
import { CryptographicAlgorithm, ObjectType } from '../../src/kmip/enums.ts';

const key = (uid: string, upstreamId = 'one', bytes = 32) => ({
  uid,
  instanceId: 'instance',
  upstreamId,
  objectType: ObjectType.SymmetricKey,
  cryptographicAlgorithm: CryptographicAlgorithm.AES,
  cryptographicLength: 256,
  material: createSecretKey(randomBytes(bytes)),
});

test('it gives what was put in, and nothing after it was deleted', (t) => {
  const cache = createKeyCache(10);
  const one = key('a');
  cache.set('a', one);
  t.is(cache.get('a'), one);
  cache.delete('a');
  cache.delete('a');
  t.is(cache.get('a'), undefined);
  t.is(cache.size, 0);
});

test('it holds the keys used last, and no more than it may', (t) => {
  const cache = createKeyCache(3);
  for (const uid of ['a', 'b', 'c']) cache.set(uid, key(uid));
  cache.get('a');
  cache.set('d', key('d'));
  t.is(cache.size, 3);
  t.is(cache.get('b'), undefined);
  t.true(['a', 'c', 'd'].every((uid) => cache.get(uid) !== undefined));
});

test('a large object takes the room of several keys', (t) => {
  const cache = createKeyCache(10);
  for (const uid of ['a', 'b', 'c']) cache.set(uid, key(uid));
  cache.set('large', key('large', 'one', 8 * 2048));
  t.is(cache.size, 3);
  t.is(cache.get('a'), undefined);
  t.not(cache.get('large'), undefined);
  // One that nothing else would find room beside is not kept, and pushes nothing out.
  cache.set('too large', key('too large', 'one', 1024 * 1024));
  t.is(cache.get('too large'), undefined);
  t.is(cache.size, 3);
});

test('emptied of one upstream it keeps the others', (t) => {
  const cache = createKeyCache(10_000);
  for (let n = 0; n < 3000; n += 1) cache.set(`k-${n}`, key(`k-${n}`, n % 3 === 0 ? 'one' : 'two'));
  cache.deleteUpstream('one');
  t.is(cache.size, 2000);
  t.is(cache.get('k-0'), undefined);
  t.not(cache.get('k-1'), undefined);
  cache.deleteUpstream('none');
  t.is(cache.size, 2000);
});
