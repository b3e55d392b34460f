// Register (KMIP 1.4 section 4.3): symmetric keys.

import { EdgeError } from '../errors.ts';
import { readTemplate } from '../keys/template.ts';
import { ObjectType } from '../kmip/enums.ts';
import { enumName } from '../kmip/since.ts';
import { checkKnownLength, materialOf } from './symmetric-key.ts';
import type { Handler } from './table.ts';

/** Takes in the key that the client brings and names it by the ID Placeholder. */
export const register: Handler<'Register'> = async (context, request) => {
  const { ObjectType: objectType, SymmetricKey: key } = request;
  if (objectType !== ObjectType.SymmetricKey) {
    throw new EdgeError('invalid-field', `Register takes symmetric keys, not ${enumName(ObjectType, objectType)}`);
  }
  if (!key) throw new EdgeError('invalid-field', 'the object type is symmetric key and the message holds none');
  const template = readTemplate(request.TemplateAttribute, context.version);
  const material = materialOf(key.KeyBlock);
  const bits = (material.symmetricKeySize ?? 0) * 8;
  const { CryptographicAlgorithm: algorithm, CryptographicLength: length } = key.KeyBlock;
  const cryptographicAlgorithm = agreed('Cryptographic Algorithm', algorithm, template.cryptographicAlgorithm);
  const cryptographicLength = agreed('Cryptographic Length', agreedIfGiven(length, bits), template.cryptographicLength);
  checkKnownLength(cryptographicAlgorithm, cryptographicLength);
  const { uid } = await context.keys.register(
    context.caller,
    {
      objectType,
      cryptographicAlgorithm,
      cryptographicLength,
      cryptographicUsageMask: template.cryptographicUsageMask ?? 0,
      dates: template.dates,
      attributes: template.attributes,
    },
    material,
  );
  context.place(uid);
  return { UniqueIdentifier: uid };
};

/** What the key block and the template say has to be the same (KMIP 1.4 section 11.4). */
const agreed = (name: string, inBlock: number | undefined, inTemplate: number | undefined): number => {
  const value = inBlock ?? inTemplate;
  if (value === undefined) throw new EdgeError('missing-data', `Register needs the attribute ${name}`);
  if (inTemplate !== undefined && inTemplate !== value) {
    throw new EdgeError('invalid-field', `${name} is ${value} in the key block and ${inTemplate} in the template`);
  }
  return value;
};

const agreedIfGiven = (given: number | undefined, real: number): number => {
  if (given === undefined || given === real) return real;
  throw new EdgeError('invalid-field', `the key block states ${given} bits and holds ${real}`);
};
