// What we issue, judged by openssl and by Node's TLS. The refusals are asserted by kind and text.

import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import test from 'ava';
import { createAuthority } from '../../src/ca/authority.ts';
import { issueClientCertificate, issueServerCertificate } from '../../src/ca/issue.ts';
import type { KeyType } from '../../src/ca/key-pair.ts';
import { selfSignedClient } from '../../src/ca/self-signed.ts';
import type { Credential } from '../../src/ca/sign.ts';
import { EdgeError, type ErrorKind } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';
import { openBench } from './openssl.ts';

const now = Date.now();
const hour = 60 * 60 * 1000;
const day = 24 * hour;
const names = { dnsNames: ['kms.example.com', 'KMS'], addresses: ['127.0.0.1', '2001:db8::10', '::ffff:192.0.2.1'] };
const server = { commonName: 'kms.example.com', days: 30, now, ...names };

let made: Promise<Credential> | undefined;
/** One authority for all tests that only read it; its name is not ASCII, which node-forge gets wrong when left alone. */
const authority = (): Promise<Credential> => {
  made ??= createAuthority({ commonName: 'Zürich kmip-edge CA', days: 3650, now });
  return made;
};

test('the authority is a self-signed CA that openssl accepts', async (t) => {
  const { openssl, file } = await openBench(t);
  const { certificatePem } = await authority();
  const ca = await file('ca.pem', certificatePem);
  t.regex(await openssl('verify', '-x509_strict', '-CAfile', ca, ca), /OK/);
  const text = await openssl('x509', '-in', ca, '-noout', '-text', '-nameopt', 'utf8');
  t.regex(text, /Subject: CN\s?=\s?Zürich kmip-edge CA/);
  t.regex(text, /X509v3 Basic Constraints: critical\s+CA:TRUE/);
  t.regex(text, /X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign\s/);
  t.regex(text, /X509v3 Subject Key Identifier/);
  t.regex(text, /Signature Algorithm: sha256WithRSAEncryption/);
  t.regex(text, /Public-Key: \(2048 bit\)/);
});

test('a server certificate verifies for a TLS server and names every DNS name and address', async (t) => {
  const { openssl, file } = await openBench(t);
  const ca = await file('ca.pem', (await authority()).certificatePem);
  const leaf = await file('server.pem', (await issueServerCertificate(await authority(), server)).certificatePem);
  t.regex(await openssl('verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', ca, leaf), /OK/);
  await t.throwsAsync(openssl('verify', '-purpose', 'sslclient', '-CAfile', ca, leaf));
  const text = await openssl('x509', '-in', leaf, '-noout', '-text');
  t.regex(text, /Subject Alternative Name:\s+DNS:kms.example.com, DNS:kms, IP Address:127.0.0.1/);
  t.regex(text, /IP Address:2001:DB8:0:0:0:0:0:10, IP Address:0:0:0:0:0:FFFF:C000:201\s/);
  t.regex(text, /X509v3 Key Usage: critical\s+Digital Signature, Key Encipherment\s/);
  t.regex(text, /X509v3 Extended Key Usage:\s+TLS Web Server Authentication\s/);
  t.regex(text, /X509v3 Authority Key Identifier/);
});

test('a client certificate verifies for a TLS client and has a DNS name made from its own', async (t) => {
  const { openssl, file } = await openBench(t);
  const client = { commonName: 'vCenter Zürich (prod)', days: 30, keyType: 'rsa-3072' as const, now };
  const ca = await file('ca.pem', (await authority()).certificatePem);
  const leaf = await file('client.pem', (await issueClientCertificate(await authority(), client)).certificatePem);
  t.regex(await openssl('verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', ca, leaf), /OK/);
  const text = await openssl('x509', '-in', leaf, '-noout', '-text');
  t.regex(text, /Subject Alternative Name:\s+DNS:vcenter-zurich-prod\s/);
  t.regex(text, /X509v3 Extended Key Usage:\s+TLS Web Client Authentication\s/);
  t.regex(text, /Public-Key: \(3072 bit\)/);
});

test('a self-signed client certificate verifies by itself, for a TLS client, and matches its key', async (t) => {
  const { openssl, file } = await openBench(t);
  const made = await selfSignedClient({ commonName: 'kmip-edge prod', days: 3650, now });
  const leaf = await file('client.pem', made.certificatePem);
  t.regex(await openssl('verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', leaf, leaf), /OK/);
  const text = await openssl('x509', '-in', leaf, '-noout', '-text');
  t.regex(text, /Subject: CN\s?=\s?kmip-edge prod/);
  t.regex(text, /Issuer: CN\s?=\s?kmip-edge prod/);
  t.regex(text, /X509v3 Basic Constraints: critical\s+CA:FALSE/);
  t.regex(text, /X509v3 Extended Key Usage:\s+TLS Web Client Authentication\s/);
  t.regex(text, /Public-Key: \(2048 bit\)/);
  const key = await file('client.key', made.privateKeyPem.reveal());
  t.is(await openssl('pkey', '-in', key, '-pubout'), await openssl('x509', '-in', leaf, '-noout', '-pubkey'));
  await t.throwsAsync(selfSignedClient({ commonName: '', days: 1, now }), { instanceOf: EdgeError });
});

test('the validity starts an hour ago and never outlives the authority; serial numbers are positive and differ', async (t) => {
  const shortLived = await createAuthority({ commonName: 'short', days: 10, now });
  const certificates = await Promise.all(
    [1, 2].map(async () => new X509Certificate((await issueServerCertificate(shortLived, server)).certificatePem)),
  );
  const [first, second] = certificates;
  const seconds = (ms: number) => Math.floor(ms / 1000) * 1000;
  t.is(first?.validFromDate.getTime(), seconds(now - hour));
  t.is(first?.validToDate.getTime(), seconds(now + 10 * day));
  t.regex(first?.serialNumber ?? '', /^4[0-9A-F]{31}$/);
  t.not(first?.serialNumber, second?.serialNumber);
});

test('dates after 2049 are written in the other form and still read', async (t) => {
  const { openssl, file } = await openBench(t);
  const distant = await createAuthority({ commonName: 'distant', days: 36_000, now });
  t.regex(
    await openssl('x509', '-in', await file('ca.pem', distant.certificatePem), '-noout', '-enddate'),
    /21\d\d GMT/,
  );
});

test('both ends of a TLS connection accept what we issued', async (t) => {
  const root = await authority();
  const options = async (credential: Promise<Credential>) => {
    const { certificatePem, privateKeyPem } = await credential;
    return { cert: certificatePem, key: privateKeyPem.reveal(), ca: root.certificatePem };
  };
  const clientRequest = { commonName: 'vcenter', days: 30, now };
  const serverSide = await options(issueServerCertificate(root, server));
  const clientSide = await options(issueClientCertificate(root, clientRequest));
  const listener = createServer({ ...serverSide, requestCert: true, rejectUnauthorized: true });
  t.teardown(() => listener.close());
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const accepted = once(listener, 'secureConnection') as Promise<[TLSSocket]>;
  const socket = connect({ ...clientSide, host: '127.0.0.1', port: (listener.address() as AddressInfo).port });
  t.teardown(() => socket.destroy());
  await once(socket, 'secureConnect');
  const [peer] = await accepted;
  t.true(socket.authorized);
  t.true(peer.authorized);
  t.is(peer.getPeerCertificate().subject.CN, 'vcenter');
});

test('a credential prints without its private key', async (t) => {
  t.notRegex(JSON.stringify(await authority()), /PRIVATE/);
});

const refusals: readonly (readonly [string, Partial<typeof server> & { keyType?: KeyType }, ErrorKind, RegExp])[] = [
  ['a wildcard', { dnsNames: ['*.example.com'] }, 'invalid-field', /DNS name "\*\.example\.com"/],
  ['an address among DNS names', { dnsNames: ['192.0.2.1'] }, 'invalid-field', /DNS name "192\.0\.2\.1"/],
  ['an empty DNS name', { dnsNames: [''] }, 'invalid-field', /DNS name ""/],
  ['a name among addresses', { addresses: ['kms'] }, 'invalid-field', /address "kms"/],
  ['an address with a zone', { addresses: ['fe80::1%eth0'] }, 'invalid-field', /address "fe80::1%eth0"/],
  ['no name at all', { dnsNames: [], addresses: [] }, 'missing-data', /no DNS name and no address/],
  ['an empty common name', { commonName: '' }, 'invalid-field', /common name ""/],
  ['a long common name', { commonName: 'x'.repeat(65) }, 'invalid-field', /common name "x+"/],
  ['a line break in a common name', { commonName: 'a\nCN=b' }, 'invalid-field', /common name "a\\nCN=b"/],
  ['a short key', { keyType: 'rsa-1024' as string as KeyType }, 'invalid-field', /key type 'rsa-1024'/],
  ['half a day', { days: 0.5 }, 'invalid-field', /0\.5 days/],
  ['no day', { days: 0 }, 'invalid-field', /0 days/],
  ['an authority that ended', { now: now + 3651 * day }, 'illegal-operation', /certificate authority ended on 20/],
];

for (const [name, change, kind, text] of refusals) {
  test(`a server certificate is refused: ${name}`, async (t) => {
    const error = await t.throwsAsync(issueServerCertificate(await authority(), { ...server, ...change }), {
      instanceOf: EdgeError,
      message: text,
    });
    t.is(error.kind, kind);
    t.truthy(error.hint);
  });
}

test('an authority that is none, is damaged or has another key cannot issue', async (t) => {
  const root = await authority();
  const leaf = await issueServerCertificate(root, server);
  const table: readonly (readonly [Credential, RegExp])[] = [
    [leaf, /'CN=kms\.example\.com' is not allowed to sign/],
    [{ ...root, privateKeyPem: leaf.privateKeyPem }, /do not belong together/],
    [{ ...root, privateKeyPem: new Secret('damaged') }, /cannot be read/],
  ];
  for (const [credential, message] of table) {
    const error = await t.throwsAsync(issueServerCertificate(credential, server), { instanceOf: EdgeError, message });
    t.is(error.kind, 'data-damaged');
  }
});
