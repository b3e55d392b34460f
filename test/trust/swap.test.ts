// Another server certificate while clients are connected, by the command line: whoever is connected stays, whoever connects
// is shown the new one, on both ports, and after a restart too.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { CertificatesView } from '../../src/admin/api/certificates.ts';
import { runHere } from '../cli/here.ts';
import { createKey, getKey } from '../custody/requests.ts';
import { startServer, type TestServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { openPeer } from '../server/peer.ts';
import { openPki } from './pki.ts';

const run = async (t: ExecutionContext, server: TestServer, ...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await runHere([...args, '--data', server.dataDirectory]);
  t.is(code, 0, stderr);
  return stdout;
};
const shownBy = async (t: ExecutionContext, port: number): Promise<string> => {
  const { socket } = await openPeer(t, port);
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
};

test('open connections go on, new ones are shown the next certificate, and nothing happens before', async (t) => {
  const settings = { 'admin.listen': '127.0.0.1:0', 'server.keyType': 'ec-p256', 'server.names': ['kms.example.com'] };
  const server = await startServer(t, { settings });
  const ports = [server.port, server.running.https.port];
  const first = await server.api('certificate.show', {});
  t.is(first.next, undefined);
  const client = await server.connect();
  const uid = await createKey(client);
  const key = await getKey(client, uid);

  t.regex(await run(t, server, 'certificate', 'renew', '--name', 'kms2.example.com'), /certificate: +next/);
  const { next } = await server.api('certificate.show', {});
  t.true(next?.names.includes('DNS:kms2.example.com'));
  t.true(next?.names.includes('DNS:kms.example.com'));
  for (const port of ports) t.is(await shownBy(t, port), first.current.sha256);
  const hesitant = await runHere(['certificate', 'activate', '--data', server.dataDirectory]);
  t.is(hesitant.code, 5);
  t.regex(hesitant.stderr, new RegExp(next?.sha1 ?? 'none'));
  t.regex(hesitant.stderr, /has not been told.*\n.*nothing was changed/s);

  const shown = await run(t, server, 'certificate', 'activate', '--yes');
  t.regex(shown, new RegExp(`SHA-1 +${next?.sha1}\\n +SHA-256 +${next?.sha256}`));
  for (const port of ports) t.is(await shownBy(t, port), next?.sha256 ?? '');
  t.deepEqual(await getKey(client, uid), key, 'the open connection goes on');
  const fresh = await server.connect();
  t.deepEqual(await getKey(fresh, uid), key);
  t.is((await server.api('status', {})).certificate.sha256, next?.sha256 ?? '');

  await server.close();
  const again = await startServer(t, { dataDirectory: server.dataDirectory, settings });
  t.is(await shownBy(t, again.port), next?.sha256 ?? '');
});

test('a PKCS #12 file of the customer becomes the certificate, with its chain in the handshake', async (t) => {
  const server = await startServer(t, { settings: { 'server.keyType': 'ec-p256' } });
  const pki = await openPki(t);
  const root = await pki.root({ subject: '/CN=Customer root' });
  const leaf = await pki.issue(root, { subject: '/CN=kms', extensions: ['subjectAltName=DNS:kms.example.com'] });
  const { openssl, file, folder } = pki.bench;
  const inputs = ['-in', await file('l.pem', leaf.certificate), '-inkey', await file('l.key', leaf.privateKey)];
  await openssl(
    'pkcs12',
    '-export',
    ...inputs,
    '-certfile',
    await file('r.pem', root.certificate),
    '-passout',
    'pass:secret word',
    '-out',
    'kms.p12',
  );
  const passphrase = join(temporaryDirectory(t), 'passphrase');
  writeFileSync(passphrase, 'secret word\n');
  const imported = await run(
    t,
    server,
    'certificate',
    'import',
    '--pkcs12',
    join(folder, 'kms.p12'),
    '--passphrase-file',
    passphrase,
    '--json',
  );
  const { next } = JSON.parse(imported) as CertificatesView;
  t.is(next?.subject, 'CN=kms');
  t.notRegex(imported, /PRIVATE|secret word/);
  await server.api('certificate.activate', { sha256: next?.sha256 ?? '' });
  const { socket } = await openPeer(t, server.port);
  t.is(socket.getPeerCertificate(true).issuerCertificate.subject.CN, 'Customer root');
  const both = await runHere([
    'certificate',
    'import',
    '--pkcs12',
    join(folder, 'kms.p12'),
    '--certificate',
    join(folder, 'l.pem'),
    '--data',
    server.dataDirectory,
  ]);
  t.is(both.code, 2);
  t.regex(both.stderr, /either a PKCS #12 file is needed, or a certificate and its private key/);
});

test('a signing request by the command line, signed by openssl, installed and discarded', async (t) => {
  const server = await startServer(t, { settings: { 'server.keyType': 'ec-p256' } });
  const pki = await openPki(t);
  const root = await pki.root({ subject: '/CN=Customer root' });
  const { openssl, file, folder } = pki.bench;
  const csr = join(folder, 'kms.csr');
  await run(
    t,
    server,
    'certificate',
    'request',
    '--out',
    csr,
    '--common-name',
    'kms.example.com',
    '--country',
    'DE',
    '--organization',
    'Example',
  );
  t.regex(await run(t, server, 'certificate', 'show'), /a signing request waits/);
  const signer = [
    '-CA',
    await file('r.pem', root.certificate),
    '-CAkey',
    await file('r.key', root.privateKey),
    '-set_serial',
    '9',
  ];
  await file('kms.pem', await openssl('x509', '-req', '-in', csr, ...signer, '-copy_extensions', 'copyall'));
  const installed = await run(
    t,
    server,
    'certificate',
    'install',
    '--certificate',
    join(folder, 'kms.pem'),
    '--chain',
    join(folder, 'r.pem'),
  );
  t.regex(installed, /subject: +C=DE, O=Example, CN=kms\.example\.com/);
  t.regex(installed, /chain: +CN=Customer root/);
  const before = await shownBy(t, server.port);
  await run(t, server, 'certificate', 'discard');
  const { current, next, request } = await server.api('certificate.show', {});
  t.deepEqual([next, request, current.sha256], [undefined, undefined, before]);
});
