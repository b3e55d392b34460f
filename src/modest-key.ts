// Keys that clients and strangers bring. OpenSSL computes with numbers of any size and cannot be interrupted: a DSA key of
// 20 KB holds the process for minutes while it is read, an RSA key of 8 KB for a minute whenever it signs. Whether its numbers
// are of a size that keys have is seen from the encoding, before OpenSSL sees any of it.

import { childrenOf, type Der, DerTag, readDer } from './der.ts';
import { EdgeError } from './errors.ts';

/** Bits of a number to compute with: in public keys as many as OpenSSL verifies with, in private keys what takes 0.1 s. */
export const largestPublic = 16_384;
export const largestPrivate = 4096;

/** An RSA key with two primes has eleven values in PKCS #8, one with five primes 31. */
const mostValues = 40;

/** True for the DER of a key (PKCS #1, PKCS #8, SEC 1, SubjectPublicKeyInfo) whose numbers are few and have at most `bits`. */
export const isModestKey = (der: Buffer, bits: number): boolean => {
  // Before its bits an INTEGER has one for the sign.
  const longest = bits / 8 + 1;
  const root = valueIn(der);
  const open = root ? [root] : [];
  let seen = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const inner = innerOf(next);
    seen += inner?.length ?? 0;
    if (seen > mostValues || (!inner && next.content.length > longest)) return false;
    open.push(...(inner ?? []));
  }
  return root !== undefined;
};

/** The values inside: strings too hold values where keys are. Undefined for a value by itself. */
const innerOf = (value: Der): readonly Der[] | undefined => {
  if (value.tag & constructed) return unlessDamaged(() => childrenOf(value));
  if (value.tag !== DerTag.octetString && value.tag !== DerTag.bitString) return undefined;
  // The first octet of a BIT STRING counts the bits that are not used.
  const inside = valueIn(value.tag === DerTag.bitString ? value.content.subarray(1) : value.content);
  return inside && [inside];
};

const constructed = 0x20;

const valueIn = (bytes: Buffer): Der | undefined => unlessDamaged(() => readDer(bytes));

/** What is not DER stays one value, which may be as long as a number: OpenSSL reads more than DER. */
const unlessDamaged = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (error) {
    if (error instanceof EdgeError) return undefined;
    throw error;
  }
};
