// The slot of Key Protect and the file with its API key: the old pair stays whole until the new one opens.

import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { EdgeError } from '../../src/errors.ts';
import type { Store } from '../../src/keys/ports.ts';
import { addRootKeySlot, openFirstRootKey, removeSlot } from '../../src/seal/key-protect-slot.ts';
import { openStorageKey } from '../../src/seal/storage-key.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { openLocal } from './kit.ts';

const address = { upstream: 'key-protect', settings: {}, instance: 'cloud' };
const full = () => new EdgeError('storage-full', 'the data disk is full');

const setUp = async (t: ExecutionContext) => {
  const dataDirectory = temporaryDirectory(t);
  const store = openSqliteStore(join(dataDirectory, 'db'));
  t.teardown(() => store.close());
  const { key } = await openStorageKey({ store, dataDirectory, environment: {}, now: 1 });
  const add = (secret: Buffer, into: Store = store): Promise<void> =>
    addRootKeySlot({
      ...{ store: into, dataDirectory, storageKey: key, address, open: openLocal, now: 2 },
      secret: Buffer.from(secret),
    });
  const files = (): readonly string[] =>
    readdirSync(dataDirectory)
      .filter((name) => name.includes('key-protect'))
      .map((name) => join(dataDirectory, name));
  const slot = () => store.slots.slots().find(({ kind }) => kind === 'key-protect');
  return { dataDirectory, store, key, add, files, slot };
};

type World = Awaited<ReturnType<typeof setUp>>;

const opens = async ({ store, dataDirectory, key }: World): Promise<boolean> => {
  const opened = await openFirstRootKey(store.slots.slots(), dataDirectory, openLocal);
  return opened !== undefined && 'bytes' in opened && isSame(key, opened.bytes);
};

const isSame = (key: KeyObject, bytes: Buffer): boolean => key.equals(createSecretKey(bytes));

test('an API key that a crash has left without a slot is erased at the next start', async (t) => {
  const world = await setUp(t);
  await world.add(randomBytes(32));
  const [used = ''] = world.files();
  for (const name of ['storage-key.key-protect.2', 'storage-key.key-protect.2.new', 'storage-key.key-protect.new']) {
    writeFileSync(join(world.dataDirectory, name), 'left', { mode: 0o600 });
  }
  const { store, dataDirectory } = world;
  await openStorageKey({ store, dataDirectory, environment: {}, now: 2 });
  t.deepEqual(world.files(), [used]);
  t.true(await opens(world));
});

test('each new slot opens with its own API key, and the one before leaves no file', async (t) => {
  const world = await setUp(t);
  for (let round = 0; round < 4; round++) {
    const secret = randomBytes(32);
    await world.add(secret);
    t.true(await opens(world));
    t.deepEqual(
      world.files().map((path) => readFileSync(path)),
      [secret],
    );
  }
  const slot = world.slot();
  if (slot) await removeSlot(world.store, world.dataDirectory, slot);
  t.deepEqual(world.files(), []);
});

test('where the new API key or the new slot cannot be written, the old slot opens with the old file', async (t) => {
  const world = await setUp(t);
  const secret = randomBytes(32);
  await world.add(secret);
  const before = { slot: world.slot(), files: world.files() };
  const draft = join(world.dataDirectory, 'storage-key.key-protect.2.new');
  mkdirSync(draft);
  await t.throwsAsync(world.add(randomBytes(32)));
  rmSync(draft, { recursive: true });
  const cannotWrite: Store = { ...world.store, write: () => Promise.reject(full()) };
  await t.throwsAsync(world.add(randomBytes(32), cannotWrite), { message: 'the data disk is full' });
  t.deepEqual({ slot: world.slot(), files: world.files() }, before);
  t.deepEqual(
    world.files().map((path) => readFileSync(path)),
    [secret],
  );
  t.true(await opens(world));
});

test('a slot that was stored though what it replaced could not be erased keeps its file', async (t) => {
  const world = await setUp(t);
  await world.add(randomBytes(32));
  const failsLate: Store = {
    ...world.store,
    async write(change, options) {
      await world.store.write(change, options);
      throw full();
    },
  };
  await t.throwsAsync(world.add(randomBytes(32), failsLate), { message: 'the data disk is full' });
  t.is(world.files().length, 1);
  t.true(await opens(world));
});

test('what a crash left of another attempt is erased by the next; a slot whose file has the other name opens', async (t) => {
  const world = await setUp(t);
  const [first, second] = ['storage-key.key-protect', 'storage-key.key-protect.2'].map((name) =>
    join(world.dataDirectory, name),
  ) as [string, string];
  const secret = randomBytes(32);
  await world.add(secret);
  writeFileSync(second, randomBytes(32), { mode: 0o600 });
  t.true(await opens(world));
  await world.add(randomBytes(32));
  t.true(await opens(world));
  t.false(existsSync(first));
  writeFileSync(first, readFileSync(second), { mode: 0o600 });
  rmSync(second);
  t.true(await opens(world));
  await world.add(randomBytes(32));
  t.true(await opens(world));
  t.is(world.files().length, 1);
});
