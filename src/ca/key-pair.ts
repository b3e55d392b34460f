// RSA key pairs, made by OpenSSL off the main thread. RSA because it is what every VMware release is known to accept
// (elliptic curves are unverified there).

import { createPublicKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { EdgeError } from '../errors.ts';
import { Secret } from '../secret.ts';

/** Lengths that we make. */
export const keyLengths = [2048, 3072, 4096] as const;
export type KeyLength = (typeof keyLengths)[number];

export interface KeyPair {
  readonly publicKeyPem: string;
  /** PKCS #8. */
  readonly privateKeyPem: Secret;
}

/** A new RSA key pair. `bits` comes from settings and requests, so it is checked here. */
export const makeKeyPair = async (bits: number): Promise<KeyPair> => {
  if (!keyLengths.some((length) => length === bits)) {
    throw new EdgeError('invalid-field', `key length ${bits} is not allowed`, {
      hint: `use ${keyLengths.join(', ')} bits`,
    });
  }
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: bits });
  return {
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKeyPem: new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
  };
};

/** True when `publicKey` (SPKI, DER) is the public half of `privateKeyPem`. */
export const isKeyPair = (publicKey: Buffer, privateKeyPem: Secret): boolean =>
  createPublicKey(privateKeyPem.reveal()).export({ type: 'spki', format: 'der' }).equals(publicKey);
