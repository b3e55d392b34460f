// The door for certificates that an administrator pastes or uploads: text in, one validated readonly value out. It judges
// the form only, not the trust: identity is the pinned fingerprint, and vCenter's own certificate is self-signed without
// ExtendedKeyUsage. A private key pasted by mistake is refused and never echoed.

import { type KeyObject, X509Certificate } from 'node:crypto';
import { EdgeError, messageOf } from '../errors.ts';
import { fingerprintOf } from './fingerprint.ts';
import { describeKey } from './key-pair.ts';
import { nameLine } from './x509.ts';

/** One certificate as we keep and show it. */
export interface ClientCertificate {
  /** Exactly this certificate, in lines of 64 characters, whatever surrounded it in the input. */
  readonly pem: string;
  /** Lower-case hexadecimal without colons: what a client is known by. */
  readonly fingerprintSha256: string;
  /** For comparing with what vCenter shows; never for trust. */
  readonly fingerprintSha1: string;
  /** The name on one line, such as `O=Example, CN=kmipClient`; empty when the certificate has none. */
  readonly subject: string;
  readonly issuer: string;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** True when its own key signed it. */
  readonly selfSigned: boolean;
  readonly isAuthority: boolean;
  /** Such as `RSA 2048` or `EC prime256v1`. */
  readonly publicKey: string;
}

/** Longest text that is looked at: a certificate is about 2 KiB. */
export const maximumCertificateText = 64 * 1024;

const privateKey = /-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY-----/;
const pemLabel = /-----BEGIN ([A-Z0-9 ]{1,32})-----/g;
const oneCertificate = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/;

/**
 * The one certificate in `text` (PEM; other text around it is ignored).
 * @throws EdgeError `invalid-field` when there is none, more than one, a private key, or too much text
 */
export const readCertificate = (text: string): ClientCertificate => {
  const certificate = parse(derOf(text));
  const [notBefore, notAfter] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  if (!Number.isFinite(notBefore) || !Number.isFinite(notAfter)) throw refused('has dates that cannot be read');
  const key = publicKeyOf(certificate);
  return {
    pem: certificate.toString(),
    fingerprintSha256: fingerprintOf(certificate.raw),
    fingerprintSha1: fingerprintOf(certificate.raw, 'sha1'),
    subject: nameLine(certificate.subject),
    issuer: nameLine(certificate.issuer),
    notBefore,
    notAfter,
    selfSigned: certificate.subject === certificate.issuer && certificate.verify(key),
    isAuthority: certificate.ca,
    publicKey: describeKey(key),
  };
};

const refused = (problem: string, cause?: unknown): EdgeError =>
  new EdgeError('invalid-field', `the certificate ${problem}`, {
    hint: "give one certificate in PEM form, from '-----BEGIN CERTIFICATE-----' to '-----END CERTIFICATE-----'",
    cause,
  });

const derOf = (text: string): Buffer => {
  const size = Buffer.byteLength(text);
  if (size > maximumCertificateText) {
    throw refused(`is ${size} bytes of text, more than the ${maximumCertificateText} allowed`);
  }
  if (privateKey.test(text)) throw holdsPrivateKey();
  const labels = [...text.matchAll(pemLabel)].map((match) => match[1] ?? '');
  const other = labels.find((label) => label !== 'CERTIFICATE');
  if (other?.endsWith('CERTIFICATE REQUEST')) throw holdsRequest(other);
  if (other !== undefined) throw refused(`is expected alone, but the text holds a '${other}'`);
  if (labels.length === 0) throw refused('is missing: the text holds no PEM block');
  if (labels.length > 1) throw refused(`is expected alone, but the text holds ${labels.length} of them`);
  const body = oneCertificate.exec(text)?.[1];
  if (body === undefined) throw refused('is cut short or holds characters that are not base64');
  return Buffer.from(body, 'base64');
};

const holdsPrivateKey = (): EdgeError =>
  new EdgeError('invalid-field', 'the text holds a private key where a certificate is expected', {
    hint: 'give the certificate only; treat that private key as disclosed if others could see it on its way here',
  });

const holdsRequest = (label: string): EdgeError =>
  new EdgeError('invalid-field', `the text holds a signing request ('${label}') where a certificate is expected`, {
    hint: "have it signed first: 'kmip-edge client sign' does that for a client",
  });

const parse = (der: Buffer): X509Certificate => {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch (error) {
    throw refused(`cannot be read: ${messageOf(error)}`, error);
  }
  // OpenSSL reads the first structure and ignores the rest: the fingerprint must cover all that was given.
  if (!certificate.raw.equals(der)) throw refused('is followed by other bytes, or is not in DER encoding');
  return certificate;
};

const publicKeyOf = (certificate: X509Certificate): KeyObject => {
  try {
    return certificate.publicKey;
  } catch (error) {
    throw refused('has a public key of a kind that cannot be used', error);
  }
};
