// Signatures and encryption with key pairs (KMIP 1.4 sections 4.29 to 4.32) by node:crypto.

import { constants, type KeyObject, privateDecrypt, publicEncrypt, sign, verify } from 'node:crypto';
import { EdgeError, messageOf } from '../errors.ts';
import type { CryptographicParameters } from '../kmip/attribute-values.ts';
import { DigitalSignatureAlgorithm, HashingAlgorithm, PaddingMethod } from '../kmip/enums.ts';
import { enumName } from '../kmip/since.ts';
import { hashName } from './hashes.ts';
import { decryptOaep, encryptOaep } from './oaep.ts';

/** What a Digital Signature Algorithm says in one word (KMIP 1.4 section 9.1.3.2.7). */
const algorithms: Readonly<
  Partial<Record<DigitalSignatureAlgorithm, readonly [hash: HashingAlgorithm, padding: PaddingMethod]>>
> = {
  [DigitalSignatureAlgorithm.MD5WithRSAEncryption]: [HashingAlgorithm.MD5, PaddingMethod.PKCS1V1_5],
  [DigitalSignatureAlgorithm.SHA_1WithRSAEncryption]: [HashingAlgorithm.SHA_1, PaddingMethod.PKCS1V1_5],
  [DigitalSignatureAlgorithm.SHA_224WithRSAEncryption]: [HashingAlgorithm.SHA_224, PaddingMethod.PKCS1V1_5],
  [DigitalSignatureAlgorithm.SHA_256WithRSAEncryption]: [HashingAlgorithm.SHA_256, PaddingMethod.PKCS1V1_5],
  [DigitalSignatureAlgorithm.SHA_384WithRSAEncryption]: [HashingAlgorithm.SHA_384, PaddingMethod.PKCS1V1_5],
  [DigitalSignatureAlgorithm.SHA_512WithRSAEncryption]: [HashingAlgorithm.SHA_512, PaddingMethod.PKCS1V1_5],
  [DigitalSignatureAlgorithm.DSAWithSHA_1]: [HashingAlgorithm.SHA_1, PaddingMethod.None],
  [DigitalSignatureAlgorithm.DSAWithSHA224]: [HashingAlgorithm.SHA_224, PaddingMethod.None],
  [DigitalSignatureAlgorithm.DSAWithSHA256]: [HashingAlgorithm.SHA_256, PaddingMethod.None],
  [DigitalSignatureAlgorithm.ECDSAWithSHA_1]: [HashingAlgorithm.SHA_1, PaddingMethod.None],
  [DigitalSignatureAlgorithm.ECDSAWithSHA224]: [HashingAlgorithm.SHA_224, PaddingMethod.None],
  [DigitalSignatureAlgorithm.ECDSAWithSHA256]: [HashingAlgorithm.SHA_256, PaddingMethod.None],
  [DigitalSignatureAlgorithm.ECDSAWithSHA384]: [HashingAlgorithm.SHA_384, PaddingMethod.None],
  [DigitalSignatureAlgorithm.ECDSAWithSHA512]: [HashingAlgorithm.SHA_512, PaddingMethod.None],
  [DigitalSignatureAlgorithm.SHA3_256WithRSAEncryption]: [HashingAlgorithm.SHA3_256, PaddingMethod.PKCS1V1_5],
  [DigitalSignatureAlgorithm.SHA3_384WithRSAEncryption]: [HashingAlgorithm.SHA3_384, PaddingMethod.PKCS1V1_5],
  [DigitalSignatureAlgorithm.SHA3_512WithRSAEncryption]: [HashingAlgorithm.SHA3_512, PaddingMethod.PKCS1V1_5],
};

interface Scheme {
  readonly hash: string;
  readonly padding: PaddingMethod;
  readonly salt: number | undefined;
}

const schemeOf = (parameters: CryptographicParameters): Scheme => {
  const {
    DigitalSignatureAlgorithm: named,
    HashingAlgorithm: hash,
    PaddingMethod: padding,
    SaltLength: salt,
  } = parameters;
  const [impliedHash, impliedPadding] = (named && algorithms[named]) ?? [];
  const pss = named === DigitalSignatureAlgorithm.RSASSA_PSS ? PaddingMethod.PSS : undefined;
  return {
    hash: hashName(impliedHash ?? hash ?? HashingAlgorithm.SHA_256),
    padding: impliedPadding ?? pss ?? padding ?? PaddingMethod.PKCS1V1_5,
    salt,
  };
};

/** How node:crypto is to use an RSA key, with the length of a salt where the parameters do not say it; nothing for others. */
const withPadding = (key: KeyObject, { padding, salt }: Scheme, unsaid: number) => {
  if (key.asymmetricKeyType !== 'rsa') return { key };
  if (padding === PaddingMethod.PKCS1V1_5) return { key, padding: constants.RSA_PKCS1_PADDING };
  if (padding !== PaddingMethod.PSS) throw unsupported(padding);
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: salt ?? unsaid };
};

const unsupported = (padding: PaddingMethod): EdgeError =>
  new EdgeError('invalid-field', `the padding ${enumName(PaddingMethod, padding)} is not done with this key`);

/** Throws `cryptographic-failure` or `invalid-field`. */
export const signData = (key: KeyObject, parameters: CryptographicParameters, data: Buffer): Buffer => {
  const scheme = schemeOf(parameters);
  return guarded(() => sign(hashOf(key, scheme), data, withPadding(key, scheme, constants.RSA_PSS_SALTLEN_DIGEST)));
};

/** Whether the signature is one of this key over these data. */
export const verifyData = (
  key: KeyObject,
  parameters: CryptographicParameters,
  data: Buffer,
  signature: Buffer,
): boolean => {
  const scheme = schemeOf(parameters);
  return guarded(() =>
    verify(hashOf(key, scheme), data, withPadding(key, scheme, constants.RSA_PSS_SALTLEN_AUTO), signature),
  );
};

/** Edwards curves have their hash in themselves. */
const hashOf = (key: KeyObject, { hash }: Scheme): string | null =>
  key.asymmetricKeyType === 'ed25519' || key.asymmetricKeyType === 'ed448' ? null : hash;

const cipherOptions = (parameters: CryptographicParameters) => {
  const { PaddingMethod: padding = PaddingMethod.OAEP, HashingAlgorithm: hash, PSource: label } = parameters;
  if (padding === PaddingMethod.PKCS1V1_5) return { padding: constants.RSA_PKCS1_PADDING };
  if (padding !== PaddingMethod.OAEP) throw unsupported(padding);
  const oaepHash = hashName(hash ?? HashingAlgorithm.SHA_1);
  return { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash, ...(label ? { oaepLabel: label } : {}) };
};

/** Where OAEP is to have one hash for the label and another for the mask: the two, and the label. */
const twoHashes = (key: KeyObject, parameters: CryptographicParameters) => {
  const { PaddingMethod: padding = PaddingMethod.OAEP, HashingAlgorithm: hash = HashingAlgorithm.SHA_1 } = parameters;
  const { MaskGeneratorHashingAlgorithm: mask = hash, PSource: label = Buffer.alloc(0) } = parameters;
  if (padding !== PaddingMethod.OAEP || mask === hash || key.asymmetricKeyType !== 'rsa') return undefined;
  return { hashes: { label: hashName(hash), mask: hashName(mask) }, label };
};

/** RSA encryption with the public key. */
export const encryptByKey = (key: KeyObject, parameters: CryptographicParameters, data: Buffer): Buffer => {
  const two = twoHashes(key, parameters);
  if (two) return guarded(() => encryptOaep(key, two.hashes, two.label, data));
  const options = cipherOptions(parameters);
  return guarded(() => publicEncrypt({ key, ...options }, data));
};

/** RSA decryption with the private key: the caller wipes the result. */
export const decryptByKey = (key: KeyObject, parameters: CryptographicParameters, data: Buffer): Buffer => {
  const two = twoHashes(key, parameters);
  if (two) return guarded(() => decryptOaep(key, two.hashes, two.label, data));
  const options = cipherOptions(parameters);
  return guarded(() => privateDecrypt({ key, ...options }, data));
};

const guarded = <T>(act: () => T): T => {
  try {
    return act();
  } catch (error) {
    if (error instanceof EdgeError) throw error;
    throw new EdgeError('cryptographic-failure', `the key refused: ${messageOf(error)}`, { cause: error });
  }
};
