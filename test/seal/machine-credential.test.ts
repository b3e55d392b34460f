// The credential of this machine: one that cannot be used keeps nothing else from opening the storage key, and neither does
// a disk on which the credential cannot be made good.

import {
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { EdgeError } from '../../src/errors.ts';
import type { Store } from '../../src/keys/ports.ts';
import { silentLog } from '../../src/log.ts';
import { addRootKeySlot } from '../../src/seal/key-protect-slot.ts';
import { openStorageKey, type StorageKeyOptions, setRecoveryPassphrase } from '../../src/seal/storage-key.ts';
import { Secret } from '../../src/secret.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { openLocal } from './kit.ts';

const recoveryPassphrase = new Secret('correct horse battery');
const waysIn = ['the passphrase', 'key protect'] as const;
const address = { upstream: 'key-protect', settings: {}, instance: 'cloud' };

const setUp = async (t: ExecutionContext, way: (typeof waysIn)[number]) => {
  const dataDirectory = temporaryDirectory(t);
  const store = openSqliteStore(join(dataDirectory, 'db'));
  t.teardown(() => store.close());
  const logged: string[] = [];
  const note = (event: string): void => void logged.push(event);
  const log = { ...silentLog, warn: note, error: note };
  const base = { store, dataDirectory, environment: {}, now: 1, log };
  const { key } = await openStorageKey(base);
  if (way === 'the passphrase') await setRecoveryPassphrase(store, key, recoveryPassphrase, 2);
  else {
    const secret = Buffer.alloc(32, 7);
    await addRootKeySlot({ store, dataDirectory, storageKey: key, address, secret, open: openLocal, now: 2 });
  }
  const outside = way === 'the passphrase' ? { recoveryPassphrase } : { openRootKey: openLocal };
  /** Gives the kind of the slot that opened. */
  const open = async (options: Partial<StorageKeyOptions> = {}): Promise<string | undefined> => {
    const opened = await openStorageKey({ ...base, ...options });
    t.true(opened.key.equals(key));
    return store.slots.slots().find(({ id }) => id === opened.slotId)?.kind;
  };
  const refusal = async (options: Partial<StorageKeyOptions> = {}): Promise<EdgeError> => {
    const error = await t.throwsAsync(openStorageKey({ ...base, ...options }), { instanceOf: EdgeError });
    t.is(error.kind, 'storage-locked');
    return error;
  };
  const credential = join(dataDirectory, 'storage-key.credential');
  const kind = way === 'the passphrase' ? 'passphrase' : 'key-protect';
  return { dataDirectory, store, credential, kind, outside, open, refusal, logged };
};

const fullDisk = (store: Store): Store => ({
  ...store,
  write: () => Promise.reject(new EdgeError('storage-full', 'the data disk is full')),
});

const credentialFiles = (dataDirectory: string): readonly string[] =>
  readdirSync(dataDirectory).filter((name) => name.includes('credential'));

const replacedBy = (path: string, make: () => void): void => {
  rmSync(path);
  make();
};

/** What may be wrong with a file, and what is said of it. */
const damages: Readonly<Record<string, readonly [(path: string) => void, RegExp]>> = {
  'a mode that lets others read it': [(path) => chmodSync(path, 0o644), /can be read by others \(mode 644\)/],
  'no bytes': [(path) => truncateSync(path, 0), /has 0 bytes/],
  'too many bytes': [(path) => truncateSync(path, 5000), /has 5000 bytes/],
  'a name that cannot be opened': [(path) => replacedBy(path, () => symlinkSync(path, path)), /cannot read .*: ELOOP/],
  'content that cannot be read': [
    (path) => replacedBy(path, () => mkdirSync(path, 0o700)),
    /cannot read .*: EISDIR|has \d+ bytes/,
  ],
};

for (const way of waysIn) {
  test(`a credential that cannot be used does not keep ${way} from opening, and is replaced`, async (t) => {
    for (const [what, [damage, said]] of Object.entries(damages)) {
      const { credential, kind, outside, open, refusal, logged, dataDirectory, store } = await setUp(t, way);
      damage(credential);
      const { mode } = lstatSync(credential);
      t.regex((await refusal()).message, said, what);
      t.is(await open(outside), kind, what);
      // What is no file cannot be erased.
      const left = (mode & constants.S_IFMT) === constants.S_IFREG ? [] : ['storage-key.credential.unusable'];
      t.is(statSync(credential).mode & 0o777, 0o600, what);
      t.deepEqual(logged, ['a new credential was made in the place of one that cannot be used']);
      t.is(await open(), 'credential', what);
      t.is(store.slots.slots().length, 2);
      t.deepEqual(credentialFiles(dataDirectory), ['storage-key.credential', ...left]);
    }
  });

  test(`${way} opens though nothing can be written, leaves all as it was, and mends it at a later start`, async (t) => {
    const { credential, kind, outside, open, logged, dataDirectory, store } = await setUp(t, way);
    const slots = store.slots.slots();
    const full = { ...outside, store: fullDisk(store) };
    chmodSync(credential, 0o644);
    const before = readFileSync(credential);
    t.is(await open(full), kind);
    t.deepEqual(credentialFiles(dataDirectory), ['storage-key.credential']);
    t.deepEqual([readFileSync(credential), statSync(credential).mode & 0o777], [before, 0o644]);
    mkdirSync(`${credential}.new`);
    t.is(await open(outside), kind);
    rmSync(`${credential}.new`, { recursive: true });
    t.deepEqual([readFileSync(credential), statSync(credential).mode & 0o777], [before, 0o644]);
    rmSync(credential);
    t.is(await open(full), kind);
    t.deepEqual(credentialFiles(dataDirectory), []);
    writeFileSync(credential, Buffer.alloc(32, 1), { mode: 0o600 });
    t.is(await open(full), kind);
    t.deepEqual(readFileSync(credential), Buffer.alloc(32, 1));
    t.deepEqual(store.slots.slots(), slots);
    t.deepEqual(logged, Array(4).fill('the credential of this machine was not made good'));
    t.is(await open(outside), kind);
    t.is(await open(), 'credential');
  });
}

test('a new credential whose slot was stored stays, though what that replaced could not be erased', async (t) => {
  const { credential, kind, outside, open, store } = await setUp(t, 'key protect');
  const failsLate: Store = {
    ...store,
    async write(change, options) {
      await store.write(change, options);
      throw new EdgeError('storage-full', 'the data disk is full');
    },
  };
  rmSync(credential);
  t.is(await open({ ...outside, store: failsLate }), kind);
  t.is(await open(), 'credential');
});

test('the file beside the data opens where what systemd hands over cannot be used, or cannot take over yet', async (t) => {
  const { credential, open, logged, dataDirectory, store } = await setUp(t, 'the passphrase');
  const directory = join(dataDirectory, 'systemd');
  const environment = { CREDENTIALS_DIRECTORY: directory };
  mkdirSync(directory);
  const provided = join(directory, 'kmip-edge.storage-key');
  writeFileSync(provided, Buffer.alloc(3), { mode: 0o400 });
  t.is(await open({ environment }), 'credential');
  rmSync(provided);
  writeFileSync(provided, Buffer.alloc(32, 9), { mode: 0o400 });
  const slots = store.slots.slots();
  t.is(await open({ environment, store: fullDisk(store) }), 'credential');
  t.deepEqual(logged, ['the credential of this machine did not take over from the file']);
  t.deepEqual(store.slots.slots(), slots);
  t.true(existsSync(credential));
  t.is(await open({ environment }), 'credential');
  t.false(existsSync(credential));
});

test('of several places, each that cannot be used is told', async (t) => {
  const { credential, refusal, outside, open, dataDirectory } = await setUp(t, 'the passphrase');
  const directory = join(dataDirectory, 'systemd');
  mkdirSync(directory);
  const provided = join(directory, 'kmip-edge.storage-key');
  writeFileSync(provided, Buffer.alloc(3), { mode: 0o400 });
  chmodSync(credential, 0o644);
  const environment = { CREDENTIALS_DIRECTORY: directory };
  const { message, hint } = await refusal({ environment });
  t.is(message, `${provided} has 3 bytes, a credential has 32 to 4096; ${credential} can be read by others (mode 644)`);
  t.is(hint, `run: chmod 600 ${credential}`);
  t.is(await open({ environment, ...outside }), 'passphrase');
  t.is(await open({ environment }), 'credential');
});
