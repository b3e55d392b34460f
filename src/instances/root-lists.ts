// What an administrator says of a root, read at the door: the root itself, authorities below it, and whom it may vouch
// for. Subjects are compared whole, in the order of the certificate; there are no patterns.

import { X509Certificate } from 'node:crypto';
import { readCertificate } from '../ca/certificate.ts';
import { authorityProblem } from '../ca/chain.ts';
import { pemFrom } from '../ca/given-certificate.ts';
import { nameLine } from '../ca/x509.ts';
import { EdgeError } from '../errors.ts';

const mostIntermediates = 16;
const mostEntries = 1000;

const block = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g;

/** The one certificate in `text` as a root. Throws `invalid-field`. */
export const readRoot = (text: string, now: number): string => {
  const { pem } = readCertificate(pemFrom(text));
  requireAuthority(pem, now, 'root');
  return pem;
};

/** The certificates in `text`, which may be empty, as intermediates: PEM one after the other. Throws `invalid-field`. */
export const readIntermediates = (text: string, now: number): string => {
  const blocks = pemBlocks(pemFrom(text));
  if (text.trim() !== '' && blocks.length === 0) {
    throw new EdgeError('invalid-field', 'the intermediates hold no certificate', { hint: 'give them as PEM' });
  }
  if (blocks.length > mostIntermediates) {
    throw new EdgeError('invalid-field', `${blocks.length} intermediates are more than ${mostIntermediates}`);
  }
  return blocks
    .map((one) => {
      const { pem } = readCertificate(one);
      requireAuthority(pem, now, 'intermediate');
      return pem;
    })
    .join('');
};

/** Each certificate of a PEM text by itself. */
export const pemBlocks = (pem: string): readonly string[] => pem.match(block) ?? [];

/** The certificates of a text that was read. */
export const certificatesIn = (pem: string): readonly X509Certificate[] =>
  pemBlocks(pem).map((one) => new X509Certificate(one));

const requireAuthority = (pem: string, now: number, what: string): void => {
  const certificate = new X509Certificate(pem);
  const problem = authorityProblem(certificate, now);
  if (problem === undefined) return;
  throw new EdgeError('invalid-field', `the ${what} certificate '${nameLine(certificate.subject)}' ${problem}`, {
    hint:
      what === 'root'
        ? "a client's own certificate is admitted with 'kmip-edge client add'"
        : 'give only certificates of authorities',
  });
};

/** Subjects as they are kept: without the spaces that some tools put around '=' and leave out after ','. */
export const readSubjects = (subjects: readonly string[]): readonly string[] => {
  requireFew(subjects);
  return [...new Set(subjects.map(subjectOf))];
};

const subjectOf = (text: string): string => {
  const parts = text.match(/(?:\\.|[^,\\])+/g)?.map((part) => part.trim().replace(/^([^=\s]+)\s*=\s*/, '$1=')) ?? [];
  if (parts.length > 0 && parts.every((part) => /^[A-Za-z0-9.-]+=./s.test(part)) && !/\p{Cc}/u.test(text)) {
    return parts.join(', ');
  }
  throw new EdgeError('invalid-field', `"${text.slice(0, 200)}" is not a subject`, {
    hint: "give it whole and in the order of the certificate, such as 'C=US, O=Example, CN=vc01.example.com'; a comma inside a value is written '\\,'",
  });
};

/** Fingerprints of public keys as they are kept. */
export const readKeyFingerprints = (typed: readonly string[]): readonly string[] => {
  requireFew(typed);
  return [...new Set(typed.map(keyFingerprintFrom))];
};

const keyFingerprintFrom = (typed: string): string => {
  const hex = typed.replaceAll(/[\s:]/g, '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  throw new EdgeError('invalid-field', `"${typed.slice(0, 100)}" is not the SHA-256 fingerprint of a key`, {
    hint: 'give the 64 hexadecimal digits that the log shows as keyFingerprint',
  });
};

const requireFew = (entries: readonly string[]): void => {
  if (entries.length <= mostEntries) return;
  throw new EdgeError('invalid-field', `a list of ${entries.length} entries is longer than ${mostEntries}`);
};
