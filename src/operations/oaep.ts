// RSA-OAEP with one hash for the label and another for the mask (RFC 8017 section 7.1), which node:crypto does not do: it has
// the raw RSA operation, and the padding is made and taken off here.

import {
  constants,
  createHash,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { EdgeError } from '../errors.ts';

export interface OaepHashes {
  /** OpenSSL's names. */
  readonly label: string;
  readonly mask: string;
}

const digest = (hash: string, ...parts: readonly Buffer[]): Buffer => {
  const hashing = createHash(hash);
  for (const part of parts) hashing.update(part);
  return hashing.digest();
};

/** MGF1 (RFC 8017 appendix B.2.1), laid over `target`. */
const mask = (hash: string, seed: Buffer, target: Buffer): void => {
  const counter = Buffer.alloc(4);
  for (let at = 0, block = 0; at < target.length; block++) {
    counter.writeUInt32BE(block);
    for (const byte of digest(hash, seed, counter)) {
      if (at === target.length) break;
      target[at] = (target[at] ?? 0) ^ byte;
      at++;
    }
  }
};

const sizeOf = (key: KeyObject): number => Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);

/** Throws `cryptographic-failure` for data that are too long for the key. */
export const encryptOaep = (key: KeyObject, hashes: OaepHashes, label: Buffer, data: Buffer): Buffer => {
  const labelHash = digest(hashes.label, label);
  const { length } = labelHash;
  const message = Buffer.alloc(sizeOf(key));
  const start = message.length - data.length;
  if (start < 2 * length + 2) {
    throw new EdgeError('cryptographic-failure', `${data.length} bytes are too many for this key with this padding`);
  }
  const seed = message.subarray(1, 1 + length);
  const block = message.subarray(1 + length);
  randomBytes(length).copy(seed);
  labelHash.copy(block);
  message[start - 1] = 1;
  data.copy(message, start);
  mask(hashes.mask, seed, block);
  mask(hashes.mask, block, seed);
  try {
    return publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, message);
  } finally {
    message.fill(0);
  }
};

/** The caller wipes the result. Throws `cryptographic-failure`, which tells nothing of what is wrong. */
export const decryptOaep = (key: KeyObject, hashes: OaepHashes, label: Buffer, data: Buffer): Buffer => {
  const labelHash = digest(hashes.label, label);
  const { length } = labelHash;
  const message = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, data);
  try {
    if (message.length < 2 * length + 2) throw wrong();
    const seed = message.subarray(1, 1 + length);
    const block = message.subarray(1 + length);
    mask(hashes.mask, block, seed);
    mask(hashes.mask, seed, block);
    const start = startOf(block, length);
    // All is looked at before anything is said: which of them failed would be an oracle.
    const good =
      Number(timingSafeEqual(block.subarray(0, length), labelHash)) & Number(message[0] === 0) & Number(start > 0);
    if (good === 0) throw wrong();
    return Buffer.from(block.subarray(start));
  } finally {
    message.fill(0);
  }
};

/** Where the data begin: behind the first 1 after nothing but zeros; 0 where there is none. Each byte is looked at. */
const startOf = (block: Buffer, from: number): number => {
  let start = 0;
  let zerosOnly = 1;
  for (let at = from; at < block.length; at++) {
    const byte = block[at] ?? 0;
    const isOne = Number(byte === 1) & zerosOnly;
    start |= (at + 1) * isOne;
    zerosOnly &= Number(byte === 0);
  }
  return start;
};

const wrong = (): EdgeError => new EdgeError('cryptographic-failure', 'the key refused: the padding is wrong');
