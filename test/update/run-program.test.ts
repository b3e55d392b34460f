// Programs of the system: what they print, how they fail, and that none waits for input that never comes. A TLS handshake is
// asked for as a trial asks for it.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import test from 'ava';
import { runProgram } from '../../src/update/run-program.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const patience = 20_000;

test('what a program prints is given, and nothing passes through a shell', async (t) => {
  t.is(await runProgram('printf', ['%s', '$HOME; `id`'], patience), '$HOME; `id`');
});

test('a program that reads its input finds its end', async (t) => {
  t.is(await runProgram('cat', [], patience), '');
});

test('one that fails, is not there or takes too long is an error', async (t) => {
  await t.throwsAsync(runProgram('false', [], patience));
  await t.throwsAsync(runProgram('no-such-program-here', [], patience), { code: 'ENOENT' });
  await t.throwsAsync(runProgram('sleep', ['20'], 200));
});

test('OpenSSL shows the certificate of a server and ends', async (t) => {
  const directory = temporaryDirectory(t);
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(directory, name)) as [string, string];
  const request = ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', key, '-out', cert, '-subj', '/CN=x'];
  execFileSync('openssl', request, { stdio: 'ignore' });
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const handshake = ['30', 'openssl', 's_client', '-connect', `127.0.0.1:${port}`];
  t.regex(await runProgram('timeout', handshake, patience), /BEGIN CERTIFICATE/);
});
