// The HTTPS server by itself: peers that are slow or silent, and another certificate while it runs.

import { connect as connectTcp, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { LockOut } from '../../src/admin/access/lock-out.ts';
import { Sessions } from '../../src/admin/access/sessions.ts';
import type { Tokens } from '../../src/admin/access/tokens.ts';
import { createHttps, type HttpsIdentity, type HttpsTimeouts } from '../../src/admin/https.ts';
import type { Handlers } from '../../src/admin/routes.ts';
import { systemClock } from '../../src/clock.ts';
import { silentLog } from '../../src/log.ts';
import { selfSigned } from '../server/certificates.ts';
import { endsWithin } from '../server/peer.ts';

const makeIdentity = async (t: ExecutionContext): Promise<HttpsIdentity> => {
  const { certificate, privateKey } = await selfSigned(t);
  return { certificatePem: certificate, privateKeyPem: privateKey };
};

/** A server that nobody can sign in to: what is asked of it never reaches a handler. */
const start = async (t: ExecutionContext, timeouts: Partial<HttpsTimeouts>) => {
  const clock = systemClock;
  const https = createHttps({
    listen: { host: '127.0.0.1', port: 0 },
    identity: await makeIdentity(t),
    names: [],
    sessions: new Sessions(clock, { idle: 60_000 }),
    tokens: { use: () => undefined } as unknown as Tokens,
    lockOut: new LockOut(clock),
    clock,
    log: silentLog,
    timeouts: { look: 20, ...timeouts },
  });
  t.teardown(() => https.close());
  await https.open({} as Handlers);
  return https;
};

const openTls = (t: ExecutionContext, port: number): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => resolve(socket));
    socket.once('error', reject);
    t.teardown(() => socket.destroy());
  });

const head = 'POST /v1/session HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n';
const slow: readonly (readonly [what: string, timeouts: Partial<HttpsTimeouts>, sent: string])[] = [
  ['half a head', { headers: 200 }, head],
  ['half a body', { headers: 200, request: 200 }, `${head}content-length: 100\r\n\r\n{`],
  ['nothing after an answer', { keepAlive: 200 }, 'GET /v1/status HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n'],
  ['nothing at all', { silent: 200 }, ''],
];
for (const [what, timeouts, sent] of slow) {
  test(`a peer that sends ${what} is let go`, async (t) => {
    const { state } = await start(t, timeouts);
    const socket = await openTls(t, state.port);
    socket.on('error', () => {});
    socket.write(sent);
    t.true(await endsWithin(socket, 5000));
  });
}

test('a peer that never finishes its handshake is let go', async (t) => {
  const { state } = await start(t, { handshake: 200 });
  const socket: Socket = connectTcp({ host: '127.0.0.1', port: state.port });
  t.teardown(() => socket.destroy());
  socket.on('error', () => {});
  t.true(await endsWithin(socket, 5000));
});

test('patience is the rule: the same peers are kept when there is time', async (t) => {
  const { state } = await start(t, {});
  const socket = await openTls(t, state.port);
  socket.write(head);
  t.false(await endsWithin(socket, 600));
});

test('another certificate is shown to connections from then on, and those that are open go on', async (t) => {
  const https = await start(t, {});
  const before = await openTls(t, https.state.port);
  const next = await makeIdentity(t);
  https.setIdentity(next);
  const after = await openTls(t, https.state.port);
  t.not(after.getPeerCertificate().fingerprint256, before.getPeerCertificate().fingerprint256);
  const answered = new Promise<string>((resolve) => before.once('data', (chunk: Buffer) => resolve(chunk.toString())));
  before.write('GET /v1/status HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
  t.regex(await answered, /^HTTP\/1\.1 401 /);
});

test('closing ends what is open and takes no more', async (t) => {
  const https = await start(t, {});
  const { port } = https.state;
  const socket = await openTls(t, port);
  socket.on('error', () => {});
  await https.close();
  t.true(await endsWithin(socket, 2000));
  await t.throwsAsync(openTls(t, port), { code: 'ECONNREFUSED' });
});
