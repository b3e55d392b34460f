// Encrypt (KMIP 1.4 section 4.29).

import { ObjectType } from '../kmip/enums.ts';
import { encryptData } from './cipher.ts';
import type { Handler } from './handler.ts';
import { encryptByKey } from './signature.ts';
import { dataOf } from './single-part.ts';
import { asymmetricOf, useKey } from './usable-key.ts';

/** Encrypts with a symmetric or a public key. */
export const encrypt: Handler<'Encrypt'> = async (context, request) => {
  const data = dataOf(request);
  const use = { operation: 'Encrypt', bit: 'Encrypt', kind: 'protect', bytes: data.length } as const;
  const key = await useKey(context, request.UniqueIdentifier, use, request.CryptographicParameters);
  const { object, material, parameters } = key;
  if (object.objectType !== ObjectType.SymmetricKey) {
    return { UniqueIdentifier: object.uid, Data: encryptByKey(asymmetricOf(key), parameters, data) };
  }
  const output = encryptData(material, object.cryptographicAlgorithm, parameters, {
    data,
    iv: request.IVCounterNonce,
    additional: request.AuthenticatedEncryptionAdditionalData,
    tag: undefined,
  });
  return {
    UniqueIdentifier: object.uid,
    Data: output.data,
    IVCounterNonce: output.iv,
    AuthenticatedEncryptionTag: output.tag,
  };
};
