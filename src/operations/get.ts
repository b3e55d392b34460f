// Get (KMIP 1.4 section 4.11).

import { EdgeError } from '../errors.ts';
import { KeyFormatType, KeyWrapType, type ObjectType } from '../kmip/enums.ts';
import type { RequestPayload } from '../kmip/payloads/table.ts';
import { enumName } from '../kmip/since.ts';
import { keyBlockOf } from './symmetric-key.ts';
import type { Handler } from './table.ts';

const formats: ReadonlySet<number> = new Set([KeyFormatType.Raw, KeyFormatType.TransparentSymmetricKey]);

/** The key with its material, plain. */
export const get: Handler<'Get'> = async (context, request) => {
  checkForm(request);
  const key = await context.keys.get(context.caller, context.uid(request.UniqueIdentifier));
  const { uid, objectType, cryptographicAlgorithm, cryptographicLength, material } = key;
  const bytes = material.export();
  context.keyBytes.push(bytes);
  const block = keyBlockOf(bytes, request.KeyFormatType, cryptographicAlgorithm, cryptographicLength);
  return { ObjectType: objectType as ObjectType, UniqueIdentifier: uid, SymmetricKey: { KeyBlock: block } };
};

const checkForm = (request: RequestPayload<'Get'>): void => {
  const { KeyFormatType: format, KeyCompressionType: compression, KeyWrapType: wrap } = request;
  if (format !== undefined && !formats.has(format)) {
    const name = enumName(KeyFormatType, format);
    throw new EdgeError('key-format-not-supported', `a symmetric key cannot be given in the format ${name}`);
  }
  if (compression !== undefined)
    throw new EdgeError('key-compression-not-supported', 'symmetric keys are not compressed');
  if (request.KeyWrappingSpecification || (wrap !== undefined && wrap !== KeyWrapType.NotWrapped)) {
    throw new EdgeError('feature-not-supported', 'keys are not given wrapped by another key');
  }
};
