// Derive Key (KMIP 1.4 section 4.6).

import { randomUUID } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import { addLink, linkTo } from '../keys/links.ts';
import { keySize } from '../keys/new-object.ts';
import { readTemplate } from '../keys/template.ts';
import { KeyFormatType, LinkType, ObjectType, SecretDataType, UniqueIdentifier } from '../kmip/enums.ts';
import type { RequestPayload } from '../kmip/payloads/table.ts';
import type { OperationContext } from './context.ts';
import { type Base, derive } from './derivation.ts';
import type { Handler } from './handler.ts';
import { secretOf } from './incoming.ts';
import { packed, unpacked } from './stored-object.ts';
import { checkKnownLength } from './symmetric-key.ts';
import { attributesOf } from './templates.ts';
import { type UsableKey, useKey } from './usable-key.ts';

/** Makes a symmetric key or secret data out of one that is there; each points to the other. */
export const deriveKey: Handler<'DeriveKey'> = async (context, request) => {
  const { ObjectType: objectType, DerivationMethod: method, DerivationParameters: parameters } = request;
  if (objectType !== ObjectType.SymmetricKey && objectType !== ObjectType.SecretData) {
    throw new EdgeError('invalid-field', 'symmetric keys and secret data are derived, nothing else');
  }
  const template = readTemplate(await attributesOf(context, request.TemplateAttribute), context.version);
  const { cryptographicAlgorithm: algorithm = 0, cryptographicLength: length } = template;
  if (length === undefined) throw new EdgeError('missing-data', 'Derive Key needs a Cryptographic Length');
  if (objectType === ObjectType.SymmetricKey) {
    if (algorithm === 0) throw new EdgeError('missing-data', 'Derive Key needs a Cryptographic Algorithm');
    checkKnownLength(algorithm, length);
  }
  const base = await baseOf(context, request);
  const size = keySize({ cryptographicAlgorithm: algorithm, cryptographicLength: length });
  const bytes = await derive(context.slowWork, base.base, method, parameters, size).finally(() =>
    base.base.bytes.fill(0),
  );
  const uid = randomUUID();
  const key = {
    objectType,
    cryptographicAlgorithm: algorithm,
    cryptographicLength: length,
    cryptographicUsageMask: template.cryptographicUsageMask ?? 0,
    dates: template.dates,
    attributes: [...template.attributes, linkTo(base.uid, LinkType.DerivationBaseObjectLink, template.attributes)],
    generated: true,
  };
  const material = objectType === ObjectType.SymmetricKey ? secretOf(bytes) : secretData(bytes);
  await context.keys.objects.registerAll(context.caller, 'DeriveKey', [{ uid, key, material }], (objects) =>
    addLink(objects, base.uid, uid, LinkType.DerivedKeyLink),
  );
  context.place(uid);
  context.note(UniqueIdentifier.DeriveKey, uid);
  return { UniqueIdentifier: uid };
};

const baseOf = async (
  context: OperationContext,
  request: RequestPayload<'DeriveKey'>,
): Promise<{ readonly uid: string; readonly base: Base }> => {
  const [named, ...others] = request.UniqueIdentifier;
  if (others.length > 0)
    throw new EdgeError('feature-not-supported', 'keys are derived from one object, not from several');
  const use = { operation: 'DeriveKey', bit: 'DeriveKey', kind: 'protect', bytes: 0 } as const;
  const key = await useKey(context, named, use);
  return { uid: key.object.uid, base: { bytes: bytesOf(key), algorithm: key.object.cryptographicAlgorithm } };
};

/** A copy: the caller wipes it. */
const bytesOf = ({ object, material }: UsableKey): Buffer => {
  const bytes = material.export();
  if (object.objectType === ObjectType.SymmetricKey) return bytes;
  try {
    const value = unpacked(bytes, object.objectType).SecretData?.KeyBlock.KeyValue;
    if (value && !Buffer.isBuffer(value) && Buffer.isBuffer(value.KeyMaterial)) return Buffer.from(value.KeyMaterial);
    throw new EdgeError('invalid-field', `nothing is derived from an object like '${object.uid}'`);
  } finally {
    bytes.fill(0);
  }
};

const secretData = (bytes: Buffer) => {
  try {
    const value = { KeyMaterial: bytes, Attribute: [] };
    const block = { KeyFormatType: KeyFormatType.Raw, KeyValue: value, CryptographicLength: bytes.length * 8 };
    return packed({ SecretData: { SecretDataType: SecretDataType.Seed, KeyBlock: block } }, 'SecretData');
  } finally {
    bytes.fill(0);
  }
};
