// What an X.509 certificate says of itself, from its encoding (RFC 5280 section 4.1). The parts of its names are not read with
// X509Certificate.toLegacyObject(): that ends the process where the public key cannot be decoded (Node 24.21).

import { childAt, childrenOf, contextTag, type Der, DerTag, oidOf, readDer } from '../der.ts';
import { EdgeError } from '../errors.ts';
import type { certificateParts } from '../kmip/attribute-table.ts';

export interface CertificateFields {
  /** Each with tag and length. */
  readonly serial: Buffer;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly publicKey: Buffer;
}

/** Throws `invalid-field` where the encoding is broken. */
export const certificateFields = (der: Buffer): CertificateFields => {
  const fields = childrenOf(childAt(readDer(der), 0, DerTag.sequence));
  // The version is left out of a certificate of version 1.
  const [serial, , issuer, , subject, publicKey] = fields[0]?.tag === contextTag(0) ? fields.slice(1) : fields;
  if (!serial || !issuer || !subject || !publicKey) throw new EdgeError('invalid-field', 'a part of it is missing');
  return { serial: serial.raw, issuer: issuer.raw, subject: subject.raw, publicKey: publicKey.raw };
};

type NamePart = (typeof certificateParts)[number];

/** Each becomes an attribute that is stored: a name of a megabyte has room for sixty thousand. */
const mostParts = 100;

/** The first hundred parts of a name in DER that KMIP has an attribute for, in their order. Throws `invalid-field`. */
export const nameParts = (name: Buffer): readonly (readonly [part: NamePart, value: string])[] =>
  childrenOf(readDer(name))
    .flatMap(childrenOf)
    .flatMap((pair) => {
      const [id, value] = childrenOf(pair);
      const part = id && partsById[oidOf(id)];
      return part && value ? [[part, textOf(value)] as const] : [];
    })
    .slice(0, mostParts);

/** The attributes of X.520, of RFC 4519 and of PKCS #9. */
const partsById: Readonly<Partial<Record<string, NamePart>>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'Serial Number',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'Title',
  '2.5.4.46': 'DN Qualifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'Email',
};

const utf8String = 0x0c;
const universalString = 0x1c;
const bmpString = 0x1e;

/** A string of any of the types that a part of a name may have (RFC 5280 appendix A.1). */
const textOf = ({ tag, content }: Der): string => {
  switch (tag) {
    case utf8String:
      return content.toString('utf8');
    case bmpString:
      return unitsOf(content, 2);
    case universalString:
      return unitsOf(content, 4);
    default:
      return content.toString('latin1');
  }
};

const unitsOf = (content: Buffer, size: 2 | 4): string => {
  let text = '';
  for (let at = 0; at + size <= content.length; at += size) text += characterOf(content.readUIntBE(at, size));
  return text;
};

const lastCodePoint = 0x10_ffff;

const characterOf = (code: number): string => (code > lastCodePoint ? '\u{fffd}' : String.fromCodePoint(code));
