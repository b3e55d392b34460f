// The server certificate: in service, next, asked for; and every certificate that ends.

import { certificateFields, certificateView } from './clients.ts';
import { list, moment, nothing, type Of, object, oneOf, pem, type Routes, string, text } from './schema.ts';

const serverCertificate = object({
  ...certificateFields,
  issuer: string,
  /** Such as `RSA 2048`. */
  publicKey: string,
  /** As OpenSSL writes them: `DNS:…`, `IP Address:…`. */
  names: list(string),
  chain: list(certificateView),
  /** What may surprise somebody, a sentence each. */
  warnings: list(string),
  certificatePem: string,
});
export type ServerCertificateView = Of<typeof serverCertificate>;

const certificatesView = object(
  {
    current: serverCertificate,
    /** Waits to be put into service. */
    next: serverCertificate,
    /** Waits for its certificate. */
    request: object({ requestPem: string }),
    authority: object({ ...certificateFields, certificatePem: string }),
  },
  ['next', 'request'],
);
export type CertificatesView = Of<typeof certificatesView>;

/** A certificate that ends within 60 days (`notice`), 30 (`warning`) or 7 (`urgent`), or has ended. */
export const endingView = object({
  kind: oneOf(
    'server',
    'next',
    'authority',
    'client',
    'root',
    'intermediate',
    'root-client',
    'upstream-client',
    'upstream-authority',
  ),
  level: oneOf('notice', 'warning', 'urgent', 'ended'),
  /** Of the client, root or service instance; empty for our own. */
  name: string,
  instance: string,
  subject: string,
  sha256: string,
  notAfter: moment,
  /** Whole days; below zero once it has ended. */
  daysLeft: { type: 'integer' },
  todo: string,
  command: string,
});
export type EndingView = Of<typeof endingView>;

const names = { type: 'array', items: { type: 'string', minLength: 1, maxLength: 253 }, maxItems: 64 } as const;
const keyType = oneOf('rsa-2048', 'rsa-3072', 'ec-p256');
const short = { type: 'string', minLength: 1, maxLength: 64 } as const;
/** Of a file of 128 KiB in base64. */
const base64 = { type: 'string', minLength: 1, maxLength: 180_000, pattern: '^[A-Za-z0-9+/]+={0,2}$' } as const;
const passphrase = { type: 'string', maxLength: 1024 } as const;

export const certificateRoutes = {
  'certificate.show': {
    method: 'GET',
    path: '/v1/certificates',
    role: 'read-only',
    summary: 'The server certificate, the next one, the request that waits, and the authority.',
    input: nothing,
    output: certificatesView,
  },
  'certificate.warnings': {
    method: 'GET',
    path: '/v1/certificates/warnings',
    role: 'read-only',
    summary: 'Every certificate that has ended or ends within 60 days, and what to do.',
    input: nothing,
    output: list(endingView),
  },
  'certificate.renew': {
    method: 'POST',
    path: '/v1/certificates/renew',
    role: 'administrator',
    summary: 'Makes the next server certificate by the authority here; the one in service stays until it is activated.',
    input: object(
      {
        /** Further DNS names and addresses; absent: those of the certificate in service. */
        names,
        keyType,
        days: { type: 'integer', minimum: 1, maximum: 7300 },
        /** Makes a new authority as well. */
        newAuthority: { type: 'boolean' },
      },
      ['names', 'keyType', 'days', 'newAuthority'],
    ),
    output: certificatesView,
  },
  'certificate.request': {
    method: 'POST',
    path: '/v1/certificates/request',
    role: 'administrator',
    summary: 'Makes a key, which stays here, and a signing request for an authority of your own.',
    input: object(
      {
        commonName: short,
        country: { type: 'string', pattern: '^[A-Z]{2}$' },
        state: short,
        locality: short,
        organization: short,
        organizationalUnit: short,
        names,
        keyType,
      },
      ['commonName', 'country', 'state', 'locality', 'organization', 'organizationalUnit', 'names', 'keyType'],
    ),
    output: object({ requestPem: string }),
  },
  'certificate.install': {
    method: 'POST',
    path: '/v1/certificates/install',
    role: 'administrator',
    summary: 'Takes the certificate that was made of the request as the next one.',
    input: object({ certificate: pem, chain: pem }, ['chain']),
    output: certificatesView,
  },
  'certificate.import': {
    method: 'POST',
    path: '/v1/certificates/import',
    role: 'administrator',
    summary: 'Takes a key and a certificate that were made elsewhere, as PEM or PKCS #12, as the next ones.',
    input: object({ certificate: pem, privateKey: pem, chain: pem, pkcs12: base64, passphrase }, [
      'certificate',
      'privateKey',
      'chain',
      'pkcs12',
      'passphrase',
    ]),
    output: certificatesView,
  },
  'certificate.activate': {
    method: 'POST',
    path: '/v1/certificates/activate',
    role: 'administrator',
    summary: 'Puts the next server certificate into service at once; open connections stay.',
    input: object({ sha256: text }),
    output: certificatesView,
  },
  'certificate.discard': {
    method: 'POST',
    path: '/v1/certificates/discard',
    role: 'administrator',
    summary: 'Takes the next server certificate away, or else the request that waits.',
    input: nothing,
    output: certificatesView,
  },
} as const satisfies Routes;
