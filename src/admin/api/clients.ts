// KMIP clients: whose certificate may use the keys of which service instance.

import { boolean, list, moment, name, nothing, type Of, object, oneOf, pem, type Routes, string } from './schema.ts';

/** `ending`: within 60 days. */
export const validity = oneOf('valid', 'ending', 'ended');
export type Validity = Of<typeof validity>;

export const certificateFields = {
  subject: string,
  sha1: string,
  sha256: string,
  notAfter: moment,
  validity,
  /** Whole days until it ends; below zero once it has ended. */
  daysLeft: { type: 'integer' },
} as const;
export const certificateView = object(certificateFields);
export type CertificateView = Of<typeof certificateView>;

/**
 * How the client came to be trusted: by its certificate, by one that was issued with its key, by one that was signed for a
 * key of its own, or by a root that vouches for it.
 */
const trust = oneOf('pinned', 'issued', 'signed', 'root');

export const clientView = object(
  {
    instance: string,
    /** Of the root, where it is one that vouches. */
    name: string,
    trust,
    ...certificateFields,
    addedAt: moment,
    /** The certificate before, which is admitted too. */
    former: certificateView,
    /** When it last asked for anything, and from where; absent where it never did. */
    lastSeen: moment,
    address: string,
  },
  ['former', 'lastSeen', 'address'],
);
export type ClientView = Of<typeof clientView>;

const issuedClient = object({
  client: clientView,
  certificatePem: string,
  /** Shown once: it is not kept. */
  privateKeyPem: string,
  authorityPem: string,
});
export type IssuedClient = Of<typeof issuedClient>;

const signedClient = object({ client: clientView, certificatePem: string, authorityPem: string });
export type SignedClient = Of<typeof signedClient>;

const days = { type: 'integer', minimum: 1, maximum: 7300 } as const;

export const clientRoutes = {
  'client.list': {
    method: 'GET',
    path: '/v1/clients',
    role: 'read-only',
    summary: 'The clients of all service instances, and whom their roots admitted.',
    input: nothing,
    output: list(clientView),
  },
  'client.certificate': {
    method: 'GET',
    path: '/v1/clients/certificate',
    role: 'read-only',
    summary: 'The certificate of a client, and the authority here.',
    input: object({ instance: name, name }),
    output: signedClient,
  },
  'client.add': {
    method: 'POST',
    path: '/v1/clients',
    role: 'administrator',
    summary: 'Admits the holder of a certificate (PEM, or DER in base64) to a service instance.',
    input: object({ instance: name, name, certificate: pem }),
    output: clientView,
  },
  'client.issue': {
    method: 'POST',
    path: '/v1/clients/issue',
    role: 'administrator',
    summary: 'Makes a key and a certificate for a client, and hands them over once.',
    input: object({ instance: name, name, days }, ['days']),
    output: issuedClient,
  },
  'client.sign': {
    method: 'POST',
    path: '/v1/clients/sign',
    role: 'administrator',
    summary: 'Signs the key of a signing request for a client; a newer request replaces the certificate before.',
    input: object(
      {
        instance: name,
        name,
        request: pem,
        days,
        /** The certificate before is admitted too, until `client.drop-old`. */
        keepOld: boolean,
      },
      ['days', 'keepOld'],
    ),
    output: signedClient,
  },
  'client.drop-old': {
    method: 'POST',
    path: '/v1/clients/drop-old',
    role: 'administrator',
    summary: 'Admits the certificate that a client had before no more, at once.',
    input: object({ instance: name, name }),
    output: clientView,
  },
  'client.remove': {
    method: 'POST',
    path: '/v1/clients/remove',
    role: 'administrator',
    summary: "Takes a client's access away at once; the keys stay.",
    input: object({ instance: name, name }),
    output: clientView,
  },
} as const satisfies Routes;
