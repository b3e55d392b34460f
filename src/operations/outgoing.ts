// Objects on their way to a client (Get, Export): in the format asked for, and wrapped where that is asked for.

import { EdgeError } from '../errors.ts';
import { selectAttributes } from '../keys/attributes.ts';
import type { CachedKey } from '../keys/cache-ports.ts';
import { KeyFormatType, ObjectType } from '../kmip/enums.ts';
import type { KeyBlock } from '../kmip/key-block.ts';
import type { RequestPayload } from '../kmip/payloads/table.ts';
import { enumName } from '../kmip/since.ts';
import type { Attribute } from '../kmip/template-attribute.ts';
import { readKey, writeKey } from './asymmetric-key.ts';
import type { OperationContext } from './context.ts';
import { wrapBlock } from './key-wrap.ts';
import { type ObjectFields, unpacked } from './stored-object.ts';
import { keyBlockOf } from './symmetric-key.ts';
import { halfOf } from './usable-key.ts';

type Wanted = Pick<RequestPayload<'Get'>, 'KeyFormatType' | 'KeyCompressionType' | 'KeyWrappingSpecification'>;

const symmetricFormats: ReadonlySet<number> = new Set([KeyFormatType.Raw, KeyFormatType.TransparentSymmetricKey]);

/**
 * The field of a payload that holds the object. Throws `key-format-not-supported`, `key-compression-not-supported`,
 * `sensitive`, `not-extractable`, and what wrapping throws.
 */
export const outgoing = async (context: OperationContext, key: CachedKey, wanted: Wanted): Promise<ObjectFields> => {
  const { KeyCompressionType: compression, KeyWrappingSpecification: specification } = wanted;
  if (compression !== undefined) throw new EdgeError('key-compression-not-supported', 'keys are not compressed');
  requireGivable(key, specification !== undefined);
  const object = inFormat(context, key, wanted.KeyFormatType);
  if (!specification) return object;
  const [[field, value] = []] = Object.entries(object);
  if (field === undefined || !value || !('KeyBlock' in value)) {
    throw new EdgeError('feature-not-supported', 'only keys are given wrapped');
  }
  const attributes = await namedAttributes(context, key, specification.AttributeName);
  return { [field]: { ...value, KeyBlock: await wrapBlock(context, value.KeyBlock, specification, attributes) } };
};

/** KMIP 1.4 sections 3.48 and 3.50. */
const requireGivable = ({ uid, withheld }: CachedKey, wrapped: boolean): void => {
  if (withheld === 'not-extractable') throw new EdgeError('not-extractable', `object '${uid}' is not extractable`);
  if (withheld === 'sensitive' && !wrapped) throw new EdgeError('sensitive', `object '${uid}' is given wrapped only`);
};

const inFormat = (context: OperationContext, key: CachedKey, format: KeyFormatType | undefined): ObjectFields => {
  const { objectType, cryptographicAlgorithm, cryptographicLength, material } = key;
  const symmetric = objectType === ObjectType.SymmetricKey;
  if (symmetric && format !== undefined && !symmetricFormats.has(format)) throw unsupported(format, objectType);
  const bytes = material.export();
  context.keyBytes.push(bytes);
  if (symmetric) {
    return { SymmetricKey: { KeyBlock: keyBlockOf(bytes, format, cryptographicAlgorithm, cryptographicLength) } };
  }
  const object = unpacked(bytes, objectType);
  if (format === undefined) return object;
  const [[field, value] = []] = Object.entries(object);
  if (field === undefined || !value || !('KeyBlock' in value)) return object;
  return { [field]: { ...value, KeyBlock: converted(context, value.KeyBlock, format, objectType) } };
};

const converted = (context: OperationContext, block: KeyBlock, format: KeyFormatType, objectType: number): KeyBlock => {
  const { KeyValue: value, KeyFormatType: stored } = block;
  if (stored === format) return block;
  const half = halfOf(objectType);
  const key = half && value && !Buffer.isBuffer(value) ? readKey(half, stored, value.KeyMaterial) : undefined;
  const material = half && key && writeKey(half, key, format);
  if (!material) throw unsupported(format, objectType);
  if (Buffer.isBuffer(material)) context.keyBytes.push(material);
  return { ...block, KeyFormatType: format, KeyValue: { KeyMaterial: material, Attribute: [] } };
};

const unsupported = (format: KeyFormatType, objectType: number): EdgeError => {
  const [type, name] = [enumName(ObjectType, objectType), enumName(KeyFormatType, format)];
  return new EdgeError('key-format-not-supported', `a ${type} like this cannot be given in the format ${name}`);
};

const namedAttributes = async (
  context: OperationContext,
  { uid }: CachedKey,
  names: readonly string[],
): Promise<readonly Attribute[]> => {
  if (names.length === 0) return [];
  const { object, attributes } = await context.keys.describe(context.caller, 'Get', uid);
  // Each once: a request has room for so many names that a thousand values for each would not fit in memory.
  return selectAttributes(object, attributes, [...new Set(names)], context.version, context.now);
};
