// Certificates for the simulator, made anew each time.

import { randomBytes } from 'node:crypto';
import { authorityExtensions, makeCertificate, makePair, pemOfKey, serverExtensions } from '../certificate.ts';

export interface Credentials {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface ServerTls extends Credentials {
  /** What signed it; a client that trusts by CA needs it. */
  readonly caPem: string;
}

/** A server certificate for `names`, of an authority of its own. */
export const makeServerTls = (names: readonly string[] = ['localhost', '127.0.0.1']): ServerTls => {
  const [authority, leaf] = [makePair(), makePair()];
  const issuer = `simulated CA ${randomBytes(4).toString('hex')}`;
  const signed = { issuer, signer: authority.privateKey };
  return {
    caPem: makeCertificate({
      ...signed,
      subject: issuer,
      publicKey: authority.publicKey,
      extensions: authorityExtensions,
    }),
    certificatePem: makeCertificate({
      ...signed,
      subject: names[0] ?? 'server',
      publicKey: leaf.publicKey,
      extensions: serverExtensions(names),
    }),
    privateKeyPem: pemOfKey(leaf),
  };
};

/** A self-signed client certificate, as VMware's own is. */
export const makeClient = (name = 'client'): Credentials => {
  const pair = makePair();
  const { publicKey, privateKey } = pair;
  return {
    certificatePem: makeCertificate({ subject: name, issuer: name, publicKey, signer: privateKey }),
    privateKeyPem: pemOfKey(pair),
  };
};
