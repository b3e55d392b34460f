// PKCS #12 files as customers' tools write them: what of the old and the new encryptions is read, and what is said of the
// rest. All files are openssl's.

import { createPrivateKey, generateKeyPair, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { maximumPkcs12, readPkcs12 } from '../../src/ca/pkcs12.ts';
import { EdgeError } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';
import { type Issued, openPki, type Pki } from '../trust/pki.ts';

const passphrase = 'correct horse: Zürich';

const pack = async (pki: Pki, leaf: Issued, chain: readonly Issued[], ...how: readonly string[]): Promise<Buffer> => {
  const { file, openssl, folder } = pki.bench;
  const inputs = ['-in', await file('leaf.pem', leaf.certificate), '-inkey', await file('leaf.key', leaf.privateKey)];
  const others = await file('others.pem', chain.map(({ certificate }) => certificate).join(''));
  const extra = chain.length > 0 ? ['-certfile', others] : [];
  await openssl('pkcs12', '-export', ...inputs, ...extra, '-passout', `pass:${passphrase}`, '-out', 'out.p12', ...how);
  return readFile(join(folder, 'out.p12'));
};

/** One key for all tests: to make one takes longer than all else here. */
let made: Promise<string> | undefined;
const rsa = (): Promise<string> => {
  made ??= promisify(generateKeyPair)('rsa', { modulusLength: 2048 }).then(({ privateKey }) =>
    privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );
  return made;
};
type Keys = 'rsa' | 'ec';

const forms: readonly (readonly [string, Keys, ...string[]])[] = [
  ['AES-256 with SHA-256, as OpenSSL 3 makes it', 'rsa'],
  ['AES-256 with an elliptic curve key', 'ec'],
  ['AES-128 with SHA-512', 'rsa', '-certpbe', 'AES-128-CBC', '-keypbe', 'AES-128-CBC', '-macalg', 'sha512'],
  ['RC2-40 and 3DES, as Windows and Java made it for long', 'rsa', '-legacy'],
  ['3DES throughout', 'rsa', '-legacy', '-descert'],
  ['stretched 50,000 times', 'rsa', '-iter', '50000'],
  ['without a MAC', 'rsa', '-nomac'],
];
for (const [name, key, ...how] of forms) {
  test(`a PKCS #12 file is read: ${name}`, async (t) => {
    const pki = await openPki(t);
    const root = await pki.root({ subject: '/O=Zürich/CN=root' });
    const leaf = await pki.issue(root, { subject: '/CN=kms', ...(key === 'rsa' && { privateKey: await rsa() }) });
    const content = await readPkcs12(await pack(pki, leaf, [root], ...how), new Secret(passphrase));
    t.is(content.certificatePem, new X509Certificate(leaf.certificate).toString());
    t.deepEqual(content.others, [new X509Certificate(root.certificate).toString()]);
    t.true(createPrivateKey(content.privateKeyPem.reveal()).equals(createPrivateKey(leaf.privateKey)));
  });
}

test('what cannot be read is named: a wrong passphrase, no key, another encryption, no such file', async (t) => {
  const pki = await openPki(t);
  const leaf = await pki.root({ subject: '/CN=kms', privateKey: await rsa() });
  const good = await pack(pki, leaf, []);
  const cases: readonly (readonly [string, Buffer, string, RegExp])[] = [
    ['a wrong passphrase', good, 'wrong', /does not open with this passphrase/],
    ['no passphrase', good, '', /does not open with this passphrase/],
    ['no key', await pack(pki, leaf, [], '-nokeys'), passphrase, /holds no private key/],
    ['no certificate', await pack(pki, leaf, [], '-nocerts'), passphrase, /holds no certificate of its private key/],
    [
      'Camellia',
      await pack(pki, leaf, [], '-keypbe', 'CAMELLIA-256-CBC', '-certpbe', 'CAMELLIA-256-CBC'),
      passphrase,
      /encrypted in a way that cannot be read here/,
    ],
    ['half of one', good.subarray(0, good.length / 2), passphrase, /cannot be read/],
    ['a PEM file', Buffer.from(leaf.certificate), passphrase, /cannot be read/],
    ['nothing', Buffer.alloc(0), passphrase, /has 0 bytes/],
    ['too much', Buffer.alloc(maximumPkcs12 + 1), passphrase, /has \d+ bytes/],
  ];
  for (const [name, bytes, word, message] of cases) {
    const error = await t.throwsAsync(readPkcs12(bytes, new Secret(word)), { instanceOf: EdgeError, message }, name);
    t.is(error?.kind, 'invalid-field', name);
    t.truthy(error?.hint, name);
  }
});

test('the server goes on while a file is opened that was made to take long', async (t) => {
  const pki = await openPki(t);
  const leaf = await pki.root({ subject: '/CN=kms' });
  const slow = await pack(pki, leaf, [], '-iter', '100000');
  let longest = 0;
  let last = performance.now();
  const beat = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  const begun = performance.now();
  await readPkcs12(slow, new Secret(passphrase));
  const took = performance.now() - begun;
  clearInterval(beat);
  t.true(took > 100, `it took ${took} ms`);
  t.true(longest < took / 2, `the longest pause was ${longest} ms of ${took}`);
});
