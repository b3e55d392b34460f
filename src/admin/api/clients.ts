// KMIP clients: whose certificate may use the keys of which service instance.

import { list, moment, name, nothing, type Of, object, oneOf, pem, type Routes, string } from './schema.ts';

/** `ending`: within 30 days. */
export const validity = oneOf('valid', 'ending', 'ended');
export type Validity = Of<typeof validity>;

const certificateFields = { subject: string, sha1: string, sha256: string, notAfter: moment, validity } as const;
export const certificateView = object(certificateFields);
export type CertificateView = Of<typeof certificateView>;

export const clientView = object({ instance: string, name: string, ...certificateFields, addedAt: moment });
export type ClientView = Of<typeof clientView>;

const issuedClient = object({
  client: clientView,
  certificatePem: string,
  /** Shown once: it is not kept. */
  privateKeyPem: string,
  authorityPem: string,
});
export type IssuedClient = Of<typeof issuedClient>;

export const clientRoutes = {
  'client.list': {
    method: 'GET',
    path: '/v1/clients',
    role: 'read-only',
    summary: 'The clients of all service instances.',
    input: nothing,
    output: list(clientView),
  },
  'client.add': {
    method: 'POST',
    path: '/v1/clients',
    role: 'administrator',
    summary: 'Admits the holder of a certificate to a service instance.',
    input: object({ instance: name, name, certificate: pem }),
    output: clientView,
  },
  'client.issue': {
    method: 'POST',
    path: '/v1/clients/issue',
    role: 'administrator',
    summary: 'Makes a key and a certificate for a client, and hands them over once.',
    input: object({ instance: name, name, days: { type: 'integer', minimum: 1, maximum: 7300 } }, ['days']),
    output: issuedClient,
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
