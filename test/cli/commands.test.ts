// Every command against a server that runs: what it prints, its exit codes, and that changes are in effect at once.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { StatusView } from '../../src/admin/api/status.ts';
import { connectKmip } from '../../src/cli/kmip-client.ts';
import { type CliResult, type Daemon, startDaemon } from '../kit/daemon.ts';
import { type ClientFiles, readClientFiles } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { createKey } from '../operations/exchange.ts';
import { selfSigned } from '../server/certificates.ts';
import { runHere } from './here.ts';

const endings: (() => unknown)[] = [];
const owner = { teardown: (end: () => unknown) => void endings.push(end) };
let daemon: Daemon;
let folder: string;

test.serial.before('start the server', async () => {
  folder = temporaryDirectory(owner);
  daemon = await startDaemon(owner, join(folder, 'data'));
});
test.after.always('stop the server', async () => {
  for (const end of endings.reverse()) await end();
});

/** Runs a command on the server's data, which it finds by the environment. */
const cli = (...args: readonly string[]): Promise<CliResult> => runHere(args, { KMIP_EDGE_DATA: daemon.dataDirectory });
const json = async <T>(...args: readonly string[]): Promise<T> =>
  JSON.parse((await cli(...args, '--json')).stdout) as T;
const connect = (files: ClientFiles) => connectKmip({ host: '127.0.0.1', port: daemon.port, ...files });

test.serial('status tells where the server listens, its fingerprints, and how its instances are', async (t) => {
  const status = await json<StatusView>('status');
  t.true(status.ready);
  t.is(status.dataDirectory, daemon.dataDirectory);
  t.is(status.kmip.host, '127.0.0.1');
  t.is(status.kmip.port, daemon.port);
  t.regex(status.certificate.sha1, /^([0-9A-F]{2}:){19}[0-9A-F]{2}$/);
  t.regex(status.certificate.sha256, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  const [instance] = status.instances;
  t.like(instance, { name: 'default', upstream: 'local', upstreamState: 'reachable', serving: true, started: true });
  t.is(instance?.lease.term, 'unlimited');
  t.is(instance?.rootKey.state, 'active');
  const { stdout, code } = await cli('status');
  t.is(code, 0);
  t.true(stdout.includes(status.certificate.sha1));
  t.regex(stdout, /ready since/);
});

test.serial('create and get act as a KMIP client; key bytes are shown on request alone', async (t) => {
  const { uid } = await json<{ uid: string }>('create', '--name', 'from the shell');
  const plain = await cli('get', '--uid', uid);
  t.is(plain.code, 0);
  t.regex(plain.stdout, /digest: +sha256:[0-9a-f]{64}/);
  t.notRegex(plain.stdout, /material/);
  const shown = await json<Record<string, unknown>>('get', '--uid', uid, '--reveal');
  t.like(shown, { uid, state: 'PreActive', algorithm: 'AES', length: 256 });
  t.regex(String(shown['material']), /^[0-9a-f]{64}$/);
  const { keys } = await json<{ keys: { uid: string; names: string[] }[] }>('key', 'list');
  t.deepEqual(keys.find((key) => key.uid === uid)?.names, ['from the shell']);
  t.regex((await cli('key', 'list', '--limit', '1')).stdout, /1 of \d+ keys?/);
});

test.serial('a key that is not there is exit code 4, a refusal 7, a server that is not there 7', async (t) => {
  const [missing, twice, nobody] = await Promise.all([
    cli('get', '--uid', 'nowhere'),
    cli('create', '--name', 'from the shell'),
    cli('get', '--uid', 'a', '--address', '127.0.0.1:1'),
  ]);
  t.is(missing.code, 4);
  t.regex(missing.stderr, /ItemNotFound: no object has unique identifier 'nowhere'/);
  t.is(twice.code, 7);
  t.regex(twice.stderr, /InvalidField: the name is already that of object/);
  t.is(nobody.code, 7);
  t.regex(nobody.stderr, /cannot talk to 127\.0\.0\.1 port 1/);
});

test.serial('an instance is created, listed, and not created twice', async (t) => {
  const made = await cli('instance', 'create', 'second', '--upstream', 'local');
  t.is(made.code, 0);
  t.regex(made.stdout, /second/);
  t.regex((await cli('instance', 'list')).stdout, /^second +local, reachable/m);
  const again = await cli('instance', 'create', 'second', '--upstream', 'local');
  t.is(again.code, 5);
  t.regex(again.stderr, /a service instance named 'second' exists/);
  const unknown = await cli('instance', 'create', 'third', '--upstream', 'cloud');
  t.is(unknown.code, 2);
  t.regex(unknown.stderr, /there are: local, kmip, key-protect/);
});

test.serial(
  'a certificate made by openssl is added, listed, in effect at once, removed, and out at once',
  async (t) => {
    const pair = await selfSigned(t);
    const file = join(folder, 'vcenter.pem');
    writeFileSync(file, pair.certificate);
    const files = { ...pair, authority: daemon.client.authority };
    const added = await cli('client', 'add', '--instance', 'default', '--name', 'vcenter', '--certificate', file);
    t.is(added.code, 0, added.stderr);
    t.regex(added.stdout, /SHA-256/);
    const client = await connect(files);
    t.teardown(() => client.close());
    await createKey(client);
    t.regex((await cli('client', 'list')).stdout, /^default +vcenter .*kmipClient/m);
    t.is((await cli('client', 'add', '--instance', 'default', '--name', 'twice', '--certificate', file)).code, 5);
    t.is((await cli('client', 'remove', '--instance', 'default', '--name', 'vcenter')).code, 0);
    await t.throwsAsync(createKey(client), { message: /closed the connection/ });
    t.notRegex((await cli('client', 'list')).stdout, /vcenter/);
    t.is((await cli('client', 'remove', '--instance', 'default', '--name', 'vcenter')).code, 4);
    t.is((await cli('client', 'remove', '--instance', 'nowhere', '--name', 'vcenter')).code, 4);
  },
);

test.serial('an issued certificate works, and nothing of it is ever overwritten', async (t) => {
  const out = join(folder, 'issued');
  const issue = (name: string) => cli('client', 'issue', '--instance', 'default', '--name', name, '--out', out);
  const issued = await issue('issued');
  t.is(issued.code, 0, issued.stderr);
  t.deepEqual(readdirSync(out).sort(), ['ca.pem', 'client.key', 'client.pem']);
  t.is(statSync(join(out, 'client.key')).mode & 0o777, 0o600);
  const client = await connect(readClientFiles(out));
  t.teardown(() => client.close());
  const uid = await createKey(client);
  t.is((await cli('get', '--uid', uid, '--client', out)).code, 0);
  const before = readFileSync(join(out, 'client.key'), 'utf8');
  const again = await issue('another');
  t.is(again.code, 5);
  t.regex(again.stderr, /is already there and will not be overwritten\nhint: name another directory/);
  t.is(readFileSync(join(out, 'client.key'), 'utf8'), before);
  t.notRegex((await cli('client', 'list')).stdout, /another/, 'nothing was issued for it');
});

test.serial('the recovery passphrase is set from a file, and a short one is refused', async (t) => {
  const file = join(folder, 'passphrase');
  writeFileSync(file, 'short\n');
  const short = await cli('seal', 'passphrase', '--file', file);
  t.is(short.code, 2);
  t.regex(short.stderr, /at least 12/);
  t.notRegex(short.stderr, /short/);
  writeFileSync(file, 'a passphrase that is long enough\n');
  t.is((await cli('seal', 'passphrase', '--file', file)).code, 0);
  t.true((await json<StatusView>('status')).seal.includes('passphrase'));
});
