// The one place that builds and signs X.509 certificates, with node-forge. It is loaded at the first signature only, so
// that a server that signs nothing does not carry it.

import { randomBytes } from 'node:crypto';
import type forge from 'node-forge';
import { EdgeError } from '../errors.ts';
import type { Secret } from '../secret.ts';

/** Clocks differ: a new certificate is valid from a little before now. */
const clockSkew = 60 * 60 * 1000;
const day = 24 * 60 * 60 * 1000;
/** One hundred years: long enough for anyone, short enough for every date field. */
export const maximumDays = 36_525;

/** A certificate with its private key. */
export interface Credential {
  /** The certificate alone, without its issuer. */
  readonly certificatePem: string;
  /** PKCS #8. */
  readonly privateKeyPem: Secret;
}

/** How one kind of certificate differs from another: rows for node-forge, by the names of RFC 5280. */
export type Extensions = readonly Readonly<Record<string, unknown>>[];

export interface Draft {
  readonly commonName: string;
  readonly publicKeyPem: string;
  readonly days: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly extensions: Extensions;
  /** The certificate signs itself when there is no issuer. */
  readonly issuer?: Credential;
}

/** The PEM of `draft` signed with `signingKeyPem` (SHA-256 with RSA). It ends no later than its issuer. */
export const signCertificate = async (draft: Draft, signingKeyPem: Secret): Promise<string> => {
  const { default: lib } = await import('node-forge');
  const issuer = draft.issuer && lib.pki.certificateFromPem(draft.issuer.certificatePem);
  const certificate = lib.pki.createCertificate();
  certificate.publicKey = lib.pki.publicKeyFromPem(draft.publicKeyPem);
  certificate.serialNumber = newSerialNumber();
  certificate.validity = validityOf(draft, issuer?.validity.notAfter);
  const subject = [utf8CommonName(lib, draft.commonName)];
  certificate.setSubject(subject);
  certificate.setIssuer(issuer ? nameOf(lib, issuer) : subject);
  const keyIds = [{ name: 'subjectKeyIdentifier' }, ...(issuer ? [authorityKeyId(lib, issuer)] : [])];
  // Copies: node-forge fills in the rows that it is given.
  certificate.setExtensions([...draft.extensions.map((row) => ({ ...row })), ...keyIds]);
  certificate.sign(lib.pki.privateKeyFromPem(signingKeyPem.reveal()), lib.md.sha256.create());
  return lib.pki.certificateToPem(certificate).replaceAll('\r\n', '\n');
};

/** 124 random bits after a fixed digit: always positive, always the same length (RFC 5280 section 4.1.2.2). */
const newSerialNumber = (): string => `4${randomBytes(16).toString('hex').slice(1)}`;

const validityOf = ({ days, now }: Draft, issuerEnd: Date | undefined) => {
  if (!Number.isInteger(days) || days < 1 || days > maximumDays) {
    throw new EdgeError('invalid-field', `a validity of ${days} days is not allowed`, {
      hint: `use a whole number of days from 1 to ${maximumDays}`,
    });
  }
  const end = Math.min(now + days * day, issuerEnd?.getTime() ?? Number.POSITIVE_INFINITY);
  if (end <= now) {
    throw new EdgeError('illegal-operation', `the certificate authority ended on ${new Date(end).toISOString()}`, {
      hint: 'make a new certificate authority, then issue again',
    });
  }
  return { notBefore: new Date(now - clockSkew), notAfter: new Date(end) };
};

const utf8CommonName = (lib: typeof forge, value: string): forge.pki.CertificateField => ({
  name: 'commonName',
  value,
  // The declarations name the wrong enumeration for this field; the code wants the ASN.1 type.
  valueTagClass: lib.asn1.Type.UTF8 as number as forge.asn1.Class,
});

/** The issuer's name as it was written. node-forge reads UTF-8 as bytes but encodes it again when it writes. */
const nameOf = (lib: typeof forge, { subject }: forge.pki.Certificate): forge.pki.CertificateField[] =>
  subject.attributes.map((field) =>
    Number(field.valueTagClass) === lib.asn1.Type.UTF8 && typeof field.value === 'string'
      ? { ...field, value: lib.util.decodeUtf8(field.value) }
      : field,
  );

const authorityKeyId = (lib: typeof forge, issuer: forge.pki.Certificate) => {
  const extension = issuer.getExtension('subjectKeyIdentifier');
  const hex = extension && 'subjectKeyIdentifier' in extension ? String(extension.subjectKeyIdentifier) : undefined;
  const keyIdentifier = hex === undefined ? issuer.generateSubjectKeyIdentifier().getBytes() : lib.util.hexToBytes(hex);
  return { name: 'authorityKeyIdentifier', keyIdentifier };
};
