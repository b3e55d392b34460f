// The storage key and its slots: who opens it, what is refused and with which advice, and that a new one is never made
// beside data that an old one sealed.

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { EdgeError } from '../../src/errors.ts';
import type { Store } from '../../src/keys/ports.ts';
import { createSealer } from '../../src/seal/sealer.ts';
import { openStorageKey, setRecoveryPassphrase } from '../../src/seal/storage-key.ts';
import { Secret } from '../../src/secret.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { sampleInstance } from '../store/samples.ts';

const setUp = (t: ExecutionContext) => {
  const dataDirectory = temporaryDirectory(t);
  const store = openSqliteStore(join(dataDirectory, 'db'));
  t.teardown(() => store.close());
  const credential = join(dataDirectory, 'storage-key.credential');
  const open = async (recovery?: string, environment: NodeJS.ProcessEnv = {}): Promise<string> => {
    const recoveryPassphrase = recovery === undefined ? undefined : new Secret(recovery);
    const { key } = await openStorageKey({ store, dataDirectory, environment, recoveryPassphrase, now: 1 });
    return key.export().toString('hex');
  };
  const refusal = async (recovery?: string, environment?: NodeJS.ProcessEnv): Promise<EdgeError> => {
    const error = await t.throwsAsync(open(recovery, environment), { instanceOf: EdgeError });
    t.is(error.kind, 'storage-locked');
    return error;
  };
  const setPassphrase = async (text: string): Promise<void> => {
    const { key } = await openStorageKey({ store, dataDirectory, environment: {}, now: 1 });
    await setRecoveryPassphrase(store, key, new Secret(text), 2);
  };
  return { dataDirectory, store, credential, open, refusal, setPassphrase };
};

const removeSlots = (store: Store): Promise<void> =>
  store.write(({ slots }) => {
    for (const { id } of slots.slots()) slots.deleteSlot(id);
  });

test('the first start makes a credential for the owner alone; the next ones open the same key', async (t) => {
  const { dataDirectory, credential, open } = setUp(t);
  const first = await open();
  t.is(statSync(credential).mode & 0o777, 0o600);
  t.is(await open(), first);
  t.deepEqual(
    readdirSync(dataDirectory).filter((name) => name.endsWith('.new')),
    [],
  );
  t.false(readFileSync(credential).includes(Buffer.from(first, 'hex')));
});

test('a credential that others may read is refused, with the command that mends it', async (t) => {
  const { credential, open, refusal } = setUp(t);
  const first = await open();
  for (const mode of [0o640, 0o604, 0o620, 0o601]) {
    chmodSync(credential, mode);
    const error = await refusal();
    t.is(error.message, `${credential} can be read by others (mode ${mode.toString(8)})`);
    t.is(error.hint, `run: chmod 600 ${credential}`);
  }
  chmodSync(credential, 0o600);
  t.is(await open(), first);
});

test('a missing, replaced, cut or emptied credential locks the storage and makes nothing new', async (t) => {
  const { store, credential, open, refusal } = setUp(t);
  const first = await open();
  const bytes = readFileSync(credential);
  const slots = store.slots.slots();
  rmSync(credential);
  t.is((await refusal()).message, `${credential} is missing, and with it the storage key`);
  t.regex((await refusal()).hint ?? '', /--recovery-passphrase-file/);
  t.false(existsSync(credential));
  writeFileSync(credential, Buffer.alloc(32, 1), { mode: 0o600 });
  t.is((await refusal()).message, `${credential} does not open the storage key`);
  for (const size of [0, 31, 5000]) {
    writeFileSync(credential, Buffer.alloc(size, 1));
    t.regex((await refusal()).message, new RegExp(`has ${size} bytes`));
  }
  t.deepEqual(store.slots.slots(), slots);
  writeFileSync(credential, bytes);
  t.is(await open(), first);
});

test('the credential that systemd hands over is used where it is there, and never made', async (t) => {
  const { credential, open, refusal, dataDirectory } = setUp(t);
  const environment = { CREDENTIALS_DIRECTORY: join(dataDirectory, 'systemd') };
  mkdirSync(environment.CREDENTIALS_DIRECTORY);
  const provided = join(environment.CREDENTIALS_DIRECTORY, 'kmip-edge.storage-key');
  writeFileSync(provided, Buffer.alloc(40, 9), { mode: 0o440 });
  const first = await open(undefined, environment);
  t.false(existsSync(credential));
  t.is(await open(undefined, environment), first);
  t.deepEqual(readFileSync(provided), Buffer.alloc(40, 9));
  await refusal(undefined, {});
  rmSync(provided);
  await refusal(undefined, environment);
  t.false(existsSync(credential));
});

test('a credentials directory without ours leaves the choice to the data directory', async (t) => {
  const { credential, open, dataDirectory } = setUp(t);
  await open(undefined, { CREDENTIALS_DIRECTORY: join(dataDirectory, 'none') });
  t.true(existsSync(credential));
});

test('a recovery passphrase opens the key and makes the credential anew', async (t) => {
  const { store, credential, open, refusal, setPassphrase } = setUp(t);
  const first = await open();
  await setPassphrase('correct horse battery');
  rmSync(credential);
  t.is((await refusal('a wrong passphrase')).message, 'the recovery passphrase opens no slot');
  t.is((await refusal('a wrong passphrase')).hint, 'check the passphrase');
  t.is(await open('correct horse battery'), first);
  t.is(statSync(credential).mode & 0o777, 0o600);
  t.is(await open(), first);
  t.deepEqual(
    store.slots
      .slots()
      .map(({ kind }) => kind)
      .toSorted(),
    ['credential', 'passphrase'],
  );
});

test('recovery beside a credential that does not open makes a slot for it', async (t) => {
  const { credential, open, setPassphrase } = setUp(t);
  const first = await open();
  await setPassphrase('correct horse battery');
  writeFileSync(credential, Buffer.alloc(32, 3));
  t.is(await open('correct horse battery'), first);
  t.is(await open(), first);
  t.deepEqual(readFileSync(credential), Buffer.alloc(32, 3));
});

test('a passphrase is the same however its letters are composed', async (t) => {
  const { credential, open, setPassphrase } = setUp(t);
  const first = await open();
  await setPassphrase('Schlüsselwörter');
  rmSync(credential);
  t.is(await open('Schlüsselwörter'.normalize('NFD')), first);
});

test('a short passphrase is refused and the old one stays; a replaced one opens no more and is nowhere on disk', async (t) => {
  const { dataDirectory, store, credential, open, refusal, setPassphrase } = setUp(t);
  const first = await open();
  await setPassphrase('the first passphrase');
  const short = await t.throwsAsync(setPassphrase('eleven char'), { instanceOf: EdgeError });
  t.is(short.message, 'the passphrase has 11 characters, at least 12 are needed');
  const old = store.slots.slots().find(({ kind }) => kind === 'passphrase');
  await setPassphrase('the second passphrase');
  const files = ['db', 'db-wal'].map((name) => readFileSync(join(dataDirectory, name)));
  t.false(files.some((file) => file.includes(old?.wrapped ?? Buffer.of(0))));
  rmSync(credential);
  await refusal('the first passphrase');
  t.is(await open('the second passphrase'), first);
});

test('without a passphrase ever set, recovery says so', async (t) => {
  const { credential, open, refusal } = setUp(t);
  await open();
  rmSync(credential);
  t.is((await refusal('some passphrase')).hint, 'no recovery passphrase was ever set');
  t.false(existsSync(credential));
});

test('a slot table that was emptied beside data is no reason for a new key', async (t) => {
  for (const holds of ['instance', 'secret'] as const) {
    const { store, open, refusal } = setUp(t);
    await open();
    await store.write(({ instances, vault }) => {
      if (holds === 'instance') instances.insertInstance(sampleInstance());
      else vault.putSealedSecret('certificate-authority', Buffer.of(1));
    });
    await removeSlots(store);
    t.is((await refusal()).message, 'the database holds data but no slot for its storage key');
    t.is((await refusal('some passphrase')).hint, 'restore the database from a backup');
    t.is(store.slots.slots().length, 0);
  }
});

test('a damaged slot does not keep another from opening', async (t) => {
  const { store, credential, open, refusal, setPassphrase } = setUp(t);
  const first = await open();
  await setPassphrase('correct horse battery');
  for (const wrapped of [Buffer.alloc(0), Buffer.alloc(5), Buffer.alloc(60)]) {
    for (const kind of ['credential', 'passphrase', 'unknown']) {
      const slot = { id: `${kind} ${wrapped.length}`, kind, parameters: {}, wrapped, createdAt: 0 };
      if (kind !== 'passphrase') await store.write(({ slots }) => slots.putSlot(slot));
    }
  }
  t.is(await open(), first);
  rmSync(credential);
  t.is(await open('correct horse battery'), first);
  await store.write(({ slots }) => {
    for (const slot of slots.slots()) slots.putSlot({ ...slot, wrapped: Buffer.alloc(7) });
  });
  await refusal();
});

test('a crash between the credential and its slot, or before the credential was whole, is mended', async (t) => {
  const { credential, open } = setUp(t);
  writeFileSync(credential, Buffer.alloc(32, 5), { mode: 0o600 });
  const first = await open();
  t.deepEqual(readFileSync(credential), Buffer.alloc(32, 5));
  t.is(await open(), first);
  const other = setUp(t);
  writeFileSync(`${other.credential}.new`, Buffer.alloc(3), { mode: 0o600 });
  const second = await other.open();
  t.is(await other.open(), second);
  t.false(existsSync(`${other.credential}.new`));
});

test('records sealed before a restart open after it, and under no other storage key', async (t) => {
  const { store, dataDirectory, open } = setUp(t);
  await open();
  const key = async () => (await openStorageKey({ store, dataDirectory, environment: {}, now: 1 })).key;
  const sealed = createSealer(await key()).seal('x', Buffer.from('secret'));
  t.is(
    createSealer(await key())
      .open('x', sealed)
      .toString(),
    'secret',
  );
});
