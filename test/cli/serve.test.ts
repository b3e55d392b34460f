// The server as a process: how it starts, what it prints, what lies on its disk, how it ends and comes back.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import test from 'ava';
import type { ClientView } from '../../src/admin/api/clients.ts';
import type { StatusView } from '../../src/admin/api/status.ts';
import { connectKmip } from '../../src/cli/kmip-client.ts';
import { type Daemon, runCli, startDaemon } from '../kit/daemon.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { createKey, keyBytes } from '../operations/exchange.ts';
import { openPeer, openSilent } from '../server/peer.ts';
import { runHere } from './here.ts';

const connect = ({ port, client }: Daemon) => connectKmip({ host: '127.0.0.1', port, ...client });
const json = async <T>(data: string, ...args: readonly string[]): Promise<T> =>
  JSON.parse((await runHere([...args, '--data', data, '--json'])).stdout) as T;

/** Every file under the data directory with its mode; sockets are not files that can be read. */
const filesOf = (directory: string) =>
  globSync('**/*', { cwd: directory })
    .map((name) => ({ name, ...modeOf(join(directory, name)), path: join(directory, name) }))
    .filter(({ isSocket }) => !isSocket);
const modeOf = (path: string) => {
  const status = statSync(path);
  return { mode: status.mode & 0o777, isDirectory: status.isDirectory(), isSocket: status.isSocket() };
};

test('the fingerprints that it prints are those that a TLS client sees', async (t) => {
  const daemon = await startDaemon(t, temporaryDirectory(t));
  const peer = await openPeer(t, daemon.port);
  const shown = peer.socket.getPeerCertificate();
  const output = daemon.output();
  t.true(output.includes(`certificate SHA-1:   ${shown.fingerprint}`), output);
  t.true(output.includes(`certificate SHA-256: ${shown.fingerprint256}`), output);
  t.true(output.includes(`kmip-edge ready on 127.0.0.1:${daemon.port}\n`));
  t.true(output.includes(daemon.dataDirectory));
  const { certificate } = await json<StatusView>(daemon.dataDirectory, 'status');
  t.is(certificate.sha1, shown.fingerprint);
  t.is(certificate.sha256, shown.fingerprint256);
});

test('a second server on the same data is refused, and the first goes on', async (t) => {
  const daemon = await startDaemon(t, temporaryDirectory(t));
  const second = await runCli(['serve', '--data', daemon.dataDirectory, '--listen', '127.0.0.1:0']);
  t.is(second.code, 5);
  t.regex(second.stderr, /another process uses .*\nhint: stop the other kmip-edge, or give this one a data directory/);
  const client = await connect(daemon);
  t.teardown(() => client.close());
  await createKey(client);
  t.is((await runHere(['status', '--data', daemon.dataDirectory])).code, 0);
});

test('a port that is taken is named, with what to do', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  t.teardown(() => void other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const { code, stderr } = await runCli(['serve', '--data', temporaryDirectory(t), '--listen', `127.0.0.1:${port}`]);
  t.is(code, 5);
  t.regex(stderr, new RegExp(`cannot listen on 127\\.0\\.0\\.1 port ${port}: EADDRINUSE\nhint: .*--listen`));
});

test('SIGTERM ends it with code 0, and a restart keeps keys, clients, instances and the certificate', async (t) => {
  const data = join(temporaryDirectory(t), 'data');
  const first = await startDaemon(t, data);
  t.is((await runHere(['instance', 'create', 'kept', '--upstream', 'local', '--data', data])).code, 0);
  const client = await connect(first);
  const uid = await createKey(client);
  const bytes = await keyBytes(client, uid);
  const before = await json<StatusView>(data, 'status');
  t.is(await first.end('SIGTERM'), 0);
  client.close();
  t.is((await runHere(['status', '--data', data])).code, 3);

  const again = await startDaemon(t, data);
  const after = await json<StatusView>(data, 'status');
  t.deepEqual(after.certificate, before.certificate);
  t.deepEqual(
    after.instances.map(({ id, name, clients, keys }) => ({ id, name, clients, keys })),
    before.instances.map(({ id, name, clients, keys }) => ({ id, name, clients, keys })),
  );
  t.deepEqual(again.client, first.client);
  const returned = await connect(again);
  t.deepEqual(await keyBytes(returned, uid), bytes);
  returned.close();
  t.is((await json<readonly ClientView[]>(data, 'client', 'list')).length, 1);
  t.is(await again.end('SIGINT'), 0);
});

test("SIGTERM reaches the server through npm's shell, and leaves no server behind", async (t) => {
  const root = join(import.meta.dirname, '../..');
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: { readonly start: string };
  };
  const options = `--data ${temporaryDirectory(t)} --listen 127.0.0.1:0 --admin-listen off`;
  const child = spawn('sh', ['-c', `${scripts.start} ${options}`], {
    cwd: root,
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) return t.fail();
  const isLeft = (signal: NodeJS.Signals | 0): boolean => {
    try {
      return process.kill(-pid, signal);
    } catch {
      return false;
    }
  };
  t.teardown(() => void isLeft('SIGKILL'));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => chunk.includes('kmip-edge ready') && resolve());
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
  });
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  t.deepEqual(await ended, [0, null]);
  t.false(isLeft(0));
});

test('SIGTERM ends it although clients are connected and one of them never finished its handshake', async (t) => {
  const daemon = await startDaemon(t, temporaryDirectory(t));
  const client = await connect(daemon);
  t.teardown(() => client.close());
  await createKey(client);
  await openSilent(t, daemon.port);
  const started = performance.now();
  t.is(await daemon.end('SIGTERM'), 0);
  t.true(performance.now() - started < 5000);
});

test('what lies on the disk is for the owner alone and holds no key in clear', async (t) => {
  const data = join(temporaryDirectory(t), 'data');
  const daemon = await startDaemon(t, data);
  const client = await connect(daemon);
  const keys: Buffer[] = [];
  for (let count = 0; count < 3; count += 1) keys.push(Buffer.from(await keyBytes(client, await createKey(client))));
  client.close();
  t.is(modeOf(data).mode, 0o700);
  t.is(modeOf(join(data, 'admin.sock')).mode, 0o600);
  lookThrough(t, data, keys);
  t.is(await daemon.end('SIGTERM'), 0);
  lookThrough(t, data, keys);
});

/** Client certificates are public, and lie in a directory of the owner's. */
const isPublic = (name: string): boolean => /^clients\/.*(client|ca)\.pem$/.test(name);

const lookThrough = (
  t: { is: (a: unknown, b: unknown, why?: string) => unknown },
  data: string,
  keys: readonly Buffer[],
) => {
  const files = filesOf(data);
  t.is(
    files.some(({ name }) => name.endsWith('.sqlite')),
    true,
  );
  for (const { name, mode, isDirectory, path } of files) {
    t.is(mode, isDirectory ? 0o700 : isPublic(name) ? 0o644 : 0o600, name);
    if (isDirectory) continue;
    const content = readFileSync(path);
    for (const key of keys) {
      for (const form of [key, key.toString('hex'), key.toString('base64')]) t.is(content.includes(form), false, name);
    }
  }
};
