// A certificate authority and a server certificate for loopback, made anew for each simulator.

import { randomBytes } from 'node:crypto';
import { authorityExtensions, makeCertificate, makePair, pemOfKey, serverExtensions } from '../certificate.ts';

export interface TlsMaterial {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** Valid for localhost, 127.0.0.1 and `further` addresses, for 30 days. */
export const makeTlsMaterial = (further: readonly string[] = []): TlsMaterial => {
  const [authority, server] = [makePair(), makePair()];
  const issuer = `simulated CA ${randomBytes(4).toString('hex')}`;
  const signed = { issuer, signer: authority.privateKey };
  return {
    caPem: makeCertificate({
      ...signed,
      subject: issuer,
      publicKey: authority.publicKey,
      extensions: authorityExtensions,
    }),
    certPem: makeCertificate({
      ...signed,
      subject: 'localhost',
      publicKey: server.publicKey,
      extensions: serverExtensions(['localhost', '127.0.0.1', ...further]),
    }),
    keyPem: pemOfKey(server),
  };
};
