// The way to an upstream with each step broken: the name, the connection, the trust, the clock.

import { hash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { networkChecks, type Target } from '../../../src/telemetry/doctor/network.ts';
import { runChecks } from '../../../src/telemetry/doctor/result.ts';
import { makeTlsMaterial } from '../../peers/key-protect/certificates.ts';

const material = makeTlsMaterial();
const now = Date.UTC(2026, 10, 25, 12);

const listen = async (t: ExecutionContext, answer: RequestListener, requestCert = false): Promise<number> => {
  const server = createServer(
    { cert: material.certPem, key: material.keyPem, requestCert, rejectUnauthorized: requestCert },
    answer,
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
};

const withClock =
  (ahead: number): RequestListener =>
  (_request, response) =>
    void response.writeHead(404, { date: new Date(now - ahead).toUTCString() }).end();

const examine = (target: Partial<Target>) => {
  const whole = { what: "Key Protect of 'prod'", host: '127.0.0.1', port: 1, protocol: 'https', ...target } as const;
  return runChecks(networkChecks([whole], () => now));
};

test('where everything is well that is said, and the clocks are compared', async (t) => {
  const port = await listen(t, withClock(0));
  const results = await examine({ port, ca: material.caPem });
  t.deepEqual(
    results.map(({ check, state }) => [check, state]),
    [
      ['upstream-path', 'well'],
      ['upstream-path', 'well'],
    ],
  );
  t.regex(
    results[0]?.what ?? '',
    /^Key Protect of 'prod' \(127\.0\.0\.1 port \d+\): name, connection and TLS are well$/,
  );
});

test('a name that nobody knows', async (t) => {
  const [result] = await examine({ host: 'key-protect.invalid' });
  t.like(result, { state: 'problem' });
  t.regex(result?.what ?? '', /name (cannot be resolved|service)/);
  t.regex(result?.command ?? '', /^getent ahosts key-protect\.invalid/);
});

test('a port where nobody answers', async (t) => {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const [result] = await examine({ port });
  t.like(result, { state: 'problem' });
  t.regex(result?.what ?? '', /no connection: .*ECONNREFUSED/);
  t.regex(result?.command ?? '', /nc -vz 127\.0\.0\.1/);
});

test('a certificate of an authority that is not trusted', async (t) => {
  const port = await listen(t, withClock(0));
  const [result, ...rest] = await examine({ port });
  t.like(result, { state: 'problem' });
  t.regex(result?.what ?? '', /TLS fails: /);
  t.regex(result?.command ?? '', /^openssl s_client -connect 127\.0\.0\.1:/);
  t.is(rest.length, 0);
});

test('what answers and speaks no TLS', async (t) => {
  const server = createTcpServer((socket) => socket.on('error', () => {}).end('220 smtp ready\r\n')).listen(
    0,
    '127.0.0.1',
  );
  t.teardown(() => server.close());
  await once(server, 'listening');
  const [result] = await examine({ port: (server.address() as AddressInfo).port });
  t.regex(result?.what ?? '', /TLS fails: /);
});

const pinned = new X509Certificate(material.certPem).raw;
for (const algorithm of ['sha256', 'sha1'] as const) {
  test(`a certificate pinned by ${algorithm} is trusted whoever signed it, and no other is`, async (t) => {
    const port = await listen(t, withClock(0), true);
    const fingerprint = hash(algorithm, pinned, 'hex');
    const good = await examine({ port, protocol: 'kmip', pins: [{ hash: algorithm, fingerprint }] });
    t.deepEqual(
      good.map(({ state }) => state),
      ['well'],
    );
    const wrong = [{ hash: algorithm, fingerprint: fingerprint.replace(/^./, (one) => (one === '0' ? '1' : '0')) }];
    const [bad] = await examine({ port, protocol: 'kmip', pins: wrong });
    t.like(bad, { state: 'problem' });
    t.regex(
      bad?.what ?? '',
      new RegExp(`another certificate than the pinned one: SHA-256 ${hash('sha256', pinned, 'hex')}`),
    );
  });
}

const clocks = [
  ['20 s ahead', 20_000, 'well', /20 s ahead of/],
  ['a minute ahead', 60_000, 'warning', /60 s ahead of/],
  ['a minute behind', -60_000, 'warning', /60 s behind/],
  ['an hour ahead', 3_600_000, 'problem', /3600 s ahead of/],
] as const;
for (const [what, ahead, state, says] of clocks) {
  test(`a clock that is ${what} of the upstream's`, async (t) => {
    const port = await listen(t, withClock(ahead));
    const [, clock] = await examine({ port, ca: material.caPem });
    t.is(clock?.state, state);
    t.regex(clock?.what ?? '', says);
    t.is(clock?.command?.includes('timedatectl'), state === 'well' ? undefined : true);
  });
}

test('what several instances share is looked at once', async (t) => {
  const port = await listen(t, withClock(0));
  const target = { host: '127.0.0.1', port, protocol: 'https', ca: material.caPem } as const;
  const checks = networkChecks(
    [
      { ...target, what: 'one' },
      { ...target, what: 'other' },
    ],
    () => now,
  );
  t.is(checks.length, 1);
});
