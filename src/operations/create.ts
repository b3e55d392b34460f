// Create (KMIP 1.4 section 4.1): symmetric keys.

import { EdgeError } from '../errors.ts';
import { readTemplate } from '../keys/template.ts';
import { ObjectType, UniqueIdentifier } from '../kmip/enums.ts';
import { enumName } from '../kmip/since.ts';
import type { Handler } from './handler.ts';
import { checkLength } from './symmetric-key.ts';
import { attributesOf } from './templates.ts';

/** Makes a key under the caller's service instance and names it by the ID Placeholder. */
export const create: Handler<'Create'> = async (context, request) => {
  const { ObjectType: objectType } = request;
  if (objectType !== ObjectType.SymmetricKey) {
    throw new EdgeError('invalid-field', `Create makes symmetric keys, not ${enumName(ObjectType, objectType)}`);
  }
  const template = readTemplate(await attributesOf(context, request.TemplateAttribute), context.version);
  const cryptographicAlgorithm = required('Cryptographic Algorithm', template.cryptographicAlgorithm);
  const cryptographicLength = required('Cryptographic Length', template.cryptographicLength);
  const cryptographicUsageMask = required('Cryptographic Usage Mask', template.cryptographicUsageMask);
  checkLength(cryptographicAlgorithm, cryptographicLength);
  const { dates, attributes } = template;
  const { uid } = await context.keys.create(context.caller, {
    objectType,
    cryptographicAlgorithm,
    cryptographicLength,
    cryptographicUsageMask,
    dates,
    attributes,
  });
  context.place(uid);
  context.note(UniqueIdentifier.Create, uid);
  return { ObjectType: objectType, UniqueIdentifier: uid };
};

const required = (name: string, value: number | undefined): number => {
  if (value === undefined) throw new EdgeError('missing-data', `Create needs the attribute ${name}`);
  return value;
};
