// The server and its seal as a whole: one that nothing opens waits and says so, Key Protect opens it where it has a slot,
// a TPM takes over from the file, and data of another machine is served and told of.

import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { call } from '../../src/admin/api/client.ts';
import { EdgeError, type ErrorKind } from '../../src/errors.ts';
import { settingsFor, startCloud } from '../custody/kit.ts';
import { startServer, type TestServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const passphrase = 'correct horse battery';
const credential = 'storage-key.credential';

/** Asks until a server answers, because it begins to listen while it starts. */
const askSoon = async (dataDirectory: string) => {
  for (;;) {
    try {
      return await call(dataDirectory, 'seal.show', {});
    } catch (error) {
      if (!(error instanceof EdgeError) || error.kind !== 'server-not-running') throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
};

const machineFile = (path: string, id: string, more: object = {}): NodeJS.ProcessEnv => {
  writeFileSync(path, JSON.stringify({ id, credential: 'disk', ...more }));
  return { KMIP_EDGE_MACHINE: path };
};

const alarmNames = async (server: TestServer): Promise<readonly string[]> =>
  (await server.api('alarm.list', {})).map(({ name }) => name);

test('a server that nothing opens waits, tells why, and takes the recovery passphrase alone', async (t) => {
  const first = await startServer(t);
  const { dataDirectory } = first;
  await first.api('seal.passphrase', { passphrase });
  await first.close();
  rmSync(join(dataDirectory, credential));
  const starting = startServer(t, { dataDirectory, waitWhenLocked: true });
  const seen = await askSoon(dataDirectory);
  t.is(seen.state, 'locked');
  t.regex(seen.problem ?? '', /storage-key\.credential is missing/);
  t.like(seen.data, { instances: 1, keys: 0 });
  const refused = async (kind: ErrorKind, act: Promise<unknown>): Promise<void> => {
    t.is((await t.throwsAsync(act, { instanceOf: EdgeError })).kind, kind);
  };
  await refused('storage-locked', call(dataDirectory, 'status', {}));
  await refused(
    'storage-locked',
    call(dataDirectory, 'instance.create', { name: 'x', upstream: 'local', settings: {} }),
  );
  await refused('storage-locked', call(dataDirectory, 'health.ready', {}));
  t.deepEqual(await call(dataDirectory, 'health.live', {}), { status: 'ok' });
  await refused('storage-locked', call(dataDirectory, 'seal.unlock', { passphrase: 'a wrong passphrase' }));
  t.deepEqual(await call(dataDirectory, 'seal.unlock', { passphrase }), { opened: true });
  const server = await starting;
  t.true((await server.api('status', {})).ready);
  await refused('illegal-operation', server.api('seal.unlock', { passphrase }));
  await server.close();
  const again = await startServer(t, { dataDirectory });
  t.deepEqual((await again.api('seal.show', {})).slots.map(({ kind, opened }) => [kind, opened]).toSorted(), [
    ['credential', true],
    ['passphrase', false],
  ]);
});

test('Key Protect opens what the credential does not, and only while it answers and its API key is there', async (t) => {
  const cloud = await startCloud(t);
  const { simulator } = cloud;
  const { dataDirectory } = cloud.server;
  const wrong = await t.throwsAsync(cloud.server.api('seal.add-key-protect', { instance: 'default' }), {
    instanceOf: EdgeError,
  });
  t.is(wrong.kind, 'invalid-field');
  const { slots } = await cloud.server.api('seal.add-key-protect', { instance: 'cloud' });
  const own = slots.find(({ kind }) => kind === 'credential');
  t.deepEqual(slots.map(({ kind }) => kind).toSorted(), ['credential', 'key-protect']);
  t.is(statSync(join(dataDirectory, 'storage-key.key-protect')).mode & 0o777, 0o600);
  const last = await t.throwsAsync(cloud.server.api('seal.remove', { id: own?.id ?? '' }), { instanceOf: EdgeError });
  t.regex(last.message, /nothing sure would open/);
  await cloud.server.close();

  rmSync(join(dataDirectory, credential));
  const second = await startServer(t, { dataDirectory });
  const opened = (await second.api('seal.show', {})).slots.find((slot) => slot.opened);
  t.is(opened?.kind, 'key-protect');
  // The credential of this machine was made good on the way.
  t.true(existsSync(join(dataDirectory, credential)));
  await second.close();

  rmSync(join(dataDirectory, credential));
  await simulator.close();
  const unreachable = await t.throwsAsync(
    startServer(t, {
      dataDirectory,
      settings: { 'upstream.totalTimeout': '1 s', 'upstream.attemptTimeout': '500 ms' },
    }),
    { instanceOf: EdgeError },
  );
  t.is(unreachable.kind, 'storage-locked');
  t.regex(unreachable.message, /key protect does not open it either/);
  t.false(unreachable.message.includes(settingsFor(simulator).apiKey));
});

test('the last slot that opens by itself goes only where that is wanted, and the passphrase never', async (t) => {
  const server = await startServer(t);
  await server.api('seal.passphrase', { passphrase });
  const { slots } = await server.api('seal.show', {});
  const idOf = (wanted: string): string => slots.find(({ kind }) => kind === wanted)?.id ?? '';
  const refusal = async (id: string): Promise<string> =>
    (await t.throwsAsync(server.api('seal.remove', { id, lastByItself: id === idOf('passphrase') }))).message;
  t.regex(await refusal(idOf('passphrase')), /cannot be taken away/);
  t.regex(await refusal(idOf('credential')), /last that opens by itself/);
  t.regex(await refusal('nothing'), /no slot nothing/);
  const left = await server.api('seal.remove', { id: idOf('credential'), lastByItself: true });
  t.deepEqual(
    left.slots.map(({ kind }) => kind),
    ['passphrase'],
  );
  t.false(existsSync(join(server.dataDirectory, credential)));
});

test('a TPM takes over from the file on the disk once a recovery passphrase is set', async (t) => {
  const folder = temporaryDirectory(t);
  const machine = machineFile(join(folder, 'machine'), 'aaaaaaaa', { credential: 'tpm' });
  const server = await startServer(t, { environment: { ...machine } });
  const { dataDirectory } = server;
  t.true((await alarmNames(server)).includes('storage-key-on-disk'));
  await server.close();
  const credentials = join(folder, 'credentials');
  mkdirSync(credentials);
  writeFileSync(join(credentials, 'kmip-edge.storage-key.a'), Buffer.alloc(32, 7));
  const environment = { ...machine, CREDENTIALS_DIRECTORY: credentials };
  const second = await startServer(t, { dataDirectory, environment });
  t.true(existsSync(join(dataDirectory, credential)));
  await second.api('seal.passphrase', { passphrase });
  await second.close();
  const third = await startServer(t, { dataDirectory, environment });
  t.false(existsSync(join(dataDirectory, credential)));
  t.false((await alarmNames(third)).includes('storage-key-on-disk'));
  const slot = (await third.api('seal.show', {})).slots.find(({ opened }) => opened);
  t.is(slot?.what, 'the TPM of its machine');
});

test('data of another machine is served at once, and told of until somebody adopts it', async (t) => {
  const path = join(temporaryDirectory(t), 'machine');
  const [mine, other] = ['11111111-aaaa', '22222222-bbbb'];
  const start = (id: string, dataDirectory?: string) => {
    const environment = machineFile(path, id);
    return startServer(t, { environment, ...(dataDirectory === undefined ? {} : { dataDirectory }) });
  };
  const first = await start(mine);
  const { dataDirectory } = first;
  t.is((await first.api('seal.show', {})).data.machine, 'own');
  t.false((await alarmNames(first)).includes('machine-changed'));
  await first.close();
  const moved = await start(other, dataDirectory);
  t.true((await moved.api('status', {})).ready);
  t.is((await moved.api('seal.show', {})).data.machine, 'other');
  t.true((await alarmNames(moved)).includes('machine-changed'));
  const { alarms } = await moved.api('status', {});
  t.regex(alarms.find(({ name }) => name === 'machine-changed')?.todo ?? '', /on its console under Storage key/);
  t.is((await moved.api('seal.adopt', {})).data.machine, 'own');
  t.false((await alarmNames(moved)).includes('machine-changed'));
  await moved.close();
  const back = await start(mine, dataDirectory);
  t.is((await back.api('seal.show', {})).data.machine, 'other');
});

test('facts of a machine that are damaged are left out, and the server serves', async (t) => {
  const path = join(temporaryDirectory(t), 'machine');
  writeFileSync(path, '{"id": ');
  const server = await startServer(t, { environment: { KMIP_EDGE_MACHINE: path } });
  t.is((await server.api('seal.show', {})).data.machine, 'unknown');
  const refused = await t.throwsAsync(server.api('seal.adopt', {}), { instanceOf: EdgeError });
  t.is(refused.kind, 'illegal-operation');
});
