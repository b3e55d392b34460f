// The HTTPS port as the network meets it: what every answer says, what is refused before any route is asked, and that it
// has nothing to do with KMIP.

import { get } from 'node:https';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { FakeClock } from '../kit/fake-clock.ts';
import { ask, bearer, withHttps } from '../kit/https.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { startServer } from '../kit/server.ts';
import { sharedServer } from '../kit/shared-server.ts';

const server = sharedServer({ settings: { ...withHttps, 'server.names': ['kms.example.com'] } });

/** Sends bytes over TLS; gives all that comes back until the end. */
const sendBytes = (t: ExecutionContext, port: number, bytes: string | Buffer): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => socket.write(bytes));
    collect(t, socket, resolve);
  });

const collect = (t: ExecutionContext, socket: Socket | TLSSocket, resolve: (text: string) => void): void => {
  t.teardown(() => socket.destroy());
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  socket.on('close', () => resolve(received));
};

const paths = [
  '/',
  '/v1/status',
  '/v1/nowhere',
  '/nowhere',
  '/%',
  '/v1/session?%',
  '/page/nowhere.js',
  '//',
  '/../etc',
];
for (const path of paths) {
  test(`${path} is answered with every security header, and without a word of what answers`, async (t) => {
    const { headers, status } = await ask(server(), path);
    t.true(status < 500);
    t.like(headers, {
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
    t.regex(String(headers['strict-transport-security']), /^max-age=\d{7}$/);
    t.regex(String(headers['content-security-policy']), /^default-src 'none'.*frame-ancestors 'none'/);
    t.is(headers['server'], undefined);
    t.is(headers['x-powered-by'], undefined);
    if (path === '/') return;
    t.is(headers['cache-control'], 'no-store');
    t.is(headers['content-type'], 'application/problem+json; charset=utf-8');
  });
}

const bodies: readonly (readonly [what: string, body: string, type: string, status: number])[] = [
  ['no JSON', '{', 'application/json', 400],
  ['an empty body of JSON', '', 'application/json', 400],
  ['a form', 'password=x', 'application/x-www-form-urlencoded', 415],
  ['plain text', '{"password":"x"}', 'text/plain', 400],
  ['a list', '[]', 'application/json', 400],
  ['a prototype', '{"__proto__":{"password":"x"}}', 'application/json', 400],
  ['a body that is too large', `{"password":"${'x'.repeat(300_000)}"}`, 'application/json', 413],
  ['deep nesting', `{"password":${'['.repeat(50_000)}`, 'application/json', 400],
];
for (const [what, body, type, status] of bodies) {
  test(`${what} is a problem of the sender`, async (t) => {
    const answer = await ask(server(), '/v1/session', { method: 'POST', body, headers: { 'content-type': type } });
    t.is(answer.status, status, answer.text);
    const { kind, message } = answer.json() as { kind: string; message: string };
    t.regex(kind, /^invalid-/);
    t.not(message, '');
  });
}

const hosts: readonly (readonly [host: string, status: number])[] = [
  ['127.0.0.1', 401],
  ['[::1]:8443', 401],
  ['localhost:1', 401],
  ['10.1.2.3', 401],
  ['kms.example.com', 401],
  ['KMS.example.COM:443', 401],
  ['rebound.example.net', 403],
  ['kms.example.com.example.net', 403],
  ['a b', 403],
];
for (const [host, status] of hosts) {
  test(`asked as ${host} it answers ${status}`, async (t) => {
    t.is((await ask(server(), '/v1/status', { headers: { host } })).status, status);
  });
}

test("a KMIP client's certificate means nothing here", async (t) => {
  t.is((await ask(server(), '/v1/status', { client: server().client })).status, 401);
});

test('nothing of the management API is on the KMIP port, and no KMIP on this one', async (t) => {
  const { port, client } = server();
  const options = { host: '127.0.0.1', port, path: '/v1/status', rejectUnauthorized: false, agent: false };
  const answered = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const call = get({ ...options, cert: client.certificate, key: client.privateKey }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
    call.on('error', reject);
  });
  t.is(answered.status, 404);
  t.notRegex(answered.body, /kind|ready/);
  const kmip = Buffer.from('42007801000000084200690100000000', 'hex');
  t.regex(await sendBytes(t, server().running.https.port, kmip), /^HTTP\/1\.1 400 Bad Request\r\n/);
});

const garbage: readonly (readonly [what: string, bytes: string])[] = [
  ['no HTTP at all', 'hello\r\n\r\n'],
  ['a header without end', `GET / HTTP/1.1\r\nx: ${'y'.repeat(40_000)}`],
  ['two lengths', 'POST /v1/session HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n'],
  [
    'a length and chunks',
    'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['HTTP/1.1 without a host', 'GET /v1/status HTTP/1.1\r\n\r\n'],
];
for (const [what, bytes] of garbage) {
  test(`${what} is refused and the connection closed`, async (t) => {
    t.regex(await sendBytes(t, server().running.https.port, bytes), /^HTTP\/1\.1 4\d\d /);
  });
}

test('bytes that are no TLS end the connection, and the server goes on', async (t) => {
  const { port } = server().running.https;
  const text = await new Promise<string>((resolve) => {
    const socket = connectTcp({ host: '127.0.0.1', port }, () => socket.write('GET / HTTP/1.0\r\n\r\n'));
    collect(t, socket, resolve);
  });
  t.notRegex(text, /HTTP/);
  t.is((await ask(server(), '/v1/status')).status, 401);
});

for (const version of ['TLSv1', 'TLSv1.1'] as const) {
  test(`${version} is refused`, async (t) => {
    const { port } = server().running.https;
    const error = await new Promise<NodeJS.ErrnoException>((resolve, reject) => {
      const limits = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' } as const;
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...limits });
      socket.once('error', resolve);
      socket.once('secureConnect', () => reject(new Error('connected')));
    });
    t.regex(String(error.code), /^(ERR_SSL|ECONNRESET)/);
  });
}

test('one address has so many connections and no more, and others still get in', async (t) => {
  const own = await startServer(t, { settings: withHttps });
  const { port } = own.running.https;
  const open = Array.from({ length: 70 }, () => connectTcp({ host: '127.0.0.1', port, localAddress: '127.0.0.9' }));
  for (const socket of open) t.teardown(() => socket.destroy());
  const closed = open.map(
    (socket) => new Promise<void>((resolve) => socket.on('error', () => {}).on('close', () => resolve())),
  );
  let gone = 0;
  for (const end of closed) void end.then(() => (gone += 1));
  while (gone < 6) await new Promise((resolve) => setTimeout(resolve, 10));
  t.is(gone, 6);
  t.is((await ask(own, '/v1/status')).status, 401);
});

test('a port that is taken does not keep keys from being served; it is had when it is free', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { port: number };
  const [clock, log] = [new FakeClock(), createMemoryLog()];
  const own = await startServer(t, { clock, log, settings: { 'admin.listen': `127.0.0.1:${port}` } });
  const { https } = await own.api('status', {});
  t.like(https, { state: 'failed', port });
  t.regex(String(https.problem), /cannot listen on 127\.0\.0\.1 port \d+: .*EADDRINUSE/);
  t.is(log.alarms.filter(({ event }) => /out of reach/.test(event)).length, 1);
  await own.connect();
  await clock.pass(30_000);
  await new Promise((resolve) => other.close(resolve));
  await clock.pass(30_000);
  for (let wait = 0; (await own.api('status', {})).https.state !== 'on' && wait < 100; wait += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  t.like((await own.api('status', {})).https, { state: 'on', port, passwordSet: false });
  t.is(log.alarms.filter(({ event }) => /out of reach/.test(event)).length, 1, 'said once');
});

test('off is off', async (t) => {
  const own = await startServer(t);
  t.like((await own.api('status', {})).https, { state: 'off', port: 0 });
});

test('a token works from a program that knows the authority', async (t) => {
  const { token } = await server().api('token.create', { name: 'program', role: 'read-only', lifetime: 60_000 });
  const answer = await ask(server(), '/v1/session', { headers: bearer(token) });
  t.deepEqual(answer.json(), { kind: 'token', name: 'program', role: 'read-only' });
  t.true((await server().api('token.list', {})).some(({ name, lastUsedAt }) => name === 'program' && lastUsedAt));
});
