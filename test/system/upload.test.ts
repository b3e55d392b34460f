// A file to an address by HTTPS: it arrives whole, under which name, and not a byte of it at somebody nobody vouches for.

import { createHash, X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { EdgeError, type ErrorKind } from '../../src/errors.ts';
import { endOf, shownAddress, upload, uploadAddress } from '../../src/system/upload.ts';
import { selfSigned } from '../server/certificates.ts';

interface Taken {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly digest: string;
}

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Made once. */
let pair: ReturnType<typeof selfSigned> | undefined;

/** Takes what is put there; `/refused` is refused, and what comes to `/silent` is not answered. */
const startTaker = async (t: ExecutionContext) => {
  pair ??= selfSigned(t);
  const { certificate, privateKey } = await pair;
  const taken: Taken[] = [];
  const take = async (request: IncomingMessage): Promise<number> => {
    const { method, url, headers } = request;
    const digest = digestOf(await buffer(request));
    taken.push({ method, url, authorization: headers.authorization, digest });
    return url?.startsWith('/refused') ? 403 : 201;
  };
  const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    if (request.url === '/silent') return;
    void take(request).then((status) => response.writeHead(status).end());
  });
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { fingerprint256 } = new X509Certificate(certificate);
  return { taken, port: (server.address() as AddressInfo).port, fingerprint: fingerprint256 };
};

const file = { name: 'kmip-edge-support-edge1.tar.gz', bytes: Buffer.alloc(300_000, 'bundle') };

test('it arrives whole, and gets its name where the address ends in a slash', async (t) => {
  const { taken, port, fingerprint } = await startTaker(t);
  await upload(uploadAddress(`https://127.0.0.1:${port}/in?signature=abc`), file, { fingerprint });
  await upload(uploadAddress(`https://joe:secret@127.0.0.1:${port}/cases/7/`), file, { fingerprint });
  const digest = digestOf(file.bytes);
  t.deepEqual(taken, [
    { method: 'PUT', url: '/in?signature=abc', authorization: undefined, digest },
    {
      method: 'PUT',
      url: '/cases/7/kmip-edge-support-edge1.tar.gz',
      authorization: `Basic ${Buffer.from('joe:secret').toString('base64')}`,
      digest,
    },
  ]);
});

const failures: readonly (readonly [
  what: string,
  path: string,
  pin: 'right' | 'wrong' | 'none',
  kind: ErrorKind,
  text: RegExp,
])[] = [
  ['a certificate that nobody vouches for', '/in', 'none', 'upstream-not-trusted', /signed by itself/],
  ['another certificate than the one that was looked at', '/in', 'wrong', 'upstream-not-trusted', /signed by itself/],
  [
    'an answer that is no success',
    '/refused?signature=abc',
    'right',
    'upstream-refused',
    /\/refused answers HTTP 403$/,
  ],
  ['no answer', '/silent', 'right', 'upstream-unreachable', /nothing came for 0\.4 s/],
];
for (const [what, path, pin, kind, text] of failures) {
  test(`${what} is refused in words`, async (t) => {
    const { taken, port, fingerprint } = await startTaker(t);
    const pins = { right: fingerprint, wrong: fingerprint.replaceAll(/[0-9A-F]/g, '0'), none: undefined };
    const address = uploadAddress(`https://127.0.0.1:${port}${path}`);
    const error = await t.throwsAsync(upload(address, file, { fingerprint: pins[pin], silence: 400 }), {
      instanceOf: EdgeError,
    });
    t.is((error as EdgeError).kind, kind);
    t.regex(error.message, text);
    if (kind === 'upstream-not-trusted') t.deepEqual(taken, []);
  });
}

test('nobody there is said to be so', async (t) => {
  await t.throwsAsync(upload(uploadAddress('https://127.0.0.1:1/'), file), {
    message: /cannot be reached: .*ECONNREFUSED/,
  });
});

test('what is no address, or sends it unprotected, is refused', (t) => {
  for (const text of ['', 'nowhere', 'http://mirror.example.com/', 'ftp://mirror.example.com/', 'file:///etc/passwd']) {
    t.is(t.throws(() => uploadAddress(text), { instanceOf: EdgeError }, text)?.kind, 'invalid-field');
  }
});

test('what is shown of an address opens nothing', (t) => {
  t.is(shownAddress(uploadAddress('https://joe:secret@x.example.com/a?signature=abc#y')), 'https://x.example.com/a');
  t.deepEqual(endOf(uploadAddress('https://[2001:db8::1]:8443/')), { host: '2001:db8::1', port: 8443 });
  t.deepEqual(endOf(uploadAddress('https://x.example.com/')), { host: 'x.example.com', port: 443 });
});
