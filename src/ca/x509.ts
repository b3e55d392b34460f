// What Node does not tell of a certificate: its names and key as they are encoded, who signed how, and its extensions.

import { hash, type X509Certificate } from 'node:crypto';
import { certificateFields } from '../certificate-fields.ts';
import { childAt, childrenOf, contextTag, type Der, DerTag, oidOf, readDer, smallInteger } from '../der.ts';

export interface Extension {
  readonly critical: boolean;
  /** What is inside its OCTET STRING. */
  readonly value: Buffer;
}

export interface X509Parts {
  /** Names and key, each with tag and length. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly publicKey: Buffer;
  /** The AlgorithmIdentifier of the signature. */
  readonly signature: Der;
  /** By object identifier. */
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** Object identifiers of RFC 5280 section 4.2. */
export const ExtensionId = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** The parts of a certificate in DER. Throws `invalid-field`. */
export const x509Parts = (der: Buffer): X509Parts => {
  const { issuer, subject, publicKey, signature, extensions } = certificateFields(der);
  return {
    ...{ issuer: issuer.raw, subject: subject.raw, publicKey: publicKey.raw, signature },
    extensions: extensions ? extensionsOf(extensions) : new Map(),
  };
};

const extensionsOf = (list: Der): ReadonlyMap<string, Extension> =>
  new Map(
    childrenOf(list).map((extension) => {
      const [id, second, third] = childrenOf(extension);
      const critical = second?.tag === DerTag.boolean && second.content[0] !== 0;
      const value = second?.tag === DerTag.octetString ? second : third;
      return [id ? oidOf(id) : '', { critical, value: value?.content ?? Buffer.alloc(0) }];
    }),
  );

/** RSA and ECDSA with SHA-2, Ed25519, Ed448. */
const strong: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.11',
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.2.840.10045.4.3.2',
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
  '1.3.101.112',
  '1.3.101.113',
]);
const rsaPss = '1.2.840.113549.1.1.10';
const sha2: ReadonlySet<string> = new Set([
  '2.16.840.1.101.3.4.2.1',
  '2.16.840.1.101.3.4.2.2',
  '2.16.840.1.101.3.4.2.3',
]);

/** False for MD5 and SHA-1, under which somebody else's certificate may carry the same signature. */
export const isStrongSignature = ({ signature }: Pick<X509Parts, 'signature'>): boolean => {
  const algorithm = oidOf(childAt(signature, 0, DerTag.oid));
  return algorithm === rsaPss ? sha2.has(pssHash(signature)) : strong.has(algorithm);
};

/** RFC 4055 section 3.1: without the field it is SHA-1. */
const pssHash = (signature: Der): string => {
  const field = childrenOf(childAt(signature, 1, DerTag.sequence)).find(({ tag }) => tag === contextTag(0));
  return field ? oidOf(childAt(childAt(field, 0, DerTag.sequence), 0, DerTag.oid)) : '';
};

/** How many intermediate authorities may follow an authority; undefined where it does not say. */
export const pathLengthOf = ({ extensions }: X509Parts): number | undefined => {
  const extension = extensions.get(ExtensionId.basicConstraints);
  if (!extension) return undefined;
  const length = childrenOf(readDer(extension.value)).find(({ tag }) => tag === DerTag.integer);
  // One that makes no sense allows none.
  return length && (smallInteger(length) ?? 0);
};

/** Purposes in dots; undefined where the certificate is not bound to any. */
export const purposesOf = ({ extensions }: X509Parts): readonly string[] | undefined => {
  const extension = extensions.get(ExtensionId.extendedKeyUsage);
  return extension && childrenOf(readDer(extension.value)).map(oidOf);
};

/** SHA-256 of the public key with its algorithm (SubjectPublicKeyInfo), lower-case hexadecimal. */
export const keyFingerprintOf = (certificate: X509Certificate): string =>
  hash('sha256', certificate.publicKey.export({ type: 'spki', format: 'der' }), 'hex');

/**
 * A name as Node gives it, on one line: `C=US, O=Example, CN=vc01`, in the order of the certificate. OpenSSL escapes commas
 * and line breaks inside a value, so that no value can look like two parts.
 */
export const nameLine = (name: string | undefined): string => (name ?? '').trim().split('\n').join(', ');
