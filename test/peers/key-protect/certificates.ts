// A certificate authority and a server certificate for loopback, made anew for each simulator.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import forge from 'node-forge';

export interface TlsMaterial {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

const day = 86_400_000;

const rsaKey = () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const key = forge.pki.privateKeyFromPem(pem);
  return { pem, key, publicKey: forge.pki.setRsaPublicKey(key.n, key.e) };
};

const certificate = (publicKey: forge.pki.rsa.PublicKey, subject: string, issuer: string): forge.pki.Certificate => {
  const made = forge.pki.createCertificate();
  made.publicKey = publicKey;
  made.serialNumber = `01${randomBytes(12).toString('hex')}`; // positive, and in its shortest form
  made.validity.notBefore = new Date(Date.now() - day);
  made.validity.notAfter = new Date(Date.now() + 30 * day);
  made.setSubject([{ name: 'commonName', value: subject }]);
  made.setIssuer([{ name: 'commonName', value: issuer }]);
  return made;
};

/** Valid for localhost, 127.0.0.1 and `further` addresses, for 30 days. */
export const makeTlsMaterial = (further: readonly string[] = []): TlsMaterial => {
  const authority = rsaKey();
  const server = rsaKey();
  const caName = `simulated CA ${randomBytes(4).toString('hex')}`;
  const ca = certificate(authority.publicKey, caName, caName);
  ca.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  ]);
  ca.sign(authority.key, forge.md.sha256.create());
  const leaf = certificate(server.publicKey, 'localhost', caName);
  leaf.setExtensions([
    { name: 'basicConstraints', cA: false },
    { name: 'extKeyUsage', serverAuth: true },
    {
      name: 'subjectAltName',
      altNames: [{ type: 2, value: 'localhost' }, ...['127.0.0.1', ...further].map((ip) => ({ type: 7, ip }))],
    },
  ]);
  leaf.sign(authority.key, forge.md.sha256.create());
  return { caPem: forge.pki.certificateToPem(ca), certPem: forge.pki.certificateToPem(leaf), keyPem: server.pem };
};
