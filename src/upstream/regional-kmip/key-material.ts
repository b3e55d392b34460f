// The key inside a Get answer: an unwrapped, uncompressed symmetric key whose bytes are as many as its length says.

import { createSecretKey, type KeyObject } from 'node:crypto';
import { CryptographicAlgorithm, KeyCompressionType, KeyFormatType, ObjectType } from '../../kmip/enums.ts';
import type { KeyBlock } from '../../kmip/key-block.ts';
import type { ResponsePayload } from '../../kmip/payloads/table.ts';
import { unbelievable } from './exchange.ts';

/** Far beyond any symmetric algorithm of the standard. */
const maximumBytes = 512;

/** Triple DES counts 7 bits of each byte. */
const bitsOf = (bytes: number, algorithm: number | undefined): readonly number[] =>
  algorithm === CryptographicAlgorithm.DES3 ? [bytes * 8, bytes * 7] : [bytes * 8];

/** The key, as an object that keeps its bytes out of our heap; those in the answer are wiped. */
export const keyOf = (payload: ResponsePayload<'Get'>): KeyObject => {
  const block = payload.SymmetricKey?.KeyBlock;
  if (payload.ObjectType !== ObjectType.SymmetricKey || block === undefined) throw unbelievable('no symmetric key');
  const bytes = bytesOf(block);
  try {
    checkLength(block, bytes.length);
    return createSecretKey(bytes);
  } finally {
    bytes.fill(0);
  }
};

const bytesOf = (block: KeyBlock): Buffer => {
  if (block.KeyWrappingData !== undefined) throw unbelievable('a wrapped key where none was asked for');
  const compression = block.KeyCompressionType;
  // only elliptic curve keys can be compressed; some servers say so of every key
  if (compression !== undefined && compression !== KeyCompressionType.ECPublicKeyTypeUncompressed) {
    throw unbelievable('a compressed symmetric key');
  }
  const value = block.KeyValue;
  if (value === undefined || Buffer.isBuffer(value)) throw unbelievable('a key block without a key value');
  const material = value.KeyMaterial;
  if (block.KeyFormatType === KeyFormatType.Raw && Buffer.isBuffer(material)) return material;
  if (block.KeyFormatType === KeyFormatType.TransparentSymmetricKey && !Buffer.isBuffer(material) && material.Key) {
    return material.Key;
  }
  throw unbelievable('key material that does not fit its key format type');
};

const checkLength = ({ CryptographicLength: bits, CryptographicAlgorithm: algorithm }: KeyBlock, bytes: number) => {
  if (bytes === 0 || bytes > maximumBytes) throw unbelievable(`a key of ${bytes} bytes`);
  if (bits !== undefined && !bitsOf(bytes, algorithm).includes(bits)) {
    throw unbelievable(`a key of ${bytes} bytes that is said to have ${bits} bits`);
  }
};
