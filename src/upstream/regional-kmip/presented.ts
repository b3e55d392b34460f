// What an endpoint presents to be known by, as a person and a pin need it.

import type { X509Certificate } from 'node:crypto';
import { oneLine } from './quote.ts';

export interface PresentedCertificate {
  /** Lower-case hexadecimal without colons. */
  readonly sha256: string;
  /** For comparing with what was published; see trust.ts for where it may count. */
  readonly sha1: string;
  readonly subject: string;
  readonly issuer: string;
  /** As the certificate lists them: `DNS:…, IP Address:…`; empty where there are none. */
  readonly names: string;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly pem: string;
}

const bare = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase();

/** What a person and a pin need of a certificate. */
export const describeCertificate = (certificate: X509Certificate): PresentedCertificate => ({
  sha256: bare(certificate.fingerprint256),
  sha1: bare(certificate.fingerprint),
  subject: oneLine(certificate.subject),
  issuer: oneLine(certificate.issuer),
  names: oneLine(certificate.subjectAltName),
  notBefore: certificate.validFromDate.getTime(),
  notAfter: certificate.validToDate.getTime(),
  pem: certificate.toString(),
});
