// `kmip-edge seal`: what it shows of an open and of a locked server, how it takes the recovery passphrase, and what it
// refuses with which code.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { SealView } from '../../src/admin/api/seal.ts';
import { settingsFor, startCloud } from '../custody/kit.ts';
import { startServer, type TestServerOptions } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { until } from '../kit/until.ts';
import { type Asked, runHere } from './here.ts';

const passphrase = 'correct horse battery';
const nowhere = 'the API key of nobody';

/** `kmip-edge seal` for the data in a directory. */
const sealOf =
  (dataDirectory: string) =>
  (args: readonly string[], asked: Asked = {}) =>
    runHere(['seal', ...args], { KMIP_EDGE_DATA: dataDirectory }, asked);

type Seal = ReturnType<typeof sealOf>;

/** A file with one line, of this test. */
const fileWith = (t: ExecutionContext, line: string): string => {
  const path = join(temporaryDirectory(t), 'secret');
  writeFileSync(path, `${line}\n`);
  return path;
};

const slotId = async (seal: Seal, wanted: string): Promise<string> => {
  const { slots } = JSON.parse((await seal(['list', '--json'])).stdout) as SealView;
  return slots.find(({ kind }) => kind === wanted)?.id ?? `no slot ${wanted}`;
};

test('it shows what opens the stored keys, and the passphrase of a file is one more that does', async (t) => {
  const { dataDirectory } = await startServer(t);
  const seal = sealOf(dataDirectory);
  const { code, stdout } = await seal(['list']);
  t.is(code, 0);
  t.regex(stdout, /^stored keys: +open$/m);
  t.regex(stdout, /^hold: +0 keys in 1 service instance$/m);
  t.regex(stdout, /^belong to: +not told$/m);
  t.regex(
    stdout,
    /^ID +KIND +OPENS BY ITSELF +MADE +WHAT\n\S+ +credential +yes, did now +\d{4}-\d\d-\d\d +a file beside/m,
  );

  const short = await seal(['passphrase', '--file', fileWith(t, 'too short')]);
  t.is(short.code, 2);
  t.regex(short.stderr, /at least 12 are needed/);
  t.notRegex(short.stderr, /too short/);
  const set = await seal(['passphrase', '--file', fileWith(t, passphrase)]);
  t.is(set.stdout, 'the recovery passphrase is set; the storage key opens by: credential, passphrase\n');
  t.regex((await seal(['list'])).stdout, /^\S+ +passphrase +no +\S+ +the recovery passphrase$/m);
});

test('a slot is taken away only where that is wanted, and the refusal says what to do', async (t) => {
  const { dataDirectory } = await startServer(t);
  const seal = sealOf(dataDirectory);
  const credential = await slotId(seal, 'credential');
  const needed = await seal(['remove', credential]);
  t.is(needed.code, 5);
  t.regex(needed.stderr, /nothing sure would open.*\n.*kmip-edge seal passphrase/);
  await seal(['passphrase', '--file', fileWith(t, passphrase)]);
  const last = await seal(['remove', credential]);
  t.is(last.code, 5);
  t.regex(last.stderr, /last that opens by itself.*\n.*--last-by-itself/);
  t.is((await seal(['remove', 'nothing'])).code, 4);
  const { code, stdout } = await seal(['remove', credential, '--last-by-itself']);
  t.is(code, 0);
  t.notRegex(stdout, /credential/);
  t.regex(stdout, / passphrase +no /);
});

test('the root key of a service instance becomes one more, with its own API key or one that a file holds', async (t) => {
  const { server, simulator } = await startCloud(t);
  const seal = sealOf(server.dataDirectory);
  const local = await seal(['add', 'key-protect', '--instance', 'default']);
  t.is(local.code, 2);
  t.regex(local.stderr, /'default' has no root key in key protect/);
  const add = ['add', 'key-protect', '--instance', 'cloud'];
  const refused = await seal([...add, '--api-key-file', fileWith(t, nowhere)]);
  t.not(refused.code, 0);
  t.false(refused.stderr.includes(nowhere));
  t.is(await slotId(seal, 'key-protect'), 'no slot key-protect');
  const own = fileWith(t, settingsFor(simulator).apiKey);
  const { code, stdout } = await seal([...add, '--api-key-file', own]);
  t.is(code, 0);
  t.regex(stdout, /key-protect +yes +\S+ +the root key of service instance 'cloud', when Key Protect answers$/m);
  const { stdout: left } = await seal(['remove', await slotId(seal, 'key-protect')]);
  t.notRegex(left, /key-protect/);
  t.is((await seal(add)).code, 0, 'with the API key of the service instance');
});

test('data of another machine is told of until it is adopted; without a machine there is nothing to adopt', async (t) => {
  const machine = join(temporaryDirectory(t), 'machine');
  const start = (id: string, options: TestServerOptions = {}) => {
    writeFileSync(machine, JSON.stringify({ id, credential: 'disk' }));
    return startServer(t, { ...options, environment: { KMIP_EDGE_MACHINE: machine } });
  };
  const first = await start('11111111-aaaa');
  const { dataDirectory } = first;
  const seal = sealOf(dataDirectory);
  t.regex((await seal(['list'])).stdout, /^belong to: +this machine$/m);
  await first.close();
  const moved = await start('22222222-bbbb', { dataDirectory });
  t.regex(
    (await seal(['list'])).stdout,
    /^belong to: +another machine: 'kmip-edge seal adopt' makes them this one's$/m,
  );
  t.regex((await seal(['adopt'])).stdout, /^belong to: +this machine$/m);
  await moved.close();
  await startServer(t, { dataDirectory });
  const none = await seal(['adopt']);
  t.is(none.code, 5);
  t.regex(none.stderr, /does not know its machine/);
});

/** A server that nothing opens: its credential is gone, its recovery passphrase is set. `opened` ends once it serves. */
const startLocked = async (t: ExecutionContext) => {
  const { dataDirectory, close } = await startServer(t);
  const seal = sealOf(dataDirectory);
  t.is((await seal(['passphrase', '--file', fileWith(t, passphrase)])).code, 0);
  await close();
  rmSync(join(dataDirectory, 'storage-key.credential'));
  const opened = startServer(t, { dataDirectory, waitWhenLocked: true });
  await until(async () => (await seal(['list'])).code === 0);
  return { seal, dataDirectory, opened };
};

test('a locked server says why and what to do, and opens to the passphrase that is typed', async (t) => {
  const { seal, dataDirectory, opened } = await startLocked(t);
  const { stdout } = await seal(['list']);
  t.regex(stdout, /^stored keys: +LOCKED: .*storage-key\.credential is missing/m);
  t.regex(stdout, /^ {2}what to do: +\S/m);
  t.regex(stdout, /^used before: +\d{4}-/m);
  const other = await runHere(['status', '--data', dataDirectory]);
  t.is(other.code, 8);
  t.regex(other.stderr, /the stored keys are locked.*\n.*kmip-edge seal unlock/);

  const asked: string[] = [];
  const askSecret = async (question: string) => {
    asked.push(question);
    return passphrase;
  };
  const unlocked = await seal(['unlock'], { askSecret });
  t.is(unlocked.code, 0, unlocked.stderr);
  t.deepEqual(asked, ['Recovery passphrase: ']);
  t.is(unlocked.stdout, 'the stored keys are open: the server starts serving them now\n');
  t.true((await (await opened).api('status', {})).ready);
  const again = await seal(['unlock'], { askSecret });
  t.is(again.code, 5);
  t.regex(again.stderr, /open already/);
});

test('where there is nobody to ask it wants a file; a wrong passphrase opens nothing and is not repeated', async (t) => {
  const { seal, opened } = await startLocked(t);
  const nobody = await seal(['unlock']);
  t.is(nobody.code, 2);
  t.regex(nobody.stderr, /no terminal to ask.*\n.*--file FILE/);
  const empty = await seal(['unlock', '--file', fileWith(t, '')]);
  t.is(empty.code, 2);
  t.regex(empty.stderr, /is empty/);
  const wrong = await seal(['unlock', '--file', fileWith(t, 'a wrong passphrase')]);
  t.is(wrong.code, 8);
  t.notRegex(wrong.stderr, /a wrong passphrase/);
  t.regex((await seal(['list'])).stdout, /LOCKED/);
  const { code } = await seal(['unlock', '--file', fileWith(t, passphrase)]);
  t.is(code, 0);
  t.true((await (await opened).api('status', {})).ready);
});
