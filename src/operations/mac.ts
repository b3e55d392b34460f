// MAC (KMIP 1.4 section 4.33).

import type { Handler } from './handler.ts';
import { macOf } from './message-authentication.ts';
import { dataOf } from './single-part.ts';
import { useKey } from './usable-key.ts';

/** A message authentication code over data. */
export const mac: Handler<'MAC'> = async (context, request) => {
  const data = dataOf(request);
  const use = { operation: 'MAC', bit: 'MACGenerate', kind: 'protect', bytes: data.length } as const;
  const key = await useKey(context, request.UniqueIdentifier, use, request.CryptographicParameters);
  return { UniqueIdentifier: key.object.uid, MACData: macOf(key, data) };
};
