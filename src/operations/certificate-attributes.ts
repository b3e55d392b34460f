// The attributes that an X.509 certificate brings with it (KMIP 1.4 sections 3.8 to 3.15).

import { type KeyObject, X509Certificate } from 'node:crypto';
import { certificateFields } from '../certificate-fields.ts';
import type { Der } from '../der.ts';
import { EdgeError, messageOf } from '../errors.ts';
import type { KeptAttribute } from '../keys/object.ts';
import { type AttributeName, type AttributeValue, attributeItem } from '../kmip/attributes.ts';
import { CertificateType, DigitalSignatureAlgorithm } from '../kmip/enums.ts';
import { encodeItem } from '../kmip/ttlv.ts';
import { largestPublic, modestKey } from '../modest-key.ts';
import { lengthOf } from './asymmetric-key.ts';
import { nameParts } from './certificate-names.ts';

export interface CertificateFacts {
  readonly attributes: readonly KeptAttribute[];
  /** OpenSSL's name of the public key's kind; undefined, as its length, where the key cannot be read. */
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
    const { serial, issuer, subject, publicKey } = certificateFields(parsed.raw);
    attributes.push(
      kept('X.509 Certificate Identifier', {
        IssuerDistinguishedName: issuer.raw,
        CertificateSerialNumber: serial.raw,
      }),
      kept('X.509 Certificate Subject', { SubjectDistinguishedName: subject.raw, SubjectAlternativeName: [] }),
      kept('X.509 Certificate Issuer', { IssuerDistinguishedName: issuer.raw, IssuerAlternativeName: [] }),
      kept('Certificate Identifier', { Issuer: oneLine(parsed.issuer), SerialNumber: parsed.serialNumber }),
      kept('Certificate Subject', {
        CertificateSubjectDistinguishedName: oneLine(parsed.subject),
        CertificateSubjectAlternativeName: [],
      }),
      kept('Certificate Issuer', {
        CertificateIssuerDistinguishedName: oneLine(parsed.issuer),
        CertificateIssuerAlternativeName: [],
      }),
      ...partsOf('Subject', subject),
      ...partsOf('Issuer', issuer),
    );
    const signed = signatureAlgorithms[parsed.signatureAlgorithm ?? ''];
    if (signed !== undefined) attributes.push(kept('Digital Signature Algorithm', signed));
    const key = modestKey(publicKey.raw, largestPublic) && publicKeyOf(parsed);
    return { attributes, keyType: key?.asymmetricKeyType, keyLength: key && lengthOf(key) };
  } catch (error) {
    throw new EdgeError('invalid-field', `the certificate is no X.509 certificate: ${messageOf(error)}`, {
      cause: error,
    });
  }
};

/** Undefined for a key of a kind that OpenSSL cannot read, which does not keep the certificate from being stored. */
const publicKeyOf = (certificate: X509Certificate): KeyObject | undefined => {
  try {
    return certificate.publicKey;
  } catch {
    return undefined;
  }
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

/** The parts of a name that KMIP 2.x has attributes for; one that is there several times has as many values. */
const partsOf = (side: 'Subject' | 'Issuer', name: Der): readonly KeptAttribute[] => {
  const counts = new Map<string, number>();
  return nameParts(name).map(([part, value]) => {
    const index = counts.get(part) ?? 0;
    counts.set(part, index + 1);
    return { ...kept(`Certificate ${side} ${part}`, value), index };
  });
};

const oneLine = (name: string | undefined): string => (name ?? '').split('\n').join(', ');
