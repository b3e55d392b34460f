// First contact with a KMIP endpoint, and our identity there.

import {
  boolean,
  list,
  moment,
  name,
  named,
  nothing,
  type Of,
  object,
  oneOf,
  pem,
  type Routes,
  string,
  text,
} from './schema.ts';

const regionFields = {
  name: string,
  kind: string,
  place: string,
  addresses: list(string),
  running: oneOf('runs', 'will-end', 'ended'),
  /** The first moment at which it no longer runs. */
  ends: moment,
} as const;
const maybe = ['kind', 'place', 'running', 'ends'] as const;

/** An endpoint as the table of regions knows it. */
const regionView = object(regionFields, maybe);
export type RegionView = Of<typeof regionView>;

/** What one address presents. */
const presentedView = object(
  {
    address: string,
    certificate: object({
      subject: string,
      issuer: string,
      names: string,
      sha256: string,
      sha1: string,
      notBefore: moment,
      notAfter: moment,
    }),
    /** Whether the SHA-1 fingerprint is the one that was published for it. */
    published: boolean,
    problem: string,
  },
  ['certificate', 'published', 'problem'],
);
export type PresentedView = Of<typeof presentedView>;

const endpointView = object({ ...regionFields, seen: list(presentedView) }, maybe);
export type EndpointView = Of<typeof endpointView>;

const madeAdapter = object({ adapterId: string, adapterName: string, certificateId: string });
export type MadeAdapter = Of<typeof madeAdapter>;

export const endpointRoutes = {
  'endpoint.list': {
    method: 'GET',
    path: '/v1/endpoints',
    role: 'read-only',
    summary: 'The KMIP endpoints that are known by name, and until when they run.',
    input: nothing,
    output: list(regionView),
  },
  'endpoint.look': {
    method: 'GET',
    path: '/v1/endpoints/look',
    role: 'administrator',
    summary: 'What a KMIP endpoint presents to whoever connects.',
    input: object({ endpoint: text }),
    output: endpointView,
  },
  'identity.make': {
    method: 'POST',
    path: '/v1/identities',
    role: 'administrator',
    summary: 'Makes the client key and certificate with which a service instance to be is known at a KMIP endpoint.',
    input: named,
    output: object({ name: string, certificatePem: string, sha256: string }),
  },
  'adapter.make': {
    method: 'POST',
    path: '/v1/adapters',
    role: 'administrator',
    summary: 'Makes a KMIP adapter in Key Protect and uploads that certificate to it.',
    input: object(
      { name, url: text, iamUrl: text, instanceId: text, crk: text, apiKey: text, keyRing: text, caBundle: pem },
      ['iamUrl', 'keyRing', 'caBundle'],
    ),
    output: madeAdapter,
  },
} as const satisfies Routes;
