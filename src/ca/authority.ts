// Our own certificate authority: one self-signed RSA certificate that signs server and client certificates. It is not
// needed where the customer brings certificates or lets vCenter make its own.

import { X509Certificate } from 'node:crypto';
import { EdgeError, messageOf } from '../errors.ts';
import { isKeyPair, type KeyType, makeKeyPair } from './key-pair.ts';
import { checkCommonName } from './names.ts';
import { type Credential, type Extensions, signCertificate } from './sign.ts';

export interface AuthorityRequest {
  readonly commonName: string;
  readonly days: number;
  /** RSA-2048 unless told. */
  readonly keyType?: KeyType;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const extensions: Extensions = [
  { name: 'basicConstraints', cA: true, critical: true },
  { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
];

/** A new certificate authority. */
export const createAuthority = async (request: AuthorityRequest): Promise<Credential> => {
  const { days, now } = request;
  const commonName = checkCommonName(request.commonName);
  const { publicKeyPem, privateKeyPem } = await makeKeyPair(request.keyType ?? 'rsa-2048');
  const certificatePem = await signCertificate({ commonName, publicKeyPem, days, now, extensions }, privateKeyPem);
  return { certificatePem, privateKeyPem };
};

/** Refuses what cannot sign: a certificate that is no authority, or a key that is not the certificate's. */
export const checkAuthority = (authority: Credential): void => {
  const problem = problemOf(authority);
  if (problem === undefined) return;
  throw new EdgeError('data-damaged', `the certificate authority ${problem}`, {
    hint: "restore a backup, or make a new one: 'kmip-edge certificate renew --new-authority'",
  });
};

const problemOf = ({ certificatePem, privateKeyPem }: Credential): string | undefined => {
  try {
    const certificate = new X509Certificate(certificatePem);
    if (!certificate.ca) return `'${certificate.subject}' is not allowed to sign certificates`;
    const publicKey = certificate.publicKey.export({ type: 'spki', format: 'der' });
    return isKeyPair(publicKey, privateKeyPem) ? undefined : 'and its private key do not belong together';
  } catch (error) {
    return `cannot be read: ${messageOf(error)}`;
  }
};
