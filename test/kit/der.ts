// Writes DER by hand: certificates without a tool, and keys and certificates that no tool would make.

import { randomBytes } from 'node:crypto';

/** One value: its tag, its length in the shortest form, its content. */
export const der = (tag: number, ...content: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
};

const lengthOf = (length: number): Buffer => {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = Buffer.from(length.toString(16).padStart(8, '0'), 'hex');
  const start = bytes.findIndex((byte) => byte !== 0);
  return Buffer.concat([Buffer.from([0x80 | (4 - start)]), bytes.subarray(start)]);
};

export const sequence = (...content: readonly Uint8Array[]): Buffer => der(0x30, ...content);
export const octets = (content: Buffer): Buffer => der(4, content);
export const bits = (content: Uint8Array, unused = 0): Buffer => der(3, Buffer.of(unused), content);
export const oid = (hex: string): Buffer => der(6, Buffer.from(hex, 'hex'));
export const small = (value: number): Buffer => der(2, Buffer.from([value]));
const nothing = der(5);

/** An odd number of so many bytes, the first bit of which is set. */
export const number = (bytes: number): Buffer => {
  const value = randomBytes(bytes);
  value.writeUInt8(value.readUInt8(0) | 0x80, 0);
  value.writeUInt8(value.readUInt8(bytes - 1) | 1, bytes - 1);
  return der(2, Buffer.from([0]), value);
};

const rsa = oid('2a864886f70d010101');
const dsa = oid('2a8648ce380401');

/** PKCS #1, sizes in bytes; what is left out is as large as it belongs to the modulus. */
export const rsaPrivate = (
  modulus: number,
  { exponent = modulus, prime = modulus / 2 } = {},
  ...more: Buffer[]
): Buffer =>
  sequence(
    small(more.length > 0 ? 1 : 0),
    number(modulus),
    der(2, Buffer.from([1, 0, 1])),
    number(exponent),
    ...Array.from({ length: 5 }, () => number(prime)),
    ...more,
  );

/** Primes of a key with more than two of them. */
export const otherPrimes = (count: number, bytes: number): Buffer =>
  sequence(...Array.from({ length: count }, () => sequence(number(bytes), number(bytes), number(bytes))));

/** PKCS #1 */
export const rsaPublic = (modulus: number, exponent: number): Buffer => sequence(number(modulus), number(exponent));

/** SubjectPublicKeyInfo */
export const rsaInfo = (pkcs1: Buffer): Buffer => sequence(sequence(rsa, nothing), bits(pkcs1));

/** PKCS #8 */
export const dsaPrivate = (modulus: number, exponent = 20): Buffer =>
  sequence(small(0), sequence(dsa, sequence(number(modulus), number(20), number(modulus))), octets(number(exponent)));

/** A name of parts, each an object identifier in hexadecimal with a value in DER. */
export const nameOf = (...parts: readonly (readonly [id: string, value: Buffer])[]): Buffer =>
  sequence(...parts.map(([id, value]) => der(0x31, sequence(oid(id), value))));

export const commonName = (text: string): Buffer => nameOf(['550403', der(0x0c, Buffer.from(text))]);

export interface CertificateDraft {
  readonly subject: Buffer;
  readonly issuer?: Buffer;
  /** SubjectPublicKeyInfo */
  readonly publicKey: Buffer;
}

const withSha256 = sequence(oid('2a864886f70d01010b'), nothing);
const year = 365 * 24 * 60 * 60 * 1000;
const time = (milliseconds: number): Buffer =>
  der(0x17, Buffer.from(new Date(milliseconds).toISOString().replaceAll(/^20|[-:T]|\.\d+/g, '')));
const anAuthority = sequence(oid('551d13'), der(1, Buffer.from([0xff])), octets(sequence(der(1, Buffer.from([0xff])))));

/** An authority's certificate that is good this year but for its signature, which nobody made. */
export const certificateDer = ({ subject, issuer = subject, publicKey }: CertificateDraft): Buffer =>
  sequence(
    sequence(
      der(0xa0, small(2)),
      number(8),
      withSha256,
      issuer,
      sequence(time(Date.now() - year), time(Date.now() + year)),
      subject,
      publicKey,
      der(0xa3, sequence(anAuthority)),
    ),
    withSha256,
    bits(randomBytes(256)),
  );
