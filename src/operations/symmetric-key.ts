// What Create, Register and Get share about symmetric keys: the lengths that an algorithm has, and the way between a key
// block and key material.

import { createSecretKey, type KeyObject } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import { CryptographicAlgorithm, KeyFormatType } from '../kmip/enums.ts';
import type { KeyBlock } from '../kmip/key-block.ts';
import { enumName } from '../kmip/since.ts';

/** Lengths in bits. */
const blockCipherLengths: Readonly<Partial<Record<CryptographicAlgorithm, readonly number[]>>> = {
  [CryptographicAlgorithm.AES]: [128, 192, 256],
  [CryptographicAlgorithm.Camellia]: [128, 192, 256],
  [CryptographicAlgorithm.ARIA]: [128, 192, 256],
  // without the parity bits
  [CryptographicAlgorithm.DES3]: [112, 168],
  [CryptographicAlgorithm.ChaCha20]: [256],
  [CryptographicAlgorithm.ChaCha20Poly1305]: [256],
  [CryptographicAlgorithm.Twofish]: [128, 192, 256],
  [CryptographicAlgorithm.SKIPJACK]: [80],
  [CryptographicAlgorithm.IDEA]: [128],
  [CryptographicAlgorithm.SEED]: [128],
  [CryptographicAlgorithm.SM4]: [128],
};
const macAlgorithms: ReadonlySet<number> = new Set([
  CryptographicAlgorithm.HMAC_SHA1,
  CryptographicAlgorithm.HMAC_SHA224,
  CryptographicAlgorithm.HMAC_SHA256,
  CryptographicAlgorithm.HMAC_SHA384,
  CryptographicAlgorithm.HMAC_SHA512,
]);
const longestBytes = 4096;

/** Throws `invalid-field` for a length that the algorithm does not have, or an algorithm that we make no keys for. */
export const checkLength = (algorithm: number, bits: number): void => {
  checkKnownLength(algorithm, bits);
  if (blockCipherLengths[algorithm as CryptographicAlgorithm]) return;
  const name = enumName(CryptographicAlgorithm, algorithm);
  if (!macAlgorithms.has(algorithm)) throw new EdgeError('invalid-field', `keys for ${name} are not made here`);
  if (bits % 8 !== 0 || bits < 64 || bits > longestBytes * 8) {
    throw new EdgeError('invalid-field', `a key for ${name} cannot have ${bits} bits`);
  }
};

/** The same for a key that a client brings: of an algorithm that we do not know, any length is taken. */
export const checkKnownLength = (algorithm: number, bits: number): void => {
  const lengths = blockCipherLengths[algorithm as CryptographicAlgorithm];
  if (!lengths || lengths.includes(bits) || isWithParity(algorithm, bits)) return;
  const name = enumName(CryptographicAlgorithm, algorithm);
  throw new EdgeError('invalid-field', `${name} has keys of ${lengths.join(', ')} bits, not ${bits}`);
};

/** Some clients that bring a key of DES count its parity in. */
const isWithParity = (algorithm: number, bits: number): boolean =>
  algorithm === CryptographicAlgorithm.DES3 && (bits === 128 || bits === 192);

/** The material in a key block that a client brings (KMIP 1.4 section 2.1.3). The caller's message is wiped later. */
export const materialOf = (block: KeyBlock): KeyObject => {
  if (block.KeyWrappingData) throw new EdgeError('feature-not-supported', 'wrapped keys are not taken in');
  if (block.KeyCompressionType !== undefined) {
    throw new EdgeError('key-compression-not-supported', 'compressed keys are not taken in');
  }
  const { KeyValue: value } = block;
  if (!value) throw new EdgeError('missing-data', 'the key block has no key value');
  const bytes = Buffer.isBuffer(value) ? undefined : bytesOf(block.KeyFormatType, value.KeyMaterial);
  if (!bytes) {
    const format = enumName(KeyFormatType, block.KeyFormatType);
    throw new EdgeError('key-format-not-supported', `a symmetric key in the format ${format} is not taken in`);
  }
  if (bytes.length === 0 || bytes.length > longestBytes) {
    throw new EdgeError('invalid-field', `a key of ${bytes.length} bytes is not taken in, 1 to ${longestBytes} are`);
  }
  return createSecretKey(bytes);
};

const bytesOf = (format: number, material: Buffer | { readonly Key?: Buffer | undefined }): Buffer | undefined => {
  if (format === KeyFormatType.TransparentSymmetricKey) return Buffer.isBuffer(material) ? undefined : material.Key;
  const opaque = format === KeyFormatType.Raw || format === KeyFormatType.Opaque;
  return opaque && Buffer.isBuffer(material) ? material : undefined;
};

/** The key block of a Get answer: Raw unless the client asked for the transparent form. */
export const keyBlockOf = (bytes: Buffer, format: number | undefined, algorithm: number, bits: number): KeyBlock => {
  const transparent = format === KeyFormatType.TransparentSymmetricKey;
  return {
    KeyFormatType: transparent ? KeyFormatType.TransparentSymmetricKey : KeyFormatType.Raw,
    KeyValue: { KeyMaterial: transparent ? { Key: bytes } : bytes, Attribute: [] },
    CryptographicAlgorithm: algorithm as CryptographicAlgorithm,
    CryptographicLength: bits,
  };
};
