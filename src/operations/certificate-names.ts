// The parts of a certificate's names (RFC 5280 section 4.1.2.4). They are not read with X509Certificate.toLegacyObject(): that
// ends the process where the public key cannot be decoded (Node 24.21).

import { childrenOf, type Der, DerTag, oidOf } from '../der.ts';
import { EdgeError } from '../errors.ts';
import type { certificateParts } from '../kmip/attribute-table.ts';

type NamePart = (typeof certificateParts)[number];

/** Each becomes an attribute that is stored: a name of a megabyte has room for sixty thousand. */
const mostParts = 100;

/** The first hundred parts of a name that KMIP has an attribute for, in their order; none where it is damaged. */
export const nameParts = (name: Der): readonly (readonly [part: NamePart, value: string])[] => {
  try {
    return childrenOf(name).flatMap(childrenOf).flatMap(partOf).slice(0, mostParts);
  } catch (error) {
    if (error instanceof EdgeError) return [];
    throw error;
  }
};

const partOf = (pair: Der): readonly (readonly [part: NamePart, value: string])[] => {
  const [id, value] = childrenOf(pair);
  const part = id?.tag === DerTag.oid ? partsById[oidOf(id)] : undefined;
  const text = value && textOf(value);
  return part !== undefined && text !== undefined ? [[part, text]] : [];
};

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
/** Numeric, Printable, Teletex, IA5, Visible and General: each octet is a character. */
const octetStrings: ReadonlySet<number> = new Set([0x12, 0x13, 0x14, 0x16, 0x1a, 0x1b]);

/** A string of any of the types that a part of a name may have (RFC 5280 appendix A.1); undefined for what is none. */
const textOf = ({ tag, content }: Der): string | undefined => {
  switch (tag) {
    case utf8String:
      return content.toString('utf8');
    case bmpString:
      return unitsOf(content, 2);
    case universalString:
      return unitsOf(content, 4);
    default:
      return octetStrings.has(tag) ? content.toString('latin1') : undefined;
  }
};

const unitsOf = (content: Buffer, size: 2 | 4): string => {
  let text = '';
  for (let at = 0; at + size <= content.length; at += size) text += characterOf(content.readUIntBE(at, size));
  return text;
};

const lastCodePoint = 0x10_ffff;

const characterOf = (code: number): string => (code > lastCodePoint ? '\u{fffd}' : String.fromCodePoint(code));
