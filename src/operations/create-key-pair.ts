// Create Key Pair (KMIP 1.4 section 4.2).

import { randomUUID } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import { linkTo } from '../keys/links.ts';
import type { NewKey } from '../keys/new-key.ts';
import { readTemplate, type Template } from '../keys/template.ts';
import { attributeValue } from '../kmip/attributes.ts';
import { LinkType, ObjectType, UniqueIdentifier } from '../kmip/enums.ts';
import type { Attribute, TemplateAttribute } from '../kmip/template-attribute.ts';
import { decodeItem } from '../kmip/ttlv.ts';
import type { OperationContext } from './context.ts';
import type { Handler } from './handler.ts';
import { makePair } from './key-pair.ts';
import { attributesOf } from './templates.ts';

/** Makes both halves or none; the private one becomes the ID Placeholder. */
export const createKeyPair: Handler<'CreateKeyPair'> = async (context, request) => {
  const common = await attributesOf(context, request.CommonTemplateAttribute);
  const read = async (own: TemplateAttribute | undefined): Promise<Template> =>
    readTemplate(joined(common, await attributesOf(context, own)), context.version);
  const privateTemplate = await read(request.PrivateKeyTemplateAttribute);
  const publicTemplate = await read(request.PublicKeyTemplateAttribute);
  const algorithm = same(
    'Cryptographic Algorithm',
    privateTemplate.cryptographicAlgorithm,
    publicTemplate.cryptographicAlgorithm,
  );
  const length = same('Cryptographic Length', privateTemplate.cryptographicLength, publicTemplate.cryptographicLength);
  const pair = await makePair(context.slowWork, algorithm, length, curveOf(privateTemplate));
  const [privateUid, publicUid] = [randomUUID(), randomUUID()];
  const settled = { cryptographicAlgorithm: pair.algorithm, cryptographicLength: pair.length, generated: true };
  const keyOf = (
    template: Template,
    objectType: ObjectType,
    linked: string,
    type: LinkType,
    half: typeof pair.private,
  ) => {
    const attributes = [...template.attributes, half.digest];
    const key: NewKey = {
      ...settled,
      objectType,
      cryptographicUsageMask: maskOf(template, objectType),
      dates: template.dates,
      attributes: [...attributes, linkTo(linked, type, attributes)],
    };
    return { key, material: half.material };
  };
  await context.keys.objects.registerAll(context.caller, 'CreateKeyPair', [
    {
      uid: privateUid,
      ...keyOf(privateTemplate, ObjectType.PrivateKey, publicUid, LinkType.PublicKeyLink, pair.private),
    },
    {
      uid: publicUid,
      ...keyOf(publicTemplate, ObjectType.PublicKey, privateUid, LinkType.PrivateKeyLink, pair.public),
    },
  ]);
  place(context, privateUid, publicUid);
  return { PrivateKeyUniqueIdentifier: privateUid, PublicKeyUniqueIdentifier: publicUid };
};

const place = (context: OperationContext, privateUid: string, publicUid: string): void => {
  context.place(privateUid);
  context.note(UniqueIdentifier.CreateKeyPair, privateUid);
  context.note(UniqueIdentifier.CreateKeyPairPrivateKey, privateUid);
  context.note(UniqueIdentifier.CreateKeyPairPublicKey, publicUid);
};

/** What is given for one half goes before what is given for both. */
const joined = (common: readonly Attribute[], own: readonly Attribute[]): readonly Attribute[] => {
  const given = new Set(own.map(({ AttributeName: name }) => name));
  return [...common.filter(({ AttributeName: name }) => !given.has(name)), ...own];
};

const same = (name: string, one: number | undefined, other: number | undefined): number | undefined => {
  if (one === undefined || other === undefined || one === other) return one ?? other;
  throw new EdgeError('invalid-field', `${name} is ${one} for the private key and ${other} for the public key`);
};

const curveOf = ({ attributes }: Template) => {
  const kept = attributes.find(({ name }) => name === 'Cryptographic Domain Parameters');
  return kept && attributeValue('Cryptographic Domain Parameters', decodeItem(kept.value)).RecommendedCurve;
};

const maskOf = ({ cryptographicUsageMask: mask }: Template, type: ObjectType): number => {
  if (mask !== undefined) return mask;
  const half = type === ObjectType.PrivateKey ? 'private' : 'public';
  throw new EdgeError('missing-data', `Create Key Pair needs the Cryptographic Usage Mask of the ${half} key`);
};
