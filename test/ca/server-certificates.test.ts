// The server certificate through its life: what is made verifies by openssl, what is brought is checked, and the next one
// never takes the place of the one in service by itself.

import { X509Certificate } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import type { CredentialStorage } from '../../src/ca/identity.ts';
import type { KeyType } from '../../src/ca/key-pair.ts';
import { openServerCertificates } from '../../src/ca/server-certificates.ts';
import { serverWarnings } from '../../src/ca/server-credential.ts';
import { Damage } from '../../src/damage.ts';
import { EdgeError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import { Secret } from '../../src/secret.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { authority, ecKey, type Issued, openPki, type Pki, rsaKey } from '../trust/pki.ts';
import { openBench } from './openssl.ts';

const day = 86_400_000;

const memoryStorage = (): CredentialStorage => {
  const kept = new Map<string, Buffer>();
  return {
    load: (name) => (kept.has(name) ? Buffer.from(kept.get(name) ?? '') : undefined),
    async change(records) {
      for (const [name, bytes] of Object.entries(records)) {
        if (bytes) kept.set(name, Buffer.from(bytes));
        else kept.delete(name);
      }
    },
  };
};

/** With keys that are made quickly, unless told. */
const start = async (keyType: KeyType = 'ec-p256', names: readonly string[] = []) => {
  const clock = new FakeClock(Date.now());
  const storage = memoryStorage();
  const open = () => openServerCertificates({ storage, clock, names, keyType, damage: new Damage(silentLog) });
  return { clock, open, certificates: await open() };
};
const sha256 = (pem: string): string => new X509Certificate(pem).fingerprint256;
const refused = async (t: ExecutionContext, act: Promise<unknown>, message: RegExp): Promise<void> => {
  const error = await t.throwsAsync(act, { instanceOf: EdgeError, message });
  t.truthy(error?.hint);
};

const keys: readonly (readonly [KeyType, RegExp])[] = [
  ['rsa-2048', /Public-Key: \(2048 bit\)/],
  ['rsa-3072', /Public-Key: \(3072 bit\)/],
  ['ec-p256', /NIST CURVE: P-256/],
];
for (const [keyType, shown] of keys) {
  test(`authority and server certificate with ${keyType} keys verify by openssl, for a server`, async (t) => {
    const { certificates } = await start(keyType, ['kms.example.com', '192.0.2.10']);
    const { openssl, file } = await openBench(t);
    const ca = await file('ca.pem', certificates.authority.certificatePem);
    const leaf = await file('leaf.pem', certificates.current.certificatePem);
    t.regex(await openssl('verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', ca, leaf), /OK/);
    const text = await openssl('x509', '-in', leaf, '-noout', '-text');
    t.regex(text, shown);
    t.regex(text, /DNS:localhost, DNS:kms\.example\.com, IP Address:127\.0\.0\.1.*IP Address:192\.0\.2\.10/);
    t.regex(text, /TLS Web Server Authentication/);
    const usage = keyType === 'ec-p256' ? /Digital Signature\s*\n/ : /Digital Signature, Key Encipherment\s*\n/;
    t.regex(text, usage);
    t.deepEqual(
      serverWarnings(certificates.current, certificates.authority.certificatePem).map((warning) =>
        warning.slice(0, 30),
      ),
      keyType === 'ec-p256' ? ['its key is on an elliptic curv'] : [],
    );
  });
}

test('the next certificate waits over a restart until it is activated by its fingerprint; names are kept', async (t) => {
  const { certificates, open } = await start();
  const shown: string[] = [];
  certificates.onActivate(({ certificatePem }) => shown.push(sha256(certificatePem)));
  const before = sha256(certificates.current.certificatePem);
  await certificates.renew({ names: ['kms2.example.com', '2001:db8::7'], days: 100 });
  t.is(sha256(certificates.current.certificatePem), before);
  await refused(t, certificates.renew({}), /waits already/);
  const again = await open();
  t.is(sha256(again.current.certificatePem), before);
  const next = sha256(again.next?.certificatePem ?? '');
  await refused(t, certificates.activate(before), /not that of the next/);
  await certificates.activate(next);
  t.deepEqual(shown, [next]);
  t.is(sha256((await open()).current.certificatePem), next);
  t.is(certificates.next, undefined);
  await certificates.renew({});
  t.regex(new X509Certificate(certificates.next?.certificatePem ?? '').subjectAltName ?? '', /DNS:kms2\.example\.com/);
  await certificates.discard();
  t.is((await open()).next, undefined);
  t.is(sha256(certificates.current.certificatePem), next);
  const error = await t.throwsAsync(certificates.activate(next), { instanceOf: EdgeError });
  t.is(error?.kind, 'item-not-found');
});

test('a new authority signs the next certificate, and from then on clients', async (t) => {
  const { certificates, open } = await start();
  const before = certificates.authority.certificatePem;
  await certificates.renew({ newAuthority: true });
  t.not(certificates.authority.certificatePem, before);
  const root = new X509Certificate((await open()).authority.certificatePem);
  t.true(new X509Certificate(certificates.next?.certificatePem ?? '').verify(root.publicKey));
});

/** An authority of the customer's, with one below it, that signs requests. */
const customer = async (t: ExecutionContext) => {
  const pki = await openPki(t);
  const root = await pki.root({ subject: '/O=Customer/CN=Root' });
  const issuing = await pki.issue(root, { subject: '/O=Customer/CN=Issuing', extensions: authority(0) });
  const { openssl, file } = pki.bench;
  const sign = async (request: string, ...more: readonly string[]): Promise<string> => {
    const signer = ['-CA', await file('i.pem', issuing.certificate), '-CAkey', await file('i.key', issuing.privateKey)];
    const csr = await file('server.csr', request);
    return openssl(
      'x509',
      '-req',
      '-in',
      csr,
      ...signer,
      '-set_serial',
      '7',
      '-days',
      '90',
      '-copy_extensions',
      'copyall',
      ...more,
    );
  };
  return { pki, root, issuing, sign };
};

test('a signing request goes to the authority of the customer and comes back as the next certificate', async (t) => {
  const { certificates, open } = await start('ec-p256', ['kms.example.com']);
  const { pki, root, issuing, sign } = await customer(t);
  for (const keyType of ['rsa-2048', 'ec-p256'] as const) {
    const further = { countryName: 'DE', organizationName: 'Zürich AG' };
    const request = await certificates.ask({ commonName: 'kms.example.com', further, keyType });
    const text = await pki.bench.openssl(
      'req',
      '-in',
      await pki.bench.file('r.csr', request),
      '-noout',
      '-text',
      '-verify',
      '-nameopt',
      'utf8',
    );
    t.regex(text, /Subject: C\s?=\s?DE, O\s?=\s?Zürich AG, CN\s?=\s?kms\.example\.com/);
    t.regex(text, /DNS:kms\.example\.com/);
    t.notRegex(request, /PRIVATE/);
    const reopened = await open();
    t.is(reopened.request?.requestPem, request, 'it waits over a restart');
    const certificate = await sign(request);
    // In the wrong order, and one of them twice.
    await certificates.install({ certificate, chain: root.certificate + issuing.certificate + root.certificate });
    const { next } = certificates;
    const chain = next?.chainPem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
    t.deepEqual(
      chain.map((pem) => new X509Certificate(pem).subject),
      ['O=Customer\nCN=Issuing', 'O=Customer\nCN=Root'],
    );
    t.is(certificates.request, undefined);
    const { openssl, file } = pki.bench;
    const trusted = [
      '-CAfile',
      await file('root.pem', root.certificate),
      '-untrusted',
      await file('c.pem', next?.chainPem ?? ''),
    ];
    t.regex(
      await openssl('verify', '-purpose', 'sslserver', ...trusted, await file('n.pem', next?.certificatePem ?? '')),
      /OK/,
    );
    await certificates.activate(sha256(next?.certificatePem ?? ''));
  }
});

test('what was not made of the request, is not valid or has strangers in its chain is not installed', async (t) => {
  const { certificates, clock } = await start();
  const { pki, root, sign } = await customer(t);
  const stray = await pki.root({ subject: '/CN=Stray' });
  await refused(t, certificates.install({ certificate: root.certificate }), /no signing request waits/);
  const first = await certificates.ask({});
  const second = await certificates.ask({});
  await refused(t, certificates.install({ certificate: await sign(first) }), /is not for this private key/);
  const certificate = await sign(second);
  await refused(
    t,
    certificates.install({ certificate, chain: stray.certificate }),
    /'CN=Stray' is not an issuer in the chain/,
  );
  await refused(t, certificates.install({ certificate: second }), /holds a signing request/);
  await refused(t, certificates.install({ certificate: await sign(second, '-sha1') }), /MD5 or SHA-1/);
  clock.setWall(clock.now() + 91 * day);
  await refused(t, certificates.install({ certificate }), /ended on/);
  clock.setWall(clock.now() - 191 * day);
  await refused(t, certificates.install({ certificate }), /begins on/);
  t.is(certificates.next, undefined);
  t.truthy(certificates.request);
});

const encrypted = async ({ bench }: Pki, { privateKey }: Issued): Promise<string> =>
  bench.openssl('pkcs8', '-topk8', '-in', await bench.file('plain.key', privateKey), '-passout', 'pass:a passphrase');

test('a key and certificate are brought as PEM, encrypted or not, and what is odd about them is said', async (t) => {
  const pki = await openPki(t);
  const root = await pki.root({ subject: '/CN=root' });
  const bare = await pki.issue(root, { subject: '/CN=bare', extensions: [], key: ecKey });
  const forClients = await pki.issue(root, {
    subject: '/CN=client',
    extensions: ['extendedKeyUsage=clientAuth'],
    key: rsaKey,
  });
  const good = await pki.issue(root, {
    subject: '/CN=kms',
    extensions: ['subjectAltName=DNS:kms.example.com'],
    key: rsaKey,
  });
  const bring = async (one: Issued, chain: string, privateKey = one.privateKey, passphrase?: string) => {
    const { certificates } = await start();
    const { certificate } = one;
    await certificates.importPem(
      { certificate, privateKey, chain },
      passphrase === undefined ? undefined : new Secret(passphrase),
    );
    const { next } = certificates;
    return next ? serverWarnings(next, certificates.authority.certificatePem) : ['nothing'];
  };
  t.deepEqual(await bring(good, root.certificate), []);
  t.deepEqual(await bring(good, root.certificate, await encrypted(pki, good), 'a passphrase'), []);
  const warnings = await bring(bare, '');
  for (const text of [/names no DNS name/, /elliptic curve/, /issuer 'CN=root' is not in the chain/]) {
    t.true(
      warnings.some((warning) => text.test(warning)),
      String(text),
    );
  }
  t.regex((await bring(forClients, root.certificate)).join(), /no server authentication/);
  await refused(t, bring(good, '', bare.privateKey), /is not for this private key/);
  await refused(t, bring(good, '', await encrypted(pki, good)), /does not open/);
  await refused(t, bring(good, '', await encrypted(pki, good), 'another'), /does not open/);
  const error = await t.throwsAsync(bring(good, '', good.privateKey.slice(0, 300)), {
    instanceOf: EdgeError,
    message: /cannot be read/,
  });
  t.false(`${error?.message}${error?.stack}`.includes(good.privateKey.slice(100, 160)));
});
