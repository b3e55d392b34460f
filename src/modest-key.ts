// Keys that clients and strangers bring. OpenSSL computes with numbers of any size and cannot be interrupted: a DSA key of
// 20 KB holds the process for minutes while it is read, an RSA key of 8 KB for a minute whenever it signs. Whether its numbers
// are of a size that keys have is seen from the encoding, before OpenSSL sees any of it.

import { childrenOf, type Der, DerTag, firstDer, readDer } from './der.ts';
import { EdgeError } from './errors.ts';

/** Bits of the largest number in a public key: OpenSSL verifies with no more. */
export const largestPublic = 16_384;
/** The same for a private key, bits: it may take 0.1 s to sign then. */
export const largestPrivate = 4096;

/** An RSA key with two primes has eleven values in PKCS #8, one with five primes 31. */
const mostValues = 40;

/**
 * The DER of a key (PKCS #1, PKCS #8, SEC 1, SubjectPublicKeyInfo) without what may follow it, which is not looked at;
 * undefined where that is no DER, or where its numbers are many or have more than so many bits.
 */
export const modestKey = (bytes: Buffer, bits: number): Buffer | undefined => {
  // Before its bits an INTEGER has one for the sign.
  const longest = bits / 8 + 1;
  const root = unlessDamaged(() => firstDer(bytes));
  const open = root ? [root] : [];
  let seen = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const inner = innerOf(next);
    seen += inner?.length ?? 0;
    if (seen > mostValues || (!inner && next.content.length > longest)) return undefined;
    open.push(...(inner ?? []));
  }
  return root?.raw;
};

/** The values inside: strings too hold values where keys are. Undefined for a value by itself. */
const innerOf = (value: Der): readonly Der[] | undefined => {
  if (value.tag & constructed) return isInPieces(value) ? undefined : unlessDamaged(() => childrenOf(value));
  if (value.tag !== DerTag.octetString && value.tag !== DerTag.bitString) return undefined;
  // The first octet of a BIT STRING counts the bits that are not used.
  const inside = value.tag === DerTag.bitString ? value.content.subarray(1) : value.content;
  const inner = unlessDamaged(() => readDer(inside));
  return inner && [inner];
};

const constructed = 0x20;
const classBits = 0xc0;

/** OpenSSL puts a string together whose pieces are encoded one by one, which DER does not allow: each is small by itself. */
const isInPieces = ({ tag }: Der): boolean => (tag & classBits) === 0 && tag !== DerTag.sequence && tag !== DerTag.set;

/** What is not DER stays one value, which may be as long as a number: OpenSSL reads more than DER. */
const unlessDamaged = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (error) {
    if (error instanceof EdgeError) return undefined;
    throw error;
  }
};
