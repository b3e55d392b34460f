// Sign (KMIP 1.4 section 4.31).

import { EdgeError } from '../errors.ts';
import type { Handler } from './handler.ts';
import { signData } from './signature.ts';
import { dataOf } from './single-part.ts';
import { asymmetricOf, useKey } from './usable-key.ts';

/** Signs data with a private key. */
export const sign: Handler<'Sign'> = async (context, request) => {
  if (request.DigestedData) throw new EdgeError('feature-not-supported', 'data are signed here, not their digests');
  const data = dataOf(request);
  const use = { operation: 'Sign', bit: 'Sign', kind: 'protect', bytes: data.length } as const;
  const key = await useKey(context, request.UniqueIdentifier, use, request.CryptographicParameters);
  return { UniqueIdentifier: key.object.uid, SignatureData: signData(asymmetricOf(key), key.parameters, data) };
};
