// MAC Verify (KMIP 1.4 section 4.34).

import { EdgeError } from '../errors.ts';
import { ValidityIndicator } from '../kmip/enums.ts';
import { sameBytes } from './cipher.ts';
import type { Handler } from './handler.ts';
import { macOf } from './message-authentication.ts';
import { dataOf } from './single-part.ts';
import { useKey } from './usable-key.ts';

/** Whether a code is that of this key over these data. */
export const macVerify: Handler<'MACVerify'> = async (context, request) => {
  const data = dataOf(request);
  const { MACData: code } = request;
  if (!code) throw new EdgeError('missing-data', 'there is no message authentication code');
  const use = { operation: 'MACVerify', bit: 'MACVerify', kind: 'process', bytes: data.length } as const;
  const key = await useKey(context, request.UniqueIdentifier, use, request.CryptographicParameters);
  const indicator = sameBytes(macOf(key, data), code) ? ValidityIndicator.Valid : ValidityIndicator.Invalid;
  return { UniqueIdentifier: key.object.uid, ValidityIndicator: indicator };
};
