// Trust on the page: the four ways in which vCenter and this server come to trust each other, each until a KMIP client gets
// a key with certificates that openssl made, and the server certificate until it is changed.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { connectKmip } from '../../src/cli/kmip-client.ts';
import { createKey, getKey } from '../custody/requests.ts';
import { selfSigned } from '../server/certificates.ts';
import { openPeer } from '../server/peer.ts';
import { openPki, rsaKey } from '../trust/pki.ts';
import { type Box, pageTest } from './kit.ts';

const getsKey = async (
  t: ExecutionContext,
  { daemon }: Box,
  certificate: string,
  privateKey: string,
): Promise<void> => {
  const { authority } = daemon.client;
  const client = await connectKmip({ host: '127.0.0.1', port: daemon.port, certificate, privateKey, authority });
  t.is((await getKey(client, await createKey(client))).length, 32);
  client.close();
};

const choose = async (box: Box, way: string): Promise<void> => {
  await box.open('trust-client', 'Trust a client');
  await box.see('1. For whom, and how');
  await box.choose('Service instance', 'default');
  await box.choose('Way', way);
};

pageTest('vCenter certificate: pasted, admitted, in use, and removed', async (t, box) => {
  const pair = await selfSigned(t);
  await box.signIn();
  await box.open('trust', 'Trust');
  await box.see('Server certificate');
  await box.look('trust');
  await box.follow('Trust a client');
  await choose(box, 'vCenter Certificate: the simplest');
  await box.look('trust-certificate');
  await box.fill('Name', 'vcenter');
  await box.fill('Certificate', pair.privateKey);
  await box.refused(async () => {
    await box.press('Admit it');
    await box.see('holds a private key');
  });
  await box.fill('Certificate', pair.certificate);
  await box.press('Admit it');
  await box.see('vcenter of default is admitted');
  await getsKey(t, box, pair.certificate, pair.privateKey);
  await box.open('trust', 'Trust');
  await box.see('kmipClient');
  await box.look('trust-clients');
  await box.press('Remove vcenter of default');
  await box.fill('Type vcenter to confirm', 'vcenter');
  await box.press('Remove the client');
  await box.gone('kmipClient');
  await t.throwsAsync(getsKey(t, box, pair.certificate, pair.privateKey));
});

pageTest('KMS certificate and private key: both are saved once and work', async (t, box) => {
  await box.signIn();
  await choose(box, 'KMS certificate and private key: made here, uploaded to vCenter');
  await box.fill('Name', 'issued');
  await box.press('Make certificate and key');
  await box.see('issued of default is admitted');
  await box.look('trust-issue');
  const certificate = await box.downloaded(() => box.press('Download the certificate'));
  const key = await box.downloaded(() => box.press('Download the private key'));
  t.deepEqual([certificate.name, key.name], ['client.pem', 'client.key']);
  await getsKey(t, box, certificate.bytes.toString(), key.bytes.toString());
});

pageTest('a signing request is signed, and a newer one replaces it side by side', async (t, box) => {
  const pki = await openPki(t);
  const { openssl, file } = pki.bench;
  const make = async (name: string) => {
    const privateKey = await openssl('genpkey', ...rsaKey);
    const request = await openssl('req', '-new', '-key', await file(name, privateKey), '-subj', '/CN=vCenter');
    return { privateKey, request };
  };
  const [first, second] = [await make('1.key'), await make('2.key')];
  await box.signIn();
  const sign = async (request: string, keepOld: boolean): Promise<string> => {
    await choose(box, 'New Certificate Signing Request: vCenter keeps its key, we sign');
    await box.fill('Name', 'signed');
    await box.upload('Signing request, as a file', 'vcenter.csr', request);
    if (keepOld) await box.tick('Admit the certificate that it had before too');
    await box.press('Sign it');
    await box.see('signed of default is admitted');
    return (await box.downloaded(() => box.press('Download the certificate'))).bytes.toString();
  };
  const old = await sign(first.request, false);
  await getsKey(t, box, old, first.privateKey);
  await box.look('trust-sign');
  await box.open('trust', 'Trust');
  const fresh = await sign(second.request, true);
  await getsKey(t, box, fresh, second.privateKey);
  await getsKey(t, box, old, first.privateKey);
  await box.open('trust', 'Trust');
  await box.see('the one before too');
  await box.press('Drop the old certificate of signed');
  await box.press('Drop it');
  await box.gone('the one before too');
  await t.throwsAsync(getsKey(t, box, old, first.privateKey));
  await getsKey(t, box, fresh, second.privateKey);
});

pageTest('vCenter root CA certificate: for those on its list alone', async (t, box) => {
  const pki = await openPki(t);
  const root = await pki.root({ subject: '/DC=local/DC=vsphere/CN=CA', key: rsaKey });
  const leaf = await pki.issue(root, { subject: '/C=US/O=Example/CN=vc01.example.com', key: rsaKey });
  const other = await pki.issue(root, { subject: '/C=US/O=Example/CN=host-17.example.com' });
  await box.signIn();
  await choose(box, 'vCenter Root CA Certificate: for the clients on a list');
  await box.fill('Name', 'vcenter-root');
  await box.fill('Root certificate', root.certificate);
  await box.refused(async () => {
    await box.press('Trust the root for these');
    await box.see('would vouch for nobody');
  });
  await box.fill('Subjects', 'C=US, O=Example, CN=vc01.example.com');
  await box.press('Trust the root for these');
  await box.see('Root vcenter-root vouches for 1 of its clients');
  await box.look('trust-root');
  await getsKey(t, box, leaf.certificate, leaf.privateKey);
  await t.throwsAsync(getsKey(t, box, other.certificate, other.privateKey));
  await box.open('trust', 'Trust');
  await box.see('Whom vcenter-root vouches for');
  await box.press('Add clients to vcenter-root');
  const fingerprint = await pki.keyFingerprint(other);
  await box.fill('Key fingerprints', fingerprint);
  await box.press('Add them');
  await box.see(
    fingerprint
      .slice(0, 8)
      .toUpperCase()
      .replace(/(..)(?=.)/g, '$1:'),
  );
  await getsKey(t, box, other.certificate, other.privateKey);
  await box.see('host-17.example.com');
  await box.look('trust-roots');
  await box.press('Take off C=US, O=Example, CN=vc01.example.com');
  await box.press('Take it off');
  await box.gone('Take it off the list?');
  await t.throwsAsync(getsKey(t, box, leaf.certificate, leaf.privateKey));
});

pageTest('the next server certificate is made, signed or brought, and put into service', async (t, box) => {
  const shown = async (): Promise<string> =>
    (await openPeer(t, box.daemon.port)).socket.getPeerCertificate().fingerprint256;
  const before = await shown();
  await box.signIn();
  await box.open('trust', 'Trust');
  await box.see(before);
  await box.press('Have it signed by your authority');
  await box.fill('Common name', 'kms.example.com');
  await box.fill('Country', 'de');
  await box.look('trust-request');
  await box.press('Make the signing request');
  await box.see('Give the request to your authority');
  const request = await box.downloaded(() => box.press('Download the request'));
  const pki = await openPki(t);
  const root = await pki.root({ subject: '/CN=Customer root' });
  const { openssl, file, folder } = pki.bench;
  const signer = [
    '-CA',
    await file('r.pem', root.certificate),
    '-CAkey',
    await file('r.key', root.privateKey),
    '-set_serial',
    '9',
  ];
  const csr = await file('kms.csr', request.bytes.toString());
  const certificate = await openssl(
    'x509',
    '-req',
    '-in',
    csr,
    ...signer,
    '-days',
    '300',
    '-copy_extensions',
    'copyall',
  );
  await box.fill('Certificate', certificate);
  await box.upload('Chain, as a file', 'chain.pem', root.certificate);
  await box.look('trust-install');
  await box.press('Install the certificate');
  await box.see('It waits to be put into service');
  await box.look('trust-next');
  t.is(await shown(), before);
  const { next } = await box.api('certificate.show', {});
  t.is(next?.subject, 'C=DE, CN=kms.example.com');
  await box.press('Discard');
  await box.press('Discard it');
  await box.see('Make a new one');

  const leaf = await pki.issue(root, {
    subject: '/CN=kms',
    extensions: ['subjectAltName=DNS:kms.example.com'],
    key: rsaKey,
  });
  const inputs = ['-in', await file('l.pem', leaf.certificate), '-inkey', await file('l.key', leaf.privateKey)];
  await openssl('pkcs12', '-export', ...inputs, '-passout', 'pass:secret word', '-out', 'kms.p12');
  await box.press('Bring your own');
  await box.upload('PKCS #12 file', 'kms.p12', readFileSync(join(folder, 'kms.p12')));
  await box.fill('Passphrase', 'secret word');
  await box.press('Take it as the next certificate');
  await box.see('It waits to be put into service');
  const brought = (await box.api('certificate.show', {})).next;
  await box.press('Put into service');
  await box.look('trust-activate');
  const digits = brought?.sha1.slice(-5) ?? '';
  await box.fill(`Type ${digits} to confirm`, digits);
  await box.press('Put it into service');
  await box.see('Make a new one');
  t.is(await shown(), brought?.sha256 ?? '');
});
