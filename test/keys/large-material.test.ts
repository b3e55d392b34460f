// Material of any length through a root key that takes keys alone.

import { createSecretKey, randomBytes } from 'node:crypto';
import test from 'ava';
import { forAnyLength } from '../../src/keys/large-material.ts';
import type { RootKey } from '../../src/keys/root-key-ports.ts';
import { createLocalRootKey } from '../../src/upstream/local-root/local-root.ts';

/** Refuses more than it has to take, and rewraps each time. */
const strict = (): RootKey => {
  const inner = createLocalRootKey({ key: createSecretKey(randomBytes(32)), name: 'strict' });
  return {
    ...inner,
    name: inner.name,
    wrap(material, uid) {
      if ((material.symmetricKeySize ?? 0) > 512) throw new Error('too long');
      return inner.wrap(material, uid);
    },
    async unwrap(wrapped, uid) {
      const { material } = await inner.unwrap(wrapped, uid);
      return { material, rewrapped: await inner.wrap(material, uid) };
    },
  };
};

for (const length of [1, 32, 512, 513, 5000, 500_000]) {
  test(`${length} bytes are wrapped and open to the same, also from a newer wrapping`, async (t) => {
    const rootKey = forAnyLength(strict());
    const material = createSecretKey(randomBytes(length));
    const wrapped = await rootKey.wrap(material, 'u-1');
    const opened = await rootKey.unwrap(wrapped, 'u-1');
    t.true(opened.material.equals(material));
    if (!opened.rewrapped) throw new Error('no newer wrapping');
    t.not(opened.rewrapped.text, wrapped.text);
    t.true((await rootKey.unwrap(opened.rewrapped, 'u-1')).material.equals(material));
    t.false(wrapped.text.includes(material.export().toString('base64url').slice(0, 40)) && length > 40);
  });
}

test('what is wrapped for one object opens for no other, and nothing damaged opens', async (t) => {
  const rootKey = forAnyLength(strict());
  const wrapped = await rootKey.wrap(createSecretKey(randomBytes(2000)), 'u-1');
  const kind = async (text: string, uid: string): Promise<unknown> => {
    const error = await t.throwsAsync(rootKey.unwrap({ text }, uid));
    return error && 'kind' in error ? error.kind : undefined;
  };
  t.is(await kind(wrapped.text, 'u-2'), 'wrapped-key-refused');
  const at = 60;
  const other = wrapped.text[at] === 'A' ? 'B' : 'A';
  t.is(await kind(`${wrapped.text.slice(0, at)}${other}${wrapped.text.slice(at + 1)}`, 'u-1'), 'wrapped-key-refused');
});
