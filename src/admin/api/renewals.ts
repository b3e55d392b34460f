// Renewing the client certificate by which the KMIP endpoint of a service instance knows us.

import { boolean, moment, name, named, type Of, object, oneOf, pem, type Routes, string, text } from './schema.ts';

const identityView = object({ certificatePem: string, sha256: string, notAfter: moment });
export type IdentityView = Of<typeof identityView>;

export const renewalView = object(
  {
    name: string,
    /** `waiting`: the new one is not in use yet; `switched`: it is, and the endpoint may still know the former one. */
    state: oneOf('none', 'waiting', 'switched'),
    inUse: identityView,
    next: identityView,
    former: identityView,
  },
  ['next', 'former'],
);
export type RenewalView = Of<typeof renewalView>;

/** A Key Protect instance, and an API key with the role Manager or KmipAdapterManager. */
const access = { url: text, iamUrl: text, instanceId: text, apiKey: text, caBundle: pem } as const;
const optionalAccess = ['iamUrl', 'caBundle'] as const;

const adapterPlace = object({ adapterId: string, adapterName: string, certificateId: string });
export type AdapterPlace = Of<typeof adapterPlace>;

export const renewalRoutes = {
  'renewal.state': {
    method: 'GET',
    path: '/v1/renewals',
    role: 'read-only',
    summary: 'By which certificate the KMIP endpoint of a service instance knows us, and how far its renewal is.',
    input: named,
    output: renewalView,
  },
  'renewal.begin': {
    method: 'POST',
    path: '/v1/renewals',
    role: 'administrator',
    summary: 'Makes a new client key and certificate beside the ones in use; what waits already is used.',
    input: named,
    output: renewalView,
  },
  'renewal.upload': {
    method: 'POST',
    path: '/v1/renewals/upload',
    role: 'administrator',
    summary: 'Uploads the new certificate to the KMIP adapter in Key Protect that has the one in use.',
    input: object({ name, ...access }, optionalAccess),
    output: adapterPlace,
  },
  'renewal.switch': {
    method: 'POST',
    path: '/v1/renewals/switch',
    role: 'administrator',
    summary: 'Tries the new certificate at the KMIP endpoint, and puts it in use where it is accepted there.',
    input: named,
    output: renewalView,
  },
  'renewal.remove': {
    method: 'POST',
    path: '/v1/renewals/remove',
    role: 'administrator',
    summary:
      'Takes the certificate that is not in use, the former or the waiting one, off its KMIP adapter in Key Protect.',
    input: object({ name, ...access }, optionalAccess),
    output: object({ removed: boolean, adapter: adapterPlace }, ['adapter']),
  },
  'renewal.finish': {
    method: 'POST',
    path: '/v1/renewals/finish',
    role: 'administrator',
    summary: 'Forgets the former certificate after the switch.',
    input: named,
    output: renewalView,
  },
  'renewal.abandon': {
    method: 'POST',
    path: '/v1/renewals/abandon',
    role: 'administrator',
    summary: 'Erases the new key and certificate that wait; the ones in use stay.',
    input: named,
    output: renewalView,
  },
} as const satisfies Routes;
