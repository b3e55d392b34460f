// Get (KMIP 1.4 section 4.11).

import { EdgeError } from '../errors.ts';
import { KeyFormatType, ObjectType } from '../kmip/enums.ts';
import type { Handler } from './handler.ts';
import { outgoing } from './outgoing.ts';
import { keyBlockOf } from './symmetric-key.ts';

/** The object with its material. */
export const get: Handler<'Get'> = async (context, request) => {
  const key = await context.keys.get(context.caller, context.uid(request.UniqueIdentifier));
  const { uid, objectType, cryptographicAlgorithm, cryptographicLength, material, withheld, fresh } = key;
  const { KeyFormatType: format, KeyCompressionType: compression, KeyWrappingSpecification: specification } = request;
  const known = { ObjectType: objectType as ObjectType, UniqueIdentifier: uid };
  const raw = format === undefined || format === KeyFormatType.Raw;
  // What nearly every Get asks for, without a detour.
  if (raw && objectType === ObjectType.SymmetricKey && !specification && !withheld && compression === undefined) {
    const bytes = material.export();
    context.keyBytes.push(bytes);
    if (fresh) context.keys.objects.served(key);
    return {
      ...known,
      SymmetricKey: { KeyBlock: keyBlockOf(bytes, format, cryptographicAlgorithm, cryptographicLength) },
    };
  }
  if (objectType === ObjectType.Template && specification)
    throw new EdgeError('invalid-field', 'templates are not wrapped');
  const object = await outgoing(context, key, request);
  context.keys.objects.served(key);
  return { ...known, ...object };
};
