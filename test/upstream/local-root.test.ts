// What only the local root key promises.

import { createSecretKey, randomBytes } from 'node:crypto';
import test from 'ava';
import { EdgeError } from '../../src/errors.ts';
import { createLocalRootKey } from '../../src/upstream/local-root/local-root.ts';
import { refusalOf } from '../kit/refusal.ts';

const create = () => createLocalRootKey({ key: createSecretKey(randomBytes(32)), name: 'this appliance' });

test('its wrapped form has a version, and only one spelling opens', async (t) => {
  const rootKey = create();
  const { wrapped } = await rootKey.generate(32, 'uid');
  t.regex(wrapped.text, /^lr1\.[A-Za-z0-9_-]+$/);
  for (const text of [`lr2.${wrapped.text.slice(4)}`, `${wrapped.text}=`, `${wrapped.text} `, `${wrapped.text}\n`]) {
    await refusalOf(t, rootKey.unwrap({ text }, 'uid'), 'wrapped-key-refused');
  }
});

test('every changed bit is noticed', async (t) => {
  const rootKey = create();
  const { wrapped } = await rootKey.generate(16, 'uid');
  const bytes = Buffer.from(wrapped.text.slice(4), 'base64url');
  for (let index = 0; index < bytes.length; index++) {
    const changed = Buffer.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    await refusalOf(t, rootKey.unwrap({ text: `lr1.${changed.toString('base64url')}` }, 'uid'), 'wrapped-key-refused');
  }
});

test('a root key that is not 32 bytes is refused', (t) => {
  const error = t.throws(() => createLocalRootKey({ key: createSecretKey(randomBytes(16)), name: 'short' }), {
    instanceOf: EdgeError,
  });
  t.is(error?.kind, 'invalid-field');
});

test('a wrap and unwrap take microseconds', async (t) => {
  const rootKey = create();
  const { wrapped } = await rootKey.generate(32, 'uid');
  const start = performance.now();
  for (let round = 0; round < 2000; round++) await rootKey.unwrap(wrapped, 'uid');
  t.true(performance.now() - start < 1000, 'an unwrap takes more than half a millisecond');
});
