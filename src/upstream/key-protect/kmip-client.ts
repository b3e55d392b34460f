// What we ask of Key Protect's REST API v2 about KMIP adapters and their client certificates. Paths, bodies and limits:
// key-protect docs, kmip.md; roles: manage-access.md (Manager or KmipAdapterManager). Creating is not repeated here:
// whoever gets no answer must look before trying again.

import { malformedAnswer, type Outcome } from './errors.ts';
import type { Send } from './send.ts';
import {
  type AdapterResource,
  type CertificateResource,
  kmipAdapterType,
  kmipCertificateType,
  type Shape,
} from './shapes.ts';

/** The most adapters of an instance, and the most certificates of an adapter (kmip.md); also the longest page. */
export const kmipLimit = 200;
/** The only profile that there is. */
export const nativeProfile = 'native_1.0';

export interface NewAdapter {
  readonly name: string;
  readonly description: string;
  /** The id of the root key. */
  readonly crkId: string;
}

export interface NewCertificate {
  readonly name: string;
  /** PEM of one certificate. */
  readonly certificate: string;
}

/** `adapter` and `certificate` are identifiers. No method throws; a failure holds the error to throw. */
export interface KmipClient {
  listAdapters(): Promise<Outcome<readonly AdapterResource[]>>;
  createAdapter(wanted: NewAdapter): Promise<Outcome<AdapterResource>>;
  /** Without the certificates themselves. */
  listCertificates(adapter: string): Promise<Outcome<readonly CertificateResource[]>>;
  readCertificate(adapter: string, certificate: string): Promise<Outcome<CertificateResource>>;
  addCertificate(adapter: string, wanted: NewCertificate): Promise<Outcome<CertificateResource>>;
  /** Its connections end at once. */
  deleteCertificate(adapter: string, certificate: string): Promise<Outcome<unknown>>;
}

const collection = (collectionType: string, resource: object): object => ({
  metadata: { collectionType, collectionTotal: 1 },
  resources: [resource],
});

type OneOf = 'create-adapter' | 'read-certificate' | 'add-certificate';

/** The only resource of an answer, if it is what was asked for. */
const onlyOf = <A extends OneOf>(
  action: A,
  outcome: Outcome<Shape<A>>,
  fits: (resource: Shape<A>['resources'][number]) => boolean,
): Outcome<Shape<A>['resources'][number]> => {
  if (!outcome.ok) return outcome;
  const [resource] = outcome.value.resources;
  if (resource !== undefined && fits(resource)) return { ok: true, value: resource };
  const exchange = { action, correlationId: 'not known', secrets: [] };
  const status = action === 'read-certificate' ? 200 : 201;
  return { ok: false, failure: malformedAnswer(exchange, status, 'it is about something else than was asked for') };
};

const createAdapter = async (send: Send, { name, description, crkId }: NewAdapter) => {
  const resource = { name, description, profile: nativeProfile, profile_data: { crk_id: crkId } };
  const outcome = await send('create-adapter', '/kmip_adapters', collection(kmipAdapterType, resource));
  return onlyOf('create-adapter', outcome, (made) => made.name === name);
};

/** The calls on KMIP adapters, over what is shared with all others. */
export const createKmipClient = (send: Send): KmipClient => {
  const page = `?limit=${kmipLimit}`;
  const certificates = (adapter: string): string => `/kmip_adapters/${encodeURIComponent(adapter)}/certificates`;
  return {
    listAdapters: async () => {
      const outcome = await send('list-adapters', `/kmip_adapters${page}`);
      return outcome.ok ? { ok: true, value: outcome.value.resources ?? [] } : outcome;
    },
    createAdapter: (wanted) => createAdapter(send, wanted),
    listCertificates: async (adapter) => {
      const outcome = await send('list-certificates', `${certificates(adapter)}${page}`);
      return outcome.ok ? { ok: true, value: outcome.value.resources ?? [] } : outcome;
    },
    readCertificate: async (adapter, id) => {
      const outcome = await send('read-certificate', `${certificates(adapter)}/${encodeURIComponent(id)}`);
      return onlyOf('read-certificate', outcome, (read) => read.id === id);
    },
    addCertificate: async (adapter, wanted) => {
      const body = collection(kmipCertificateType, wanted);
      const outcome = await send('add-certificate', certificates(adapter), body);
      return onlyOf('add-certificate', outcome, (added) => added.name === wanted.name);
    },
    deleteCertificate: (adapter, id) =>
      send('delete-certificate', `${certificates(adapter)}/${encodeURIComponent(id)}`),
  };
};
