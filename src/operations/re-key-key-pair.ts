// Re-key Key Pair (KMIP 1.4 section 4.5): a new pair in the place of an old one, found by its private key.

import { randomUUID } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import { linkTo } from '../keys/links.ts';
import type { KeptAttribute } from '../keys/object.ts';
import { giveWay, replacementOf } from '../keys/replacement.ts';
import { readTemplate } from '../keys/template.ts';
import { attributeValue } from '../kmip/attributes.ts';
import { LinkType, ObjectType, UniqueIdentifier } from '../kmip/enums.ts';
import type { TemplateAttribute } from '../kmip/template-attribute.ts';
import { decodeItem } from '../kmip/ttlv.ts';
import type { OperationContext } from './context.ts';
import type { Handler } from './handler.ts';
import { type MadeHalf, makePair } from './key-pair.ts';
import { attributesOf } from './templates.ts';

/** Both new halves are made in one step, or none. */
export const reKeyKeyPair: Handler<'ReKeyKeyPair'> = async (context, request) => {
  const { caller, keys } = context;
  const oldPrivate = context.uid(request.PrivateKeyUniqueIdentifier);
  const { object, attributes } = await keys.describe(caller, 'ReKeyKeyPair', oldPrivate);
  if (object.objectType !== ObjectType.PrivateKey) {
    throw new EdgeError('invalid-field', `object '${oldPrivate}' is no private key`);
  }
  const oldPublic = linkedBy(attributes, LinkType.PublicKeyLink);
  if (oldPublic === undefined)
    throw new EdgeError('invalid-field', `object '${oldPrivate}' has no link to its public key`);
  const { cryptographicAlgorithm: algorithm, cryptographicLength: length } = object;
  const pair = await makePair(context.slowWork, algorithm, length, curveOf(attributes));
  const [privateUid, publicUid] = [randomUUID(), randomUUID()];
  const { CommonTemplateAttribute: common, Offset: offset } = request;
  const forPrivate = {
    old: oldPrivate,
    uid: privateUid,
    other: publicUid,
    link: LinkType.PublicKeyLink,
    half: pair.private,
  };
  const forPublic = {
    old: oldPublic,
    uid: publicUid,
    other: privateUid,
    link: LinkType.PrivateKeyLink,
    half: pair.public,
  };
  const wanted = [
    await replacing(context, forPrivate, [common, request.PrivateKeyTemplateAttribute], offset),
    await replacing(context, forPublic, [common, request.PublicKeyTemplateAttribute], offset),
  ];
  await keys.objects.registerAll(caller, 'ReKeyKeyPair', wanted, (objects, now) => {
    giveWay(objects, oldPrivate, privateUid, now);
    giveWay(objects, oldPublic, publicUid, now);
  });
  context.place(privateUid);
  context.note(UniqueIdentifier.ReKeyKeyPair, privateUid);
  context.note(UniqueIdentifier.ReKeyKeyPairPrivateKey, privateUid);
  context.note(UniqueIdentifier.ReKeyKeyPairPublicKey, publicUid);
  return { PrivateKeyUniqueIdentifier: privateUid, PublicKeyUniqueIdentifier: publicUid };
};

interface Half {
  readonly old: string;
  readonly uid: string;
  /** The other new half, and how this one points to it. */
  readonly other: string;
  readonly link: LinkType;
  readonly half: MadeHalf;
}

const replacing = async (
  context: OperationContext,
  { old, uid, other, link, half }: Half,
  templates: readonly (TemplateAttribute | undefined)[],
  offset: number | undefined,
) => {
  const { caller, keys, now, version } = context;
  const { object, attributes } = await keys.describe(caller, 'ReKeyKeyPair', old);
  const given = (await Promise.all(templates.map((template) => attributesOf(context, template)))).flat();
  const key = replacementOf(object, attributes, offset, readTemplate(given, version), now);
  const own = [...key.attributes, half.digest];
  return { uid, key: { ...key, attributes: [...own, linkTo(other, link, own)] }, material: half.material };
};

const linkedBy = (attributes: readonly KeptAttribute[], type: LinkType): string | undefined =>
  attributes
    .filter(({ name }) => name === 'Link')
    .map(({ value }) => attributeValue('Link', decodeItem(value)))
    .find(({ LinkType: found }) => found === type)?.LinkedObjectIdentifier;

const curveOf = (attributes: readonly KeptAttribute[]) => {
  const kept = attributes.find(({ name }) => name === 'Cryptographic Domain Parameters');
  return kept && attributeValue('Cryptographic Domain Parameters', decodeItem(kept.value)).RecommendedCurve;
};
