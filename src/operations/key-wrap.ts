// Keys wrapped by another managed key (KMIP 1.4 sections 2.1.5 and 2.1.6): NIST key wrap, the same with padding, and RSA with
// a public key. Other methods, and signatures over wrapped keys, are refused.

import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { EdgeError, type ErrorKind, type FinerReason, messageOf } from '../errors.ts';
import type { CryptographicParameters } from '../kmip/attribute-values.ts';
import { BlockCipherMode, EncodingOption, ObjectType, WrappingMethod } from '../kmip/enums.ts';
import { type KeyBlock, type KeyWrappingSpecification, PlainKeyValue } from '../kmip/key-block.ts';
import { Tag } from '../kmip/tags.ts';
import type { Attribute } from '../kmip/template-attribute.ts';
import type { Version } from '../kmip/version.ts';
import { Writer } from '../kmip/writer.ts';
import type { OperationContext } from './context.ts';
import { decryptByKey, encryptByKey } from './signature.ts';
import { asymmetricOf, type UsableKey, useKey } from './usable-key.ts';

/** RFC 3394 section 2.2.3.1 and RFC 5649 section 3. */
const forms = {
  [BlockCipherMode.NISTKeyWrap]: { suffix: 'wrap', iv: Buffer.alloc(8, 0xa6) },
  [BlockCipherMode.AESKeyWrapPadding]: { suffix: 'wrap-pad', iv: Buffer.from('a65959a6', 'hex') },
} as const;

/**
 * `block` wrapped as `specification` asks; `attributes` are those that it names, to be wrapped with the key. Throws
 * `feature-not-supported` for a method that is not done, `encoding-option-error`, and what using the wrapping key throws.
 */
export const wrapBlock = async (
  context: OperationContext,
  block: KeyBlock,
  specification: KeyWrappingSpecification,
  attributes: readonly Attribute[],
): Promise<KeyBlock> => {
  const { WrappingMethod: method, EncryptionKeyInformation: information, EncodingOption: option } = specification;
  if (method !== WrappingMethod.Encrypt || !information) throw unsupported();
  const value = block.KeyValue;
  if (!value || Buffer.isBuffer(value)) throw new EdgeError('encoding-option-error', 'the key is wrapped already');
  const plain = option === EncodingOption.NoEncoding;
  if (plain && (attributes.length > 0 || !Buffer.isBuffer(value.KeyMaterial))) {
    throw new EdgeError('encoding-option-error', 'without an encoding only the bytes of a key are wrapped');
  }
  const use = { operation: 'Get', bit: 'WrapKey', kind: 'protect', bytes: 0 } as const;
  const key = await wrappingKey(
    useKey(context, information.UniqueIdentifier, use, information.CryptographicParameters),
  );
  const bytes = plain ? (value.KeyMaterial as Buffer) : encoded({ ...value, Attribute: attributes }, context.version);
  const wrapped = encrypted(key, bytes);
  if (!plain) bytes.fill(0);
  return {
    ...block,
    KeyValue: wrapped,
    KeyWrappingData: {
      WrappingMethod: method,
      EncryptionKeyInformation: { ...information, UniqueIdentifier: key.object.uid },
      EncodingOption: option,
    },
  };
};

/** A block that came wrapped, opened by the key that it names. Throws as {@link wrapBlock}, and `cryptographic-failure`. */
export const unwrapBlock = async (context: OperationContext, block: KeyBlock): Promise<KeyBlock> => {
  const { KeyWrappingData: data, KeyValue: value, ...rest } = block;
  if (!data) return block;
  const information = data.EncryptionKeyInformation;
  if (data.WrappingMethod !== WrappingMethod.Encrypt || !information) throw unsupported();
  const use = { operation: 'Register', bit: 'UnwrapKey', kind: 'process', bytes: 0 } as const;
  const key = await useKey(context, information.UniqueIdentifier, use, information.CryptographicParameters);
  if (Buffer.isBuffer(value)) {
    const bytes = decrypted(key, value);
    context.keyBytes.push(bytes);
    if (data.EncodingOption === EncodingOption.NoEncoding) {
      return { ...rest, KeyValue: { KeyMaterial: bytes, Attribute: [] } };
    }
    return { ...rest, KeyValue: PlainKeyValue.decode({ bytes, version: context.version, depth: 6 }, 0) };
  }
  // Some write the wrapped bytes as the material of a plain key value.
  if (!value || !Buffer.isBuffer(value.KeyMaterial)) throw new EdgeError('invalid-field', 'there is no wrapped key');
  const bytes = decrypted(key, value.KeyMaterial);
  context.keyBytes.push(bytes);
  return { ...rest, KeyValue: { ...value, KeyMaterial: bytes } };
};

const unsupported = (): EdgeError =>
  new EdgeError('feature-not-supported', 'keys are wrapped by encryption alone, with a key that is named', {
    finer: 'KeyWrapTypeNotSupported',
  });

/** What is wrong with the wrapping key is not said of the key that it should wrap. */
const wrappingKey = async (using: Promise<UsableKey>): Promise<UsableKey> => {
  try {
    return await using;
  } catch (error) {
    const finer = error instanceof EdgeError ? ofWrappingKey[error.kind] : undefined;
    if (!(error instanceof EdgeError) || !finer) throw error;
    throw new EdgeError(error.kind, error.message, { cause: error, finer });
  }
};

const ofWrappingKey: Readonly<Partial<Record<ErrorKind, FinerReason>>> = {
  'item-not-found': 'WrappingObjectNotFound',
  'object-archived': 'WrappingObjectArchived',
};

const encoded = (value: PlainKeyValue, version: Version): Buffer => {
  const writer = new Writer(version, 8192);
  PlainKeyValue.encode(writer, Tag.KeyValue, value);
  return writer.finish();
};

const encrypted = (key: UsableKey, plain: Buffer): Buffer =>
  key.object.objectType === ObjectType.SymmetricKey
    ? byAes(key.material, key.parameters, (name, bytes, iv) => createCipheriv(name, bytes, iv), plain)
    : encryptByKey(asymmetricOf(key), key.parameters, plain);

const decrypted = (key: UsableKey, wrapped: Buffer): Buffer =>
  key.object.objectType === ObjectType.SymmetricKey
    ? byAes(key.material, key.parameters, (name, bytes, iv) => createDecipheriv(name, bytes, iv), wrapped)
    : decryptByKey(asymmetricOf(key), key.parameters, wrapped);

type MakeCipher = (name: string, key: Buffer, iv: Buffer) => { update(data: Buffer): Buffer; final(): Buffer };

const byAes = (
  material: KeyObject,
  { BlockCipherMode: mode = BlockCipherMode.NISTKeyWrap }: CryptographicParameters,
  make: MakeCipher,
  data: Buffer,
): Buffer => {
  const form = mode in forms ? forms[mode as keyof typeof forms] : undefined;
  if (!form) throw new EdgeError('feature-not-supported', 'keys are wrapped by NIST key wrap and RSA alone');
  const key = material.export();
  try {
    const cipher = make(`id-aes${key.length * 8}-${form.suffix}`, key, form.iv);
    return Buffer.concat([cipher.update(data), cipher.final()]);
  } catch (error) {
    throw new EdgeError('cryptographic-failure', `the key could not be wrapped or unwrapped: ${messageOf(error)}`);
  } finally {
    key.fill(0);
  }
};
