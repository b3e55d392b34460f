// The four ways in which vCenter and a key management server come to trust each other, each by the command line as an
// administrator types it, with certificates that openssl made, until a KMIP client gets a key.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { runHere } from '../cli/here.ts';
import { createKey, getKey } from '../custody/requests.ts';
import { readClientFiles } from '../kit/server.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { selfSigned } from '../server/certificates.ts';
import { endsWithin, openPeer } from '../server/peer.ts';
import { authority, ecKey, openPki, type Pki, rsaKey } from './pki.ts';

const server = sharedServer();

const run = async (t: ExecutionContext, ...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await runHere([...args, '--data', server().dataDirectory]);
  t.is(code, 0, stderr);
  return stdout;
};
const refusal = async (...args: readonly string[]): Promise<string> => {
  const { code, stderr } = await runHere([...args, '--data', server().dataDirectory]);
  return `${code} ${stderr}`;
};

const getsKey = async (t: ExecutionContext, certificate: string, privateKey: string): Promise<void> => {
  const client = await server().connect({ certificate, privateKey, authority: server().client.authority });
  t.is((await getKey(client, await createKey(client))).length, 32);
  client.close();
};
const isTurnedAway = async (t: ExecutionContext, cert: string, key: string): Promise<boolean> =>
  endsWithin((await openPeer(t, server().port, { cert, key })).socket, 1500);

const folderWith = (
  t: ExecutionContext,
  files: Readonly<Record<string, string | Buffer>>,
): ((name: string) => string) => {
  const folder = temporaryDirectory(t);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return (name) => join(folder, name);
};

const der = (pem: string): Buffer => Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
const add = (name: string, file: string) => [
  'client',
  'add',
  '--instance',
  'default',
  '--name',
  name,
  '--certificate',
  file,
];

test.serial('vCenter certificate: as PEM among other text, as DER, and as the first of a chain', async (t) => {
  const pairs = await Promise.all([1, 2].map(() => selfSigned(t)));
  const [plain, binary] = pairs;
  const pki = await openPki(t);
  const root = await pki.root({ subject: '/CN=root' });
  const leaf = await pki.issue(root, { subject: '/CN=leaf' });
  if (!plain || !binary) return t.fail();
  const path = folderWith(t, {
    'plain.pem': `Certificate:\n  Data: from vCenter\n${plain.certificate}\nthank you`,
    'binary.cer': der(binary.certificate),
    'chain.pem': leaf.certificate + root.certificate,
    'wrong-way.pem': root.certificate + leaf.certificate,
    'key.pem': plain.privateKey,
    'request.pem': await pki.bench.openssl(
      'req',
      '-new',
      '-key',
      await pki.bench.file('k', leaf.privateKey),
      '-subj',
      '/CN=x',
    ),
  });
  t.regex(await run(t, ...add('plain', path('plain.pem'))), /trust: +pinned/);
  await run(t, ...add('binary', path('binary.cer')));
  await run(t, ...add('chain', path('chain.pem')));
  await getsKey(t, plain.certificate, plain.privateKey);
  await getsKey(t, binary.certificate, binary.privateKey);
  await getsKey(t, leaf.certificate, leaf.privateKey);
  t.regex(await refusal(...add('a', path('wrong-way.pem'))), /^2 .*first of 2 certificates is of an authority/);
  t.regex(await refusal(...add('a', path('key.pem'))), /^2 .*holds a private key/);
  t.regex(await refusal(...add('a', path('request.pem'))), /^2 .*holds a signing request.*\nhint: .*client sign/);
});

test.serial('KMS certificate and private key', async (t) => {
  const out = join(temporaryDirectory(t), 'issued');
  t.regex(await run(t, 'client', 'issue', '--instance', 'default', '--name', 'issued', '--out', out), /trust: +issued/);
  const files = readClientFiles(out);
  await getsKey(t, files.certificate, files.privateKey);
});

const requestOf = async (
  pki: Pki,
  key: readonly string[],
  file: string,
): Promise<{ privateKey: string; request: string }> => {
  const { openssl, file: put } = pki.bench;
  const privateKey = await openssl('genpkey', ...key);
  const subject = '/C=US/O=VMware/CN=chosen by vCenter';
  const extension = ['-addext', 'basicConstraints=critical,CA:TRUE'];
  return {
    privateKey,
    request: await openssl('req', '-new', '-key', await put(file, privateKey), '-subj', subject, ...extension),
  };
};

test.serial('New Certificate Signing Request: a newer one replaces the older, at once or side by side', async (t) => {
  const pki = await openPki(t);
  const requests = await Promise.all([rsaKey, ecKey, rsaKey].map((key, index) => requestOf(pki, key, `${index}.key`)));
  const path = folderWith(t, Object.fromEntries(requests.map(({ request }, index) => [`${index}.csr`, request])));
  const sign = (index: number, ...more: readonly string[]) =>
    run(
      t,
      'client',
      'sign',
      '--instance',
      'default',
      '--name',
      'signed',
      '--csr',
      path(`${index}.csr`),
      '--out',
      path(`${index}.pem`),
      ...more,
    );
  const signed = (index: number): readonly [string, string] => [
    readFileSync(path(`${index}.pem`), 'utf8'),
    requests[index]?.privateKey ?? '',
  ];

  t.regex(await sign(0), /trust: +signed/);
  await getsKey(t, ...signed(0));
  const { openssl, file } = pki.bench;
  const text = await openssl('x509', '-in', await file('signed.pem', signed(0)[0]), '-noout', '-text');
  t.regex(text, /Subject: CN\s?=\s?signed\n/, 'the name is ours');
  t.regex(text, /CA:FALSE/);
  t.regex(text, /TLS Web Client Authentication/);
  await file('ca.pem', server().client.authority);
  t.regex(await openssl('verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', 'ca.pem', 'signed.pem'), /OK/);

  const old = await openPeer(t, server().port, { cert: signed(0)[0], key: signed(0)[1] });
  await sign(1);
  t.true(await endsWithin(old.socket, 1500), 'what was signed before stops at once');
  t.true(await isTurnedAway(t, ...signed(0)));
  await getsKey(t, ...signed(1));

  t.regex(await sign(2, '--keep-old'), /admitted too: +the certificate before/);
  await getsKey(t, ...signed(1));
  await getsKey(t, ...signed(2));
  await run(t, 'client', 'drop-old', '--instance', 'default', '--name', 'signed');
  t.true(await isTurnedAway(t, ...signed(1)));
  await getsKey(t, ...signed(2));
  const again = await run(t, 'client', 'certificate', '--instance', 'default', '--name', 'signed');
  t.is(again.trim(), signed(2)[0].trim());
  t.regex(
    await refusal(
      'client',
      'sign',
      '--instance',
      'default',
      '--name',
      'default',
      '--csr',
      path('0.csr'),
      '--out',
      path('x'),
    ),
    /^5 .*was not signed here/,
  );
});

test.serial('vCenter root CA certificate: one of its clients, through an intermediate that is given', async (t) => {
  const pki = await openPki(t);
  const root = await pki.root({ subject: '/DC=local/DC=vsphere/CN=CA', key: rsaKey });
  const intermediate = await pki.issue(root, { subject: '/CN=between', extensions: authority(0) });
  const subject = '/C=US/O=VMware/CN=vc01.example.com';
  const leaf = await pki.issue(intermediate, { subject, key: rsaKey });
  const other = await pki.issue(intermediate, { subject: `${subject}.other` });
  const path = folderWith(t, { 'root.cer': der(root.certificate), 'between.pem': intermediate.certificate });
  const trust = ['client', 'trust-root', '--instance', 'default', '--name', 'vmca', '--certificate', path('root.cer')];
  t.regex(await refusal(...trust), /^2 .*would vouch for nobody\nhint: .*never stands for all that it signs/);
  t.regex(await refusal(...trust, '--subject', 'vc01'), /^2 .*"vc01" is not a subject/);
  // As openssl prints it by default, with spaces around the signs of equality.
  const shown = await run(
    t,
    ...trust,
    '--subject',
    'C = US, O = VMware, CN = vc01.example.com',
    '--intermediates',
    path('between.pem'),
  );
  t.regex(shown, /vouches for: +C=US, O=VMware, CN=vc01\.example\.com/);
  await getsKey(t, leaf.certificate, leaf.privateKey);
  t.true(await isTurnedAway(t, other.certificate, other.privateKey));
  t.regex(await run(t, 'client', 'list'), /vmca +root .*CN=vc01\.example\.com.*127\.0\.0\.1/);
  const key = await pki.keyFingerprint(other);
  await run(t, 'client', 'allow', '--instance', 'default', '--name', 'vmca', '--key-fingerprint', key);
  await getsKey(t, other.certificate, other.privateKey);
  t.regex(await refusal(...trust, '--subject', 'CN=b'), /^5 .*client or root named 'vmca'/);
  t.regex(await refusal(...add('vmca', path('between.pem'))), /^5 .*a root named 'vmca'/);
  await run(t, 'client', 'untrust-root', '--instance', 'default', '--name', 'vmca');
  t.true(await isTurnedAway(t, leaf.certificate, leaf.privateKey));
  t.is((await run(t, 'client', 'roots')).trim(), 'no root is trusted');
});
