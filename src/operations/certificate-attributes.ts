// The attributes that an X.509 certificate brings with it (KMIP 1.4 sections 3.8 to 3.15).

import { X509Certificate } from 'node:crypto';
import { EdgeError, messageOf } from '../errors.ts';
import type { KeptAttribute } from '../keys/object.ts';
import { type CertificatePart, certificateParts } from '../kmip/attribute-table.ts';
import { type AttributeName, type AttributeValue, attributeItem } from '../kmip/attributes.ts';
import { CertificateType, DigitalSignatureAlgorithm } from '../kmip/enums.ts';
import { encodeItem } from '../kmip/ttlv.ts';
import { lengthOf } from './asymmetric-key.ts';

export interface CertificateFacts {
  readonly attributes: readonly KeptAttribute[];
  /** OpenSSL's name of the public key's kind. */
  readonly keyType: string | undefined;
  readonly keyLength: number | undefined;
}

const kept = <N extends AttributeName>(name: N, value: AttributeValue<N>): KeptAttribute => ({
  name,
  index: 0,
  value: encodeItem(attributeItem(name, value)),
});

/** What follows from a certificate. Throws `invalid-field` for X.509 that is none; other types bring their type alone. */
export const certificateFacts = (type: CertificateType, value: Buffer): CertificateFacts => {
  const attributes = [kept('Certificate Type', type), kept('Certificate Length', value.length)];
  if (type !== CertificateType.X_509) return { attributes, keyType: undefined, keyLength: undefined };
  try {
    const parsed = new X509Certificate(value);
    const { serial, issuer, subject } = namesOf(value);
    attributes.push(
      kept('X.509 Certificate Identifier', { IssuerDistinguishedName: issuer, CertificateSerialNumber: serial }),
      kept('X.509 Certificate Subject', { SubjectDistinguishedName: subject, SubjectAlternativeName: [] }),
      kept('X.509 Certificate Issuer', { IssuerDistinguishedName: issuer, IssuerAlternativeName: [] }),
      kept('Certificate Identifier', { Issuer: oneLine(parsed.issuer), SerialNumber: parsed.serialNumber }),
      kept('Certificate Subject', {
        CertificateSubjectDistinguishedName: oneLine(parsed.subject),
        CertificateSubjectAlternativeName: [],
      }),
      kept('Certificate Issuer', {
        CertificateIssuerDistinguishedName: oneLine(parsed.issuer),
        CertificateIssuerAlternativeName: [],
      }),
      ...partsOf(parsed),
    );
    const signed = signatureAlgorithms[parsed.signatureAlgorithm ?? ''];
    if (signed !== undefined) attributes.push(kept('Digital Signature Algorithm', signed));
    const { publicKey } = parsed;
    return { attributes, keyType: publicKey.asymmetricKeyType, keyLength: lengthOf(publicKey) };
  } catch (error) {
    throw new EdgeError('invalid-field', `the certificate is no X.509 certificate: ${messageOf(error)}`, {
      cause: error,
    });
  }
};

/** OpenSSL's names of what KMIP names otherwise. */
const partNames: Readonly<Partial<Record<string, string>>> = {
  emailAddress: 'Email',
  serialNumber: 'Serial Number',
  title: 'Title',
  dnQualifier: 'DN Qualifier',
};

/** The parts of the two names that KMIP 2.x has attributes for; one that is there several times has as many values. */
const partsOf = (certificate: X509Certificate): readonly KeptAttribute[] => {
  const { subject, issuer } = certificate.toLegacyObject();
  return Object.entries({ Subject: subject, Issuer: issuer }).flatMap(([side, names]) =>
    Object.entries(names as Readonly<Record<string, string | readonly string[]>>).flatMap(([key, given]) => {
      const part = partNames[key] ?? key;
      if (!certificateParts.some((one) => one === part)) return [];
      const name = `Certificate ${side} ${part}` as CertificatePart;
      return [given].flat().map((value, index) => ({ ...kept(name, value), index }));
    }),
  );
};

/** By the names of OpenSSL. */
const signatureAlgorithms: Readonly<Record<string, DigitalSignatureAlgorithm>> = {
  md5WithRSAEncryption: DigitalSignatureAlgorithm.MD5WithRSAEncryption,
  sha1WithRSAEncryption: DigitalSignatureAlgorithm.SHA_1WithRSAEncryption,
  sha224WithRSAEncryption: DigitalSignatureAlgorithm.SHA_224WithRSAEncryption,
  sha256WithRSAEncryption: DigitalSignatureAlgorithm.SHA_256WithRSAEncryption,
  sha384WithRSAEncryption: DigitalSignatureAlgorithm.SHA_384WithRSAEncryption,
  sha512WithRSAEncryption: DigitalSignatureAlgorithm.SHA_512WithRSAEncryption,
  rsassaPss: DigitalSignatureAlgorithm.RSASSA_PSS,
  'ecdsa-with-SHA1': DigitalSignatureAlgorithm.ECDSAWithSHA_1,
  'ecdsa-with-SHA224': DigitalSignatureAlgorithm.ECDSAWithSHA224,
  'ecdsa-with-SHA256': DigitalSignatureAlgorithm.ECDSAWithSHA256,
  'ecdsa-with-SHA384': DigitalSignatureAlgorithm.ECDSAWithSHA384,
  'ecdsa-with-SHA512': DigitalSignatureAlgorithm.ECDSAWithSHA512,
};

const oneLine = (name: string | undefined): string => (name ?? '').split('\n').join(', ');

/** The parts of a certificate as they are encoded in it (RFC 5280 section 4.1). */
const namesOf = (der: Buffer): { readonly serial: Buffer; readonly issuer: Buffer; readonly subject: Buffer } => {
  const [tbs] = childrenOf(contentOf(der));
  const parts = tbs ? childrenOf(contentOf(tbs)) : [];
  // The version, [0], is left out of a certificate of version 1.
  const [serial, , issuer, , subject] = parts[0]?.[0] === 0xa0 ? parts.slice(1) : parts;
  if (serial && issuer && subject) return { serial, issuer, subject };
  throw new EdgeError('invalid-field', 'a part of it is missing');
};

/** Where the content of a DER element begins and ends. */
const bounds = (der: Buffer, at: number): readonly [start: number, end: number] => {
  const first = der[at + 1] ?? 0;
  const count = first < 0x80 ? 0 : first & 0x7f;
  if (count > 4 || at + 2 + count > der.length) throw new EdgeError('invalid-field', 'its encoding is broken');
  const length = count === 0 ? first : der.readUIntBE(at + 2, count);
  const start = at + 2 + count;
  if (start + length > der.length) throw new EdgeError('invalid-field', 'its encoding is cut off');
  return [start, start + length];
};

const contentOf = (der: Buffer): Buffer => der.subarray(...bounds(der, 0));

const childrenOf = (content: Buffer): readonly Buffer[] => {
  const children: Buffer[] = [];
  for (let at = 0; at < content.length; ) {
    const [, end] = bounds(content, at);
    children.push(content.subarray(at, end));
    at = end;
  }
  return children;
};
