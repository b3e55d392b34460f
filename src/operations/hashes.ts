// Hash algorithms by KMIP's numbers (KMIP 1.4 section 9.1.3.2.16), as node:crypto names them.

import { EdgeError } from '../errors.ts';
import { CryptographicAlgorithm, HashingAlgorithm } from '../kmip/enums.ts';
import { enumName } from '../kmip/since.ts';

const names: Readonly<Partial<Record<HashingAlgorithm, string>>> = {
  [HashingAlgorithm.MD5]: 'md5',
  [HashingAlgorithm.SHA_1]: 'sha1',
  [HashingAlgorithm.SHA_224]: 'sha224',
  [HashingAlgorithm.SHA_256]: 'sha256',
  [HashingAlgorithm.SHA_384]: 'sha384',
  [HashingAlgorithm.SHA_512]: 'sha512',
  [HashingAlgorithm.RIPEMD_160]: 'ripemd160',
  [HashingAlgorithm.SHA_512_224]: 'sha512-224',
  [HashingAlgorithm.SHA_512_256]: 'sha512-256',
  [HashingAlgorithm.SHA3_224]: 'sha3-224',
  [HashingAlgorithm.SHA3_256]: 'sha3-256',
  [HashingAlgorithm.SHA3_384]: 'sha3-384',
  [HashingAlgorithm.SHA3_512]: 'sha3-512',
};

const macs: Readonly<Partial<Record<CryptographicAlgorithm, string>>> = {
  [CryptographicAlgorithm.HMAC_MD5]: 'md5',
  [CryptographicAlgorithm.HMAC_SHA1]: 'sha1',
  [CryptographicAlgorithm.HMAC_SHA224]: 'sha224',
  [CryptographicAlgorithm.HMAC_SHA256]: 'sha256',
  [CryptographicAlgorithm.HMAC_SHA384]: 'sha384',
  [CryptographicAlgorithm.HMAC_SHA512]: 'sha512',
  [CryptographicAlgorithm.HMAC_SHA3_224]: 'sha3-224',
  [CryptographicAlgorithm.HMAC_SHA3_256]: 'sha3-256',
  [CryptographicAlgorithm.HMAC_SHA3_384]: 'sha3-384',
  [CryptographicAlgorithm.HMAC_SHA3_512]: 'sha3-512',
};

/** Throws `invalid-field` for one that is not done here. */
export const hashName = (algorithm: HashingAlgorithm): string => {
  const name = names[algorithm];
  if (name !== undefined) return name;
  throw new EdgeError('invalid-field', `the hash ${enumName(HashingAlgorithm, algorithm)} is not done here`);
};

/** The hash inside an HMAC algorithm; undefined for any other algorithm. */
export const hmacHash = (algorithm: number): string | undefined => macs[algorithm as CryptographicAlgorithm];
