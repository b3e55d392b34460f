// Certificates for the simulator, made anew each time around two key pairs that a process makes once, because making
// them is the slow part.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import forge from 'node-forge';

export interface Credentials {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface ServerTls extends Credentials {
  /** What signed it; a client that trusts by CA needs it. */
  readonly caPem: string;
}

interface Pair {
  readonly pem: string;
  readonly key: forge.pki.rsa.PrivateKey;
  readonly publicKey: forge.pki.rsa.PublicKey;
}

const makePair = (): Pair => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const key = forge.pki.privateKeyFromPem(pem);
  return { pem, key, publicKey: forge.pki.setRsaPublicKey(key.n, key.e) };
};

const pairs = new Map<string, Pair>();

const pairFor = (use: 'authority' | 'leaf'): Pair => {
  const pair = pairs.get(use) ?? makePair();
  pairs.set(use, pair);
  return pair;
};

const day = 86_400_000;

const unsigned = (publicKey: forge.pki.rsa.PublicKey, subject: string, issuer: string): forge.pki.Certificate => {
  const made = forge.pki.createCertificate();
  made.publicKey = publicKey;
  made.serialNumber = `01${randomBytes(12).toString('hex')}`; // positive, and in its shortest form
  made.validity.notBefore = new Date(Date.now() - day);
  made.validity.notAfter = new Date(Date.now() + 30 * day);
  made.setSubject([{ name: 'commonName', value: subject }]);
  made.setIssuer([{ name: 'commonName', value: issuer }]);
  return made;
};

const alternativeNames = (names: readonly string[]) => ({
  name: 'subjectAltName',
  altNames: names.map((name) => (/^[\d.]+$/.test(name) ? { type: 7, ip: name } : { type: 2, value: name })),
});

/** A server certificate for `names`, of an authority of its own. */
export const makeServerTls = (names: readonly string[] = ['localhost', '127.0.0.1']): ServerTls => {
  const [authority, leaf] = [pairFor('authority'), pairFor('leaf')];
  const caName = `simulated CA ${randomBytes(4).toString('hex')}`;
  const ca = unsigned(authority.publicKey, caName, caName);
  ca.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true },
  ]);
  ca.sign(authority.key, forge.md.sha256.create());
  const server = unsigned(leaf.publicKey, names[0] ?? 'server', caName);
  server.setExtensions([alternativeNames(names), { name: 'extKeyUsage', serverAuth: true }]);
  server.sign(authority.key, forge.md.sha256.create());
  return {
    caPem: forge.pki.certificateToPem(ca),
    certificatePem: forge.pki.certificateToPem(server),
    privateKeyPem: leaf.pem,
  };
};

/** A self-signed client certificate, as VMware's own is. */
export const makeClient = (name = 'client'): Credentials => {
  const { publicKey, key, pem } = pairFor('leaf');
  const made = unsigned(publicKey, name, name);
  made.sign(key, forge.md.sha256.create());
  return { certificatePem: forge.pki.certificateToPem(made), privateKeyPem: pem };
};
