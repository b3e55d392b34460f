// Message authentication codes (KMIP 1.4 sections 4.33 and 4.34): HMAC by the hash that the parameters or the key say.

import { createHmac } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import { hashName, hmacHash } from './hashes.ts';
import type { UsableKey } from './usable-key.ts';

/** The code over `data`. Throws `invalid-field` for a key and parameters that name no HMAC. */
export const macOf = ({ object, material, parameters }: UsableKey, data: Buffer): Buffer => {
  const { CryptographicAlgorithm: algorithm = object.cryptographicAlgorithm, HashingAlgorithm: hash } = parameters;
  const name = hmacHash(algorithm) ?? (hash === undefined ? undefined : hashName(hash));
  if (name === undefined) throw new EdgeError('invalid-field', 'the parameters name no HMAC');
  return createHmac(name, material).update(data).digest();
};
