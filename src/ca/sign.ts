// The one place that builds and signs X.509 certificates and signing requests: node-forge writes names and extensions,
// node:crypto gives the public key's encoding and the signature, because node-forge knows no elliptic curves. node-forge is
// loaded at the first signature only, so that a server that signs nothing does not carry it.

import { createPublicKey, hash, randomBytes, sign, X509Certificate } from 'node:crypto';
import type forge from 'node-forge';
import { childAt, DerTag, readDer } from '../der.ts';
import { EdgeError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import { signatureOf } from './key-pair.ts';
import { ExtensionId, x509Parts } from './x509.ts';

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

export interface RequestDraft {
  readonly commonName: string;
  /** Before the common name in the subject, by node-forge's names: `organizationName` and the like. */
  readonly further?: Readonly<Record<string, string>>;
  readonly publicKeyPem: string;
  readonly extensions: Extensions;
}

export interface Draft extends RequestDraft {
  readonly days: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The certificate signs itself when there is no issuer. */
  readonly issuer?: Credential;
}

/** The PEM of `draft` signed with `signingKeyPem`. It ends no later than its issuer. */
export const signCertificate = async (draft: Draft, signingKeyPem: Secret): Promise<string> => {
  const { default: lib } = await import('node-forge');
  const issuer = draft.issuer && new X509Certificate(draft.issuer.certificatePem);
  const certificate = lib.pki.createCertificate();
  certificate.publicKey = placeholder(lib);
  certificate.siginfo.algorithmOid = lib.pki.oids['sha256WithRSAEncryption'] ?? '';
  certificate.serialNumber = newSerialNumber();
  certificate.validity = validityOf(draft, issuer?.validToDate);
  certificate.setSubject(subjectOf(lib, draft));
  certificate.setIssuer(certificate.subject.attributes);
  const publicKey = spkiOf(draft.publicKeyPem);
  certificate.generateSubjectKeyIdentifier = () => lib.util.createBuffer(keyIdOf(publicKey).toString('binary'));
  const keyIds = [{ name: 'subjectKeyIdentifier' }, ...(issuer ? [authorityKeyId(issuer)] : [])];
  // Copies: node-forge fills in the rows that it is given.
  certificate.setExtensions([...draft.extensions.map((row) => ({ ...row })), ...keyIds]);
  const { algorithm } = signatureOf(signingKeyPem);
  const body = bodiesOf(lib).getTBSCertificate(certificate);
  if (!Array.isArray(body.value)) throw new EdgeError('internal', 'node-forge made no certificate');
  // By the fields of RFC 5280 section 4.1: signature, issuer as the issuer itself has it written, subjectPublicKeyInfo.
  body.value[2] = asn1Of(lib, algorithm);
  if (issuer) body.value[3] = asn1Of(lib, x509Parts(issuer.raw).subject);
  body.value[6] = asn1Of(lib, publicKey);
  return pemOf('CERTIFICATE', signed(derOf(lib, body), signingKeyPem));
};

/** The PEM of a PKCS #10 request for `draft`, signed with its own key. */
export const signRequest = async (draft: RequestDraft, privateKeyPem: Secret): Promise<string> => {
  const { default: lib } = await import('node-forge');
  const request = lib.pki.createCertificationRequest();
  request.publicKey = placeholder(lib);
  request.setSubject(subjectOf(lib, draft));
  request.setAttributes([{ name: 'extensionRequest', extensions: draft.extensions.map((row) => ({ ...row })) }]);
  const body = bodiesOf(lib).getCertificationRequestInfo(request);
  if (!Array.isArray(body.value)) throw new EdgeError('internal', 'node-forge made no signing request');
  body.value[2] = asn1Of(lib, spkiOf(draft.publicKeyPem));
  return pemOf('CERTIFICATE REQUEST', signed(derOf(lib, body), privateKeyPem));
};

/** What node-forge exports and its declarations leave out. */
const bodiesOf = (lib: typeof forge) =>
  lib.pki as unknown as {
    getTBSCertificate(certificate: forge.pki.Certificate): forge.asn1.Asn1;
    getCertificationRequestInfo(request: forge.pki.CertificateSigningRequest): forge.asn1.Asn1;
  };

/** node-forge wants a key of its own kind; its place in the result is taken by the real one. */
const placeholder = (lib: typeof forge): forge.pki.PublicKey => {
  const three = new lib.jsbn.BigInteger('3', 10);
  return lib.pki.setRsaPublicKey(three, three);
};

const asn1Of = (lib: typeof forge, der: Buffer): forge.asn1.Asn1 => lib.asn1.fromDer(der.toString('binary'));
const derOf = (lib: typeof forge, value: forge.asn1.Asn1): Buffer =>
  Buffer.from(lib.asn1.toDer(value).getBytes(), 'binary');

/** SEQUENCE { body, algorithm, signature }, which certificates and requests have in common. */
const signed = (body: Buffer, key: Secret): Buffer => {
  const { algorithm, hash: digest } = signatureOf(key);
  const signature = sign(digest, body, key.reveal());
  const bits = tlv(DerTag.bitString, Buffer.concat([Buffer.of(0), signature]));
  return tlv(DerTag.sequence, Buffer.concat([body, algorithm, bits]));
};

const tlv = (tag: number, content: Buffer): Buffer => {
  const { length } = content;
  const bytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  if (length > 0xffff) throw new EdgeError('invalid-field', 'the certificate would be longer than 64 KiB');
  return Buffer.concat([Buffer.of(tag, ...bytes), content]);
};

/** DER as PEM in lines of 64 characters. */
export const pemOf = (label: string, der: Buffer): string => {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
};

const spkiOf = (publicKeyPem: string): Buffer => createPublicKey(publicKeyPem).export({ type: 'spki', format: 'der' });

/** RFC 5280 section 4.2.1.2, method 1: SHA-1 of the key's bits, without the count of unused ones. */
const keyIdOf = (spki: Buffer): Buffer =>
  hash('sha1', childAt(readDer(spki), 1, DerTag.bitString).content.subarray(1), 'buffer');

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
      hint: "make a new one with 'kmip-edge certificate renew --new-authority', then issue again",
    });
  }
  return { notBefore: new Date(now - clockSkew), notAfter: new Date(end) };
};

const subjectOf = (lib: typeof forge, { commonName, further = {} }: RequestDraft): forge.pki.CertificateField[] =>
  [...Object.entries(further), ['commonName', commonName] as const].map(([name, value]) => ({
    name,
    value,
    // X.520 has the country in two printable letters. The declarations name the wrong enumeration for this field; the
    // code wants the ASN.1 type.
    valueTagClass: (name === 'countryName'
      ? lib.asn1.Type.PRINTABLESTRING
      : lib.asn1.Type.UTF8) as number as forge.asn1.Class,
  }));

/** The issuer's own key identifier where it has one, else the one that is made of its key. */
const authorityKeyId = (issuer: X509Certificate) => {
  const { extensions, publicKey } = x509Parts(issuer.raw);
  const own = extensions.get(ExtensionId.subjectKeyIdentifier);
  const id = own ? readDer(own.value).content : keyIdOf(publicKey);
  return { name: 'authorityKeyIdentifier', keyIdentifier: id.toString('binary') };
};
