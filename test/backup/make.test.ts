// What a backup asks of the data disk before it begins.

import { createSecretKey, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type BackupFacts, BackupMaker, type BackupParts } from '../../src/backup/make.ts';
import { isKind } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const mebibyte = 1024 * 1024;
const lock = { passphrase: new Secret('correct horse battery staple'), work: 2 };

const makerIn = (t: ExecutionContext, changes: Partial<BackupParts>) => {
  const dataDirectory = temporaryDirectory(t);
  const store = openSqliteStore(join(dataDirectory, 'kmip-edge.sqlite'));
  t.teardown(() => store.close());
  const parts = {
    store,
    storageKey: createSecretKey(randomBytes(32)),
    dataDirectory,
    version: '1',
    appliance: 'a',
    examine: async () => [],
  };
  return { maker: new BackupMaker({ ...parts, clock: new FakeClock(), ...changes }), store, dataDirectory };
};

/** A disk of `size` MiB of which `free` are free. */
const disk = (size: number, free: number) => async () => ({ bsize: mebibyte, blocks: size, bavail: free });

test('a snapshot that would take the room of the server is not begun, and what is needed is told', async (t) => {
  const { maker, store, dataDirectory } = makerIn(t, { statfs: disk(16_384, 256) });
  const before = readdirSync(dataDirectory);
  Object.assign(store, { snapshot: () => Promise.reject(new Error('it was begun')) });
  for (const _ of [1, 2]) {
    const error = await t.throwsAsync(maker.stream(lock).next());
    t.true(isKind(error, 'storage-full'), String(error));
    t.regex(error?.message ?? '', /^a backup needs \d+ MiB on the data disk for a snapshot, and 0 MiB can be spared$/);
  }
  t.deepEqual(readdirSync(dataDirectory), before);
  t.is(maker.progress, undefined);
});

test('what is spared is less on a small disk', async (t) => {
  const begun = new Error('it was begun');
  const begins = async (size: number, free: number) => {
    const { maker, store } = makerIn(t, { statfs: disk(size, free) });
    Object.assign(store, { snapshot: () => Promise.reject(begun) });
    return (await t.throwsAsync(maker.stream(lock).next())) === begun;
  };
  t.deepEqual([await begins(16_384, 300), await begins(64, 30), await begins(64, 3)], [true, true, false]);
});

test('a server that stops does not wait for the look at the snapshot', async (t) => {
  const looking = Promise.withResolvers<void>();
  const examine = (_path: string, signal: AbortSignal): Promise<readonly string[]> => {
    looking.resolve();
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
  };
  const { maker, dataDirectory } = makerIn(t, { examine });
  const first = t.throwsAsync(maker.stream(lock).next());
  await looking.promise;
  maker.stop();
  t.true(isKind(await first, 'not-ready'));
  t.deepEqual(
    readdirSync(dataDirectory).filter((name) => name.startsWith('backup.')),
    [],
  );
});

test('where the look fails the backup is made, and says that nobody knows', async (t) => {
  const { maker } = makerIn(t, { examine: () => Promise.reject(new Error('no memory')) });
  let told: BackupFacts | undefined;
  const pieces = maker.stream(lock, (facts) => {
    told = facts;
  });
  for await (const _ of pieces);
  t.is(told?.damage, 'whether the database is sound could not be found out: no memory');
});
