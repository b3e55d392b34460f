// Reading certificates that others made: vCenter-like ones from openssl, and everything that must be refused.

import test from 'ava';
import { createAuthority } from '../../src/ca/authority.ts';
import { maximumCertificateText, readCertificate } from '../../src/ca/certificate.ts';
import { displayFingerprint } from '../../src/ca/fingerprint.ts';
import { issueClientCertificate } from '../../src/ca/issue.ts';
import { EdgeError } from '../../src/errors.ts';
import { type Bench, openBench } from './openssl.ts';

/** A self-signed certificate as vCenter makes one: no ExtendedKeyUsage, no BasicConstraints. */
const selfSigned = async ({ openssl, file }: Bench, newKey: readonly string[] = ['rsa:2048']): Promise<string> => {
  const bare = await file('bare.cnf', '[req]\ndistinguished_name=dn\nx509_extensions=none\n[dn]\n[none]\n');
  const subject = ['-subj', '/O=Example, Inc./CN=kmipClient20161127094708', '-days', '30'];
  const [algorithm = '', ...options] = newKey;
  const key = ['-newkey', algorithm, ...options, '-nodes', '-keyout', 'key.pem'];
  return openssl('req', '-x509', '-config', bare, ...key, ...subject);
};

test('a self-signed client certificate like vCenter’s is read', async (t) => {
  const bench = await openBench(t);
  const pem = await selfSigned(bench);
  const certificate = readCertificate(`some text before\r\n${pem.replaceAll('\n', '\r\n')}\r\nand after`);
  const { pem: canonical, notBefore, notAfter, fingerprintSha256, fingerprintSha1, ...rest } = certificate;
  t.deepEqual(rest, {
    subject: 'O=Example\\, Inc., CN=kmipClient20161127094708',
    issuer: 'O=Example\\, Inc., CN=kmipClient20161127094708',
    selfSigned: true,
    isAuthority: false,
    publicKey: 'RSA 2048',
  });
  t.is(canonical, pem);
  t.is(notAfter - notBefore, 30 * 24 * 60 * 60 * 1000);
  await bench.file('client.pem', pem);
  for (const [hash, hex] of Object.entries({ '-sha256': fingerprintSha256, '-sha1': fingerprintSha1 })) {
    const shown = await bench.openssl('x509', '-in', 'client.pem', '-noout', '-fingerprint', hash);
    t.true(shown.includes(`=${displayFingerprint(hex)}\n`));
    t.regex(hex, /^[0-9a-f]+$/);
  }
});

test('certificates that we issue are read', async (t) => {
  const now = Date.now();
  const authority = await createAuthority({ commonName: 'test CA', days: 10, now });
  const issued = await issueClientCertificate(authority, { commonName: 'host 1', days: 5, now });
  const client = readCertificate(issued.certificatePem);
  const root = readCertificate(authority.certificatePem);
  t.deepEqual([client.subject, client.issuer], ['CN=host 1', 'CN=test CA']);
  t.deepEqual([client.selfSigned, client.isAuthority], [false, false]);
  t.deepEqual([root.selfSigned, root.isAuthority], [true, true]);
});

const keys: readonly (readonly [string, readonly string[]])[] = [
  ['RSA 3072', ['rsa:3072']],
  ['EC prime256v1', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
  ['ED25519', ['ed25519']],
];
for (const [summary, newKey] of keys) {
  test(`the public key is summed up: ${summary}`, async (t) => {
    t.is(readCertificate(await selfSigned(await openBench(t), newKey)).publicKey, summary);
  });
}

const pemOf = (label: string, der: Buffer): string => {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
};
const derOf = (pem: string): Buffer => Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
const marker = 'c2VjcmV0IGJ5dGVz';

/** Each input is made from a good certificate. */
const refused: readonly (readonly [string, (good: string) => string, RegExp])[] = [
  ['empty text', () => '', /holds no PEM block/],
  ['text that is no certificate', () => 'hello', /holds no PEM block/],
  ['bare base64', (good) => derOf(good).toString('base64'), /holds no PEM block/],
  ['two certificates', (good) => good + good, /holds 2 of them/],
  ['too much text', (good) => good + ' '.repeat(maximumCertificateText), /more than the 65536 allowed/],
  ['a private key', () => pemOf('PRIVATE KEY', Buffer.from(marker, 'base64')), /holds a private key/],
  ['an RSA private key after it', (good) => good + pemOf('RSA PRIVATE KEY', Buffer.alloc(9)), /holds a private key/],
  ['an encrypted key before it', (good) => pemOf('ENCRYPTED PRIVATE KEY', Buffer.alloc(9)) + good, /a private key/],
  ['a private key cut short', () => `-----BEGIN EC PRIVATE KEY-----\n${marker}`, /holds a private key/],
  ['a signing request', () => pemOf('CERTIFICATE REQUEST', Buffer.alloc(9)), /'CERTIFICATE REQUEST'/],
  ['a public key beside it', (good) => good + pemOf('PUBLIC KEY', Buffer.alloc(9)), /'PUBLIC KEY'/],
  ['no last line', (good) => good.replace(/-----END.*/, ''), /cut short/],
  ['characters that are not base64', (good) => good.replace('MII', 'M*I'), /not base64/],
  ['an empty block', () => pemOf('CERTIFICATE', Buffer.alloc(0)), /cannot be read/],
  ['bytes that are not a certificate', () => pemOf('CERTIFICATE', Buffer.alloc(300, 7)), /cannot be read/],
  ['half of it', (good) => pemOf('CERTIFICATE', derOf(good).subarray(0, 300)), /cannot be read/],
  ['bytes after it', (good) => pemOf('CERTIFICATE', Buffer.concat([derOf(good), Buffer.alloc(3)])), /other bytes/],
];

test('what is not exactly one certificate is refused, and never echoed', async (t) => {
  const good = await selfSigned(await openBench(t));
  for (const [name, make, message] of refused) {
    const error = t.throws(() => readCertificate(make(good)), { instanceOf: EdgeError, message }, name);
    t.is(error?.kind, 'invalid-field', name);
    t.truthy(error?.hint, name);
    t.false(`${error?.stack}${error?.hint}`.includes(marker), name);
  }
});

test('a fingerprint is shown as vCenter shows it', (t) => {
  t.is(displayFingerprint('0aff10'), '0A:FF:10');
});
