// Signature Verify (KMIP 1.4 section 4.32).

import { EdgeError } from '../errors.ts';
import { ValidityIndicator } from '../kmip/enums.ts';
import type { Handler } from './handler.ts';
import { verifyData } from './signature.ts';
import { dataOf } from './single-part.ts';
import { asymmetricOf, useKey } from './usable-key.ts';

/** Whether a signature is one of this key over these data. */
export const signatureVerify: Handler<'SignatureVerify'> = async (context, request) => {
  if (request.DigestedData) throw new EdgeError('feature-not-supported', 'data are verified here, not their digests');
  const data = dataOf(request);
  const { SignatureData: signature } = request;
  if (!signature) throw new EdgeError('missing-data', 'there is no signature');
  const use = { operation: 'SignatureVerify', bit: 'Verify', kind: 'process', bytes: data.length } as const;
  const key = await useKey(context, request.UniqueIdentifier, use, request.CryptographicParameters);
  const valid = verifyData(asymmetricOf(key), key.parameters, data, signature);
  const indicator = valid ? ValidityIndicator.Valid : ValidityIndicator.Invalid;
  return { UniqueIdentifier: key.object.uid, ValidityIndicator: indicator };
};
