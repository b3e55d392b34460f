// Reads single TTLV values straight out of the bytes of a message (KMIP 1.4 section 9.1.1). Every function takes the
// offset of an item's tag; `itemEnd` has to have accepted that item before any of the others is called for it. Nothing
// is copied: a byte string shares memory with the message.

import { isUtf8 } from 'node:buffer';
import { EdgeError } from '../errors.ts';
import { itemTypeName } from './item.ts';
import { tagName } from './tags.ts';

/** Bytes before the value: tag 3, type 1, length 4. */
export const headerSize = 8;
/** How deep structures may nest, the message itself included: KMIP's own deepest is about ten. */
export const maximumDepth = 32;

export const tagAt = (bytes: Buffer, at: number): number => bytes.readUInt32BE(at) >>> 8;
export const typeAt = (bytes: Buffer, at: number): number => bytes[at + 3] ?? 0;
export const lengthAt = (bytes: Buffer, at: number): number => bytes.readUInt32BE(at + 4);

/** A value's length on the wire: padded to a multiple of eight (section 9.1.1.3). Not `| 7`, which wraps at 2^31. */
export const paddedLength = (length: number): number => length + ((8 - (length % 8)) % 8);

export const invalidMessage = (message: string): EdgeError => new EdgeError('invalid-message', message);

/** Where the item at `at` ends, padding included, having checked that it lies before `limit`. */
export const itemEnd = (bytes: Buffer, at: number, limit: number): number => {
  if (limit - at < headerSize) throw invalidMessage(`${limit - at} bytes at offset ${at} are too few for an item`);
  const end = at + headerSize + paddedLength(lengthAt(bytes, at));
  if (end > limit) throw overrun(bytes, at, limit);
  return end;
};

const overrun = (bytes: Buffer, at: number, limit: number): EdgeError =>
  invalidMessage(
    `${tagName(tagAt(bytes, at))} has length ${lengthAt(bytes, at)} where ${limit - at - headerSize} bytes are left`,
  );

const expectLength = (bytes: Buffer, at: number, expected: number): void => {
  const length = lengthAt(bytes, at);
  if (length === expected) return;
  const what = `${tagName(tagAt(bytes, at))}: ${itemTypeName(typeAt(bytes, at))}`;
  throw invalidMessage(`${what} of length ${length}, not ${expected}`);
};

export const readInteger = (bytes: Buffer, at: number): number => {
  expectLength(bytes, at, 4);
  return bytes.readInt32BE(at + headerSize);
};

/** Enumeration and Interval: four bytes without a sign. */
export const readUnsigned = (bytes: Buffer, at: number): number => {
  expectLength(bytes, at, 4);
  return bytes.readUInt32BE(at + headerSize);
};

/** Long Integer, Date-Time and Date-Time Extended: eight bytes with a sign. */
export const readLong = (bytes: Buffer, at: number): bigint => {
  expectLength(bytes, at, 8);
  return bytes.readBigInt64BE(at + headerSize);
};

/** Big Integer: two's complement, any multiple of eight bytes. */
export const readBig = (bytes: Buffer, at: number): bigint => {
  const length = lengthAt(bytes, at);
  if (length === 0 || length % 8 !== 0) {
    throw invalidMessage(`${tagName(tagAt(bytes, at))}: BigInteger of length ${length}, not a multiple of 8`);
  }
  const start = at + headerSize;
  return BigInt.asIntN(length * 8, BigInt(`0x${bytes.toString('hex', start, start + length)}`));
};

export const readBoolean = (bytes: Buffer, at: number): boolean => {
  expectLength(bytes, at, 8);
  const high = bytes.readUInt32BE(at + headerSize);
  const low = bytes.readUInt32BE(at + headerSize + 4);
  if (high !== 0 || low > 1) throw invalidMessage(`${tagName(tagAt(bytes, at))}: Boolean is neither 0 nor 1`);
  return low === 1;
};

/** Texts up to this length are looked through here, which is quicker than two calls into Node. */
const shortText = 64;

export const readText = (bytes: Buffer, at: number): string => {
  const start = at + headerSize;
  const end = start + lengthAt(bytes, at);
  if (end - start <= shortText && isAscii(bytes, start, end)) return bytes.toString('latin1', start, end);
  if (!isUtf8(bytes.subarray(start, end))) {
    throw invalidMessage(`${tagName(tagAt(bytes, at))}: TextString is not valid UTF-8`);
  }
  return bytes.toString('utf8', start, end);
};

const isAscii = (bytes: Buffer, start: number, end: number): boolean => {
  for (let at = start; at < end; at++) if ((bytes[at] ?? 0) >= 0x80) return false;
  return true;
};

/** A view, not a copy: whoever keeps the value beyond the request copies it. */
export const readBytes = (bytes: Buffer, at: number): Buffer => {
  const start = at + headerSize;
  return bytes.subarray(start, start + lengthAt(bytes, at));
};
