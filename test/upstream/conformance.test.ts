// The contract of RootKey, run on each implementation.

import { createSecretKey, randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { RootKey } from '../../src/keys/root-key-ports.ts';
import { createLocalRootKey } from '../../src/upstream/local-root/local-root.ts';
import { refusalOf } from '../kit/refusal.ts';
import { setUp } from './kit.ts';

const implementations: Readonly<Record<string, (t: ExecutionContext) => Promise<RootKey>>> = {
  'the local root key': async () => createLocalRootKey({ key: createSecretKey(randomBytes(32)), name: 'local' }),
  'a root key in Key Protect': async (t) => (await setUp(t)).rootKey,
};

for (const [name, create] of Object.entries(implementations)) {
  test.serial(`${name} gives back what it wrapped`, async (t) => {
    const rootKey = await create(t);
    const property = fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 64 }),
      fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }),
      async (bytes, uid) => {
        const material = createSecretKey(bytes);
        const opened = await rootKey.unwrap(await rootKey.wrap(material, uid), uid);
        return opened.material.equals(material) && opened.rewrapped === undefined;
      },
    );
    await t.notThrowsAsync(fc.assert(property, { numRuns: 25 }));
  });

  test.serial(`${name} makes keys of the length asked for, each another`, async (t) => {
    const rootKey = await create(t);
    for (const bytes of [16, 24, 32, 64]) {
      const one = await rootKey.generate(bytes, 'uid');
      const other = await rootKey.generate(bytes, 'uid');
      t.is(one.material.symmetricKeySize, bytes);
      t.false(one.material.equals(other.material));
      const { material } = await rootKey.unwrap(one.wrapped, 'uid');
      t.true(material.equals(one.material));
    }
  });

  test.serial(`${name} refuses a wrapped key under another unique identifier`, async (t) => {
    const rootKey = await create(t);
    const { wrapped } = await rootKey.generate(32, 'one');
    await refusalOf(t, rootKey.unwrap(wrapped, 'other'), 'wrapped-key-refused');
  });

  test.serial(`${name} refuses damaged wrapped keys`, async (t) => {
    const rootKey = await create(t);
    const { wrapped } = await rootKey.generate(32, 'uid');
    for (const text of [
      'x',
      'lr1.',
      wrapped.text.slice(0, -8),
      `${wrapped.text.slice(0, 60)}AAAA${wrapped.text.slice(64)}`,
    ]) {
      await refusalOf(t, rootKey.unwrap({ text }, 'uid'), 'wrapped-key-refused');
    }
  });

  test.serial(`${name} refuses what another root key wrapped`, async (t) => {
    const rootKey = await create(t);
    const other = await create(t);
    const { wrapped } = await other.generate(32, 'uid');
    await refusalOf(t, rootKey.unwrap(wrapped, 'uid'), 'wrapped-key-refused');
  });

  test.serial(`${name} tells its name and that it is active`, async (t) => {
    const rootKey = await create(t);
    t.true(rootKey.name.length > 0);
    t.is((await rootKey.status()).state, 'active');
  });
}
