// Decrypt (KMIP 1.4 section 4.30).

import { ObjectType } from '../kmip/enums.ts';
import { decryptData } from './cipher.ts';
import type { Handler } from './handler.ts';
import { decryptByKey } from './signature.ts';
import { dataOf } from './single-part.ts';
import { asymmetricOf, useKey } from './usable-key.ts';

/** Decrypts with a symmetric or a private key. */
export const decrypt: Handler<'Decrypt'> = async (context, request) => {
  const data = dataOf(request);
  const use = { operation: 'Decrypt', bit: 'Decrypt', kind: 'process', bytes: data.length } as const;
  const key = await useKey(context, request.UniqueIdentifier, use, request.CryptographicParameters);
  const { object, material, parameters } = key;
  const plain =
    object.objectType === ObjectType.SymmetricKey
      ? decryptData(material, object.cryptographicAlgorithm, parameters, {
          data,
          iv: request.IVCounterNonce,
          additional: request.AuthenticatedEncryptionAdditionalData,
          tag: request.AuthenticatedEncryptionTag,
        })
      : decryptByKey(asymmetricOf(key), parameters, data);
  context.keyBytes.push(plain);
  return { UniqueIdentifier: object.uid, Data: plain };
};
