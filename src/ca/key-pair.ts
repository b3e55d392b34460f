// Key pairs, made by OpenSSL off the main thread. RSA-2048 unless told otherwise, because it is what every VMware release
// is known to accept (elliptic curves are unverified there).

import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { EdgeError } from '../errors.ts';
import { Secret } from '../secret.ts';

/** Keys that we make. */
export const keyTypes = ['rsa-2048', 'rsa-3072', 'rsa-4096', 'ec-p256'] as const;
export type KeyType = (typeof keyTypes)[number];

export interface KeyPair {
  readonly publicKeyPem: string;
  /** PKCS #8. */
  readonly privateKeyPem: Secret;
}

/** A new key pair. `type` comes from settings and requests, so it is checked here. */
export const makeKeyPair = async (type: string): Promise<KeyPair> => {
  if (!keyTypes.some((known) => known === type)) {
    throw new EdgeError('invalid-field', `key type '${type}' is not known`, { hint: `use ${keyTypes.join(', ')}` });
  }
  const { privateKey, publicKey } = await newKeys(type);
  return {
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKeyPem: new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
  };
};

const newKeys = (type: string): Promise<{ readonly privateKey: KeyObject; readonly publicKey: KeyObject }> =>
  type === 'ec-p256'
    ? promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
    : promisify(generateKeyPair)('rsa', { modulusLength: Number(type.slice(4)) });

/** True when `publicKey` (SPKI, DER) is the public half of `privateKeyPem`. */
export const isKeyPair = (publicKey: Buffer, privateKeyPem: Secret): boolean =>
  createPublicKey(privateKeyPem.reveal()).export({ type: 'spki', format: 'der' }).equals(publicKey);

/** Such as `RSA 2048` or `EC prime256v1`. */
export const describeKey = (key: KeyObject): string => {
  const kind = (key.asymmetricKeyType ?? 'unknown').toUpperCase();
  const size = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyDetails?.modulusLength;
  return size === undefined ? kind : `${kind} ${size}`;
};

const curves: readonly (string | undefined)[] = ['prime256v1', 'secp384r1'];

/** Why a certificate cannot be made for a public key, or undefined: RSA from 2048 bits, EC P-256 and P-384. */
export const keyProblem = (key: KeyObject): string | undefined => {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= 2048 && (details?.modulusLength ?? 0) <= 8192)
    return undefined;
  if (type === 'ec' && curves.includes(details?.namedCurve)) return undefined;
  return `${describeKey(key)} keys are not taken`;
};

/** How a private key of ours signs: the AlgorithmIdentifier in DER, and the hash for node:crypto. */
export const signatureOf = (privateKeyPem: Secret): { readonly algorithm: Buffer; readonly hash: string } => {
  const { asymmetricKeyType: type } = createPrivateKey(privateKeyPem.reveal());
  // ecdsa-with-SHA256 has no parameters; sha256WithRSAEncryption has NULL.
  if (type === 'ec') return { algorithm: Buffer.from('300a06082a8648ce3d040302', 'hex'), hash: 'sha256' };
  if (type === 'rsa') return { algorithm: Buffer.from('300d06092a864886f70d01010b0500', 'hex'), hash: 'sha256' };
  throw new EdgeError('data-damaged', `a ${type ?? 'secret'} key cannot sign certificates here`);
};
