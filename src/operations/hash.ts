// Hash (KMIP 1.4 section 4.37).

import { createHash } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import type { Handler } from './handler.ts';
import { hashName } from './hashes.ts';
import { dataOf } from './single-part.ts';

/** The hash of data. */
export const hash: Handler<'Hash'> = (_, request) => {
  const { HashingAlgorithm: algorithm } = request.CryptographicParameters;
  if (algorithm === undefined) throw new EdgeError('missing-data', 'no hashing algorithm is named');
  return { Data: createHash(hashName(algorithm)).update(dataOf(request)).digest() };
};
