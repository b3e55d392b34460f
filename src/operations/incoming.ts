// Objects that clients bring (Register, Import): what is read out of each, and what of it is kept.

import { createSecretKey, type KeyObject } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import type { NewKey } from '../keys/new-key.ts';
import { digestOf, keySize } from '../keys/new-object.ts';
import type { KeptAttribute } from '../keys/object.ts';
import { readTemplate, type Template } from '../keys/template.ts';
import { attributeItem } from '../kmip/attributes.ts';
import { CryptographicAlgorithm, KeyFormatType, ObjectType, SecretDataType } from '../kmip/enums.ts';
import { type KeyBlock, KeyMaterial } from '../kmip/key-block.ts';
import type { ObjectField } from '../kmip/objects.ts';
import { Tag } from '../kmip/tags.ts';
import type { Attribute } from '../kmip/template-attribute.ts';
import { encodeItem } from '../kmip/ttlv.ts';
import type { Version } from '../kmip/version.ts';
import { Writer } from '../kmip/writer.ts';
import { lengthOf, readKey } from './asymmetric-key.ts';
import { certificateFacts } from './certificate-attributes.ts';
import type { OperationContext } from './context.ts';
import { unwrapBlock } from './key-wrap.ts';
import { type ObjectFields, objectIn, packed } from './stored-object.ts';
import { checkKnownLength, materialOf } from './symmetric-key.ts';
import { halfOf } from './usable-key.ts';

export interface Incoming {
  readonly key: NewKey;
  readonly material: KeyObject;
}

/** What an object says of itself. */
interface Facts {
  readonly algorithm: number | undefined;
  readonly length: number | undefined;
  readonly material: KeyObject;
  readonly attributes: readonly KeptAttribute[];
}

/** Reads the object of a payload with the attributes for it. Throws `invalid-field`, `missing-data` and the like. */
export const readIncoming = async (
  context: OperationContext,
  payload: ObjectFields,
  objectType: ObjectType,
  given: readonly Attribute[],
): Promise<Incoming> => {
  const field = objectIn(payload, objectType);
  const plain = await unwrapped(context, payload, field);
  const template = readTemplate(given, context.version);
  const facts = factsOf(context, plain, field, template);
  const required = needsAlgorithm.has(objectType);
  const cryptographicAlgorithm = agreed(
    'Cryptographic Algorithm',
    facts.algorithm,
    template.cryptographicAlgorithm,
    required,
  );
  const cryptographicLength = agreed('Cryptographic Length', facts.length, template.cryptographicLength, required);
  if (objectType === ObjectType.SymmetricKey)
    checkSymmetric(cryptographicAlgorithm, cryptographicLength, facts.material);
  const key = {
    objectType,
    cryptographicAlgorithm,
    cryptographicLength,
    cryptographicUsageMask: template.cryptographicUsageMask ?? 0,
    dates: template.dates,
    attributes: [...template.attributes, ...facts.attributes],
    ...(template.fresh === undefined ? {} : { fresh: template.fresh }),
  };
  return { key, material: facts.material };
};

/** KMIP 1.4 section 4.3, table 164: of these the object or the attributes have to say algorithm and length. */
const needsAlgorithm: ReadonlySet<number> = new Set([
  ObjectType.SymmetricKey,
  ObjectType.PublicKey,
  ObjectType.PrivateKey,
  ObjectType.SplitKey,
]);

const unwrapped = async (
  context: OperationContext,
  payload: ObjectFields,
  field: ObjectField,
): Promise<ObjectFields> => {
  const object = payload[field];
  if (!object || !('KeyBlock' in object) || !object.KeyBlock.KeyWrappingData) return payload;
  return { [field]: { ...object, KeyBlock: await unwrapBlock(context, object.KeyBlock) } };
};

const factsOf = (
  { version }: OperationContext,
  payload: ObjectFields,
  field: ObjectField,
  template: Template,
): Facts => {
  const { Certificate: certificate, OpaqueObject: opaque, Template: templateObject, SymmetricKey: symmetric } = payload;
  if (symmetric) return symmetricFacts(symmetric.KeyBlock, template);
  const bare = { algorithm: undefined, length: undefined, attributes: [] };
  if (certificate) {
    const { attributes, keyType, keyLength } = certificateFacts(
      certificate.CertificateType,
      certificate.CertificateValue,
    );
    const digest = digestOf(certificate.CertificateValue, KeyFormatType.X_509);
    const algorithm = keyType === undefined ? undefined : algorithms[keyType];
    return { algorithm, length: keyLength, material: packed(payload, field), attributes: [...attributes, digest] };
  }
  if (opaque)
    return {
      ...bare,
      material: packed(payload, field),
      attributes: [digestOf(opaque.OpaqueDataValue, undefined), opaqueType(opaque.OpaqueDataType)],
    };
  if (templateObject) {
    // Refused now rather than when it is used.
    readTemplate(templateObject.Attribute, version);
    return {
      ...bare,
      material: packed(payload, field),
      attributes: ownNames(templateObject.Attribute, template, version),
    };
  }
  return keyFacts(payload, field, version);
};

/** Clients of KMIP 1.0 name a template among its own attributes. */
const ownNames = (attributes: readonly Attribute[], template: Template, version: Version): readonly KeptAttribute[] => {
  if (template.attributes.some(({ name }) => name === 'Name')) return [];
  return readTemplate(attributes, version).attributes.filter(({ name }) => name === 'Name');
};

const symmetricFacts = (block: KeyBlock, template: Template): Facts => {
  const material = materialOf(block);
  const algorithm = block.CryptographicAlgorithm;
  const size = material.symmetricKeySize ?? 0;
  const des = desLengths[size];
  const isDes = (algorithm ?? template.cryptographicAlgorithm) === CryptographicAlgorithm.DES3;
  const real = isDes && des !== undefined ? des : size * 8;
  const stated = block.CryptographicLength;
  if (stated !== undefined && stated !== real && stated !== size * 8) {
    throw new EdgeError('invalid-field', `the key block states ${stated} bits and holds ${size * 8}`);
  }
  return { algorithm, length: stated ?? real, material, attributes: [] };
};

/** Bits of a key of DES by its bytes: one bit of eight is parity. */
const desLengths: Readonly<Record<number, number>> = { 8: 56, 16: 112, 24: 168 };

/** Some clients count the parity of DES keys in. */
const checkSymmetric = (algorithm: number, bits: number, material: KeyObject): void => {
  checkKnownLength(algorithm, bits);
  const size = material.symmetricKeySize ?? 0;
  if (keySize({ cryptographicAlgorithm: algorithm, cryptographicLength: bits }) === size || bits === size * 8) return;
  throw new EdgeError('invalid-field', `Cryptographic Length is ${bits} and the key has ${size * 8} bits`);
};

/** Keys in halves, split keys, secret data, PGP keys: their key block. */
const keyFacts = (payload: ObjectFields, field: ObjectField, version: Version): Facts => {
  const object = payload[field];
  const block = object && 'KeyBlock' in object ? object.KeyBlock : undefined;
  const value = block?.KeyValue;
  if (!block || !value || Buffer.isBuffer(value)) throw new EdgeError('missing-data', 'the key block has no key value');
  const half = halfOf(ObjectType[field]);
  const key = half && readKey(half, block.KeyFormatType, value.KeyMaterial);
  const type = key?.asymmetricKeyType;
  // A password would be guessed from its digest.
  const secret = payload.SecretData?.SecretDataType === SecretDataType.Password;
  const bytes = secret ? undefined : encodedMaterial(value.KeyMaterial, version);
  return {
    algorithm: block.CryptographicAlgorithm ?? (type === undefined ? undefined : algorithms[type]),
    length: block.CryptographicLength ?? (key && lengthOf(key)),
    material: packed(payload, field),
    attributes: bytes ? [digestOf(bytes, block.KeyFormatType)] : [],
  };
};

/** An attribute since KMIP 2.0. */
const opaqueType = (type: number): KeptAttribute => ({
  name: 'Opaque Data Type',
  index: 0,
  value: encodeItem(attributeItem('Opaque Data Type', type)),
});

/** What a digest is made of (KMIP 1.4 section 3.17): the bytes, or the structure as it is encoded. */
const encodedMaterial = (material: KeyMaterial, version: Version): Buffer => {
  if (Buffer.isBuffer(material)) return material;
  const writer = new Writer(version, 8192);
  KeyMaterial.encode(writer, Tag.KeyMaterial, material);
  return writer.finish();
};

/** By the names of OpenSSL. */
const algorithms: Readonly<Record<string, CryptographicAlgorithm>> = {
  rsa: CryptographicAlgorithm.RSA,
  'rsa-pss': CryptographicAlgorithm.RSA,
  dsa: CryptographicAlgorithm.DSA,
  dh: CryptographicAlgorithm.DH,
  ec: CryptographicAlgorithm.EC,
  ed25519: CryptographicAlgorithm.Ed25519,
  ed448: CryptographicAlgorithm.Ed448,
};

/** What the object and the attributes say has to be the same (KMIP 1.4 section 11.4); 0 where neither says it. */
const agreed = (
  name: string,
  inObject: number | undefined,
  inTemplate: number | undefined,
  required: boolean,
): number => {
  const value = inObject ?? inTemplate;
  if (value === undefined && required) throw new EdgeError('missing-data', `Register needs the attribute ${name}`);
  if (inTemplate !== undefined && inTemplate !== value) {
    throw new EdgeError('invalid-field', `${name} is ${value} in the key block and ${inTemplate} in the template`);
  }
  return value ?? 0;
};

/** Material that was made here, as an object to register. */
export const secretOf = (bytes: Buffer): KeyObject => {
  try {
    return createSecretKey(bytes);
  } finally {
    bytes.fill(0);
  }
};
