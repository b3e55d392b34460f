// Authorities of others, such as vCenter's root CA, that vouch for clients on a list: never for all that they sign.

import { certificateFields, certificateView } from './clients.ts';
import { list, moment, name, nothing, type Of, object, pem, type Routes, string } from './schema.ts';

export const rootView = object({
  instance: string,
  name: string,
  ...certificateFields,
  intermediates: list(certificateView),
  /** Whole subjects, in the order of the certificate: `C=US, O=Example, CN=vc01`. */
  subjects: list(string),
  /** SHA-256 of public keys, with colons. */
  keyFingerprints: list(string),
  addedAt: moment,
});
export type RootView = Of<typeof rootView>;

const entries = (maxLength: number) =>
  ({ type: 'array', items: { type: 'string', minLength: 1, maxLength }, maxItems: 1000 }) as const;

const lists = { subjects: entries(1024), keyFingerprints: entries(200) } as const;

export const rootRoutes = {
  'root.list': {
    method: 'GET',
    path: '/v1/roots',
    role: 'read-only',
    summary: 'The roots that vouch for clients, and for whom.',
    input: nothing,
    output: list(rootView),
  },
  'root.trust': {
    method: 'POST',
    path: '/v1/roots',
    role: 'administrator',
    summary: 'Trusts a root for the clients on a list of subjects and key fingerprints.',
    input: object({ instance: name, name, certificate: pem, intermediates: pem, ...lists }, [
      'intermediates',
      'subjects',
      'keyFingerprints',
    ]),
    output: rootView,
  },
  'root.allow': {
    method: 'POST',
    path: '/v1/roots/allow',
    role: 'administrator',
    summary: 'Adds subjects, key fingerprints or intermediates to a root.',
    input: object({ instance: name, name, intermediates: pem, ...lists }, [
      'intermediates',
      'subjects',
      'keyFingerprints',
    ]),
    output: rootView,
  },
  'root.disallow': {
    method: 'POST',
    path: '/v1/roots/disallow',
    role: 'administrator',
    summary: 'Takes subjects or key fingerprints off the list of a root; they are out at once.',
    input: object({ instance: name, name, ...lists }, ['subjects', 'keyFingerprints']),
    output: rootView,
  },
  'root.remove': {
    method: 'POST',
    path: '/v1/roots/remove',
    role: 'administrator',
    summary: 'Trusts a root no more; its clients are out at once.',
    input: object({ instance: name, name }),
    output: rootView,
  },
} as const satisfies Routes;
