// The KMIP adapters of the simulated Key Protect and their client certificates, as kmip.md describes them. Codes of
// refusals are those that the acceptance tests of IBM's Terraform provider wait for; their statuses are assumed.

import { randomUUID, X509Certificate } from 'node:crypto';
import { field, findKey, type KeyRequest, type KeyStore } from './actions.ts';
import { type Answer, badField, envelope, mediaType, refusal } from './answers.ts';

export interface SimulatedCertificate {
  readonly id: string;
  readonly name: string;
  readonly pem: string;
  readonly createdAt: number;
}

export interface SimulatedAdapter {
  readonly id: string;
  readonly instanceId: string;
  readonly name: string;
  readonly description: string;
  readonly crkId: string;
  readonly createdAt: number;
  readonly certificates: Map<string, SimulatedCertificate>;
}

export interface AdapterStore {
  readonly adapters: Map<string, SimulatedAdapter>;
  readonly keys: KeyStore;
  readonly onCertificate: ((pem: string) => void) | undefined;
  readonly onCertificateGone: ((pem: string) => void) | undefined;
}

const most = 200;
const name = /^[A-Za-z0-9_-]{2,40}$/;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const onePem = /^\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----\s*$/;

const iso = (ms: number): string => new Date(ms).toISOString();

const describeAdapter = (adapter: SimulatedAdapter): object => ({
  id: adapter.id,
  profile: 'native_1.0',
  profile_data: { crk_id: adapter.crkId },
  name: adapter.name,
  description: adapter.description,
  created_at: iso(adapter.createdAt),
  created_by: 'IBMid-simulated',
  updated_at: iso(adapter.createdAt),
  updated_by: 'IBMid-simulated',
});

/** Lists leave the certificate itself out. */
const describeCertificate = (certificate: SimulatedCertificate, whole: boolean): object => ({
  id: certificate.id,
  name: certificate.name,
  ...(whole ? { certificate: certificate.pem } : {}),
  created_at: iso(certificate.createdAt),
  created_by: 'IBMid-simulated',
});

const answerOf = (type: string, status: number, resources: readonly object[]): Answer => ({
  status,
  type: mediaType(type),
  body: envelope(type, resources),
});
const adapterAnswer = (status: number, resources: readonly object[]) => answerOf('kmip_adapter', status, resources);
const certificateAnswer = (status: number, resources: readonly object[]) =>
  answerOf('kmip_client_certificate', status, resources);

const absent = (what: string): Answer => refusal(404, `${what}_NOT_FOUND_ERR`, 'Not found', 'it does not exist');
const conflict = (code: string): Answer => refusal(409, code, 'Could not be created', 'it exists already');
const tooMany = (code: string): Answer => refusal(409, code, 'Could not be created', `at most ${most} are allowed`);

const pageOf = <T>(all: readonly T[], query: URLSearchParams): readonly T[] => {
  const offset = Number(query.get('offset') ?? 0);
  return all.slice(offset, offset + Math.min(most, Number(query.get('limit') ?? 100)));
};

const wantedOf = (body: unknown, type: string): unknown => {
  const resources = field(body, 'resources');
  const fits = field(field(body, 'metadata'), 'collectionType') === mediaType(type);
  return fits && Array.isArray(resources) && resources.length === 1 ? resources[0] : undefined;
};

const isName = (value: unknown): value is string => typeof value === 'string' && name.test(value) && !uuid.test(value);

const ofInstance = (store: AdapterStore, { instanceId }: KeyRequest): readonly SimulatedAdapter[] =>
  [...store.adapters.values()].filter((adapter) => adapter.instanceId === instanceId);

const findAdapter = (store: AdapterStore, request: KeyRequest): SimulatedAdapter | undefined =>
  ofInstance(store, request).find((adapter) => adapter.id === request.key || adapter.name === request.key);

const findCertificate = (adapter: SimulatedAdapter, { part }: KeyRequest): SimulatedCertificate | undefined =>
  [...adapter.certificates.values()].find((certificate) => certificate.id === part || certificate.name === part);

/** Puts an adapter there, without the rules. */
export const addAdapter = (
  store: AdapterStore,
  wanted: { instanceId: string; name: string; crkId: string; description?: string },
): SimulatedAdapter => {
  const made = { description: '', ...wanted, id: randomUUID(), createdAt: store.keys.now(), certificates: new Map() };
  store.adapters.set(made.id, made);
  return made;
};

const createAdapter = (store: AdapterStore, request: KeyRequest): Answer => {
  const what = 'KMIP adapter could not be created';
  const wanted = wantedOf(request.body, 'kmip_adapter');
  const crk = field(field(wanted, 'profile_data'), 'crk_id');
  const adapterName = field(wanted, 'name');
  const description = field(wanted, 'description') ?? '';
  if (field(wanted, 'profile') !== 'native_1.0') return badField(what, 'profile', 'native_1.0');
  if (!isName(adapterName)) return badField(what, 'name', 'alphanumeric, 2 to 40 characters, not a UUID');
  if (typeof description !== 'string' || description.length > 240) return badField(what, 'description', 'shorter');
  if (ofInstance(store, request).some((adapter) => adapter.name === adapterName)) {
    return conflict('KMIP_ADAPTER_DUPLICATE_NAME_ERR');
  }
  if (ofInstance(store, request).length >= most) return tooMany('KMIP_ADAPTER_LIMIT_ERR');
  const key = findKey(store.keys, { ...request, ring: undefined, key: typeof crk === 'string' ? crk : '' });
  if (key === undefined) return refusal(404, 'NATIVE_CRK_ID_NOT_FOUND_ERR', what, 'the root key does not exist');
  if (key.extractable || key.state !== 1) return refusal(409, 'NATIVE_INVALID_CRK_ERR', what, 'not an active root key');
  const { instanceId } = request;
  return adapterAnswer(201, [
    describeAdapter(addAdapter(store, { instanceId, name: adapterName, crkId: key.id, description })),
  ]);
};

const deleteAdapter = (store: AdapterStore, adapter: SimulatedAdapter): Answer => {
  store.adapters.delete(adapter.id);
  for (const { pem } of adapter.certificates.values()) store.onCertificateGone?.(pem);
  return { status: 204 };
};

const fingerprintOf = (pem: unknown): string | undefined => {
  if (typeof pem !== 'string' || !onePem.test(pem)) return undefined;
  try {
    return new X509Certificate(pem).fingerprint256;
  } catch {
    return undefined;
  }
};

const addCertificate = (store: AdapterStore, adapter: SimulatedAdapter, request: KeyRequest): Answer => {
  const what = 'KMIP client certificate could not be created';
  const wanted = wantedOf(request.body, 'kmip_client_certificate');
  const [pem, certificateName] = [field(wanted, 'certificate'), field(wanted, 'name')];
  const fingerprint = fingerprintOf(pem);
  if (fingerprint === undefined) return badField(what, 'certificate', 'a certificate in PEM format');
  if (!isName(certificateName)) return badField(what, 'name', 'alphanumeric, 2 to 40 characters, not a UUID');
  const inRegion = [...store.adapters.values()].flatMap(({ certificates }) => [...certificates.values()]);
  if (inRegion.some((other) => fingerprintOf(other.pem) === fingerprint)) return conflict('KMIP_CERT_DUPLICATE_ERR');
  const here = [...adapter.certificates.values()];
  if (here.some((other) => other.name === certificateName)) return conflict('KMIP_CERT_DUPLICATE_NAME_ERR');
  if (here.length >= most) return tooMany('KMIP_CERT_LIMIT_ERR');
  const made = { id: randomUUID(), name: certificateName, pem: String(pem), createdAt: store.keys.now() };
  adapter.certificates.set(made.id, made);
  store.onCertificate?.(made.pem);
  return certificateAnswer(201, [describeCertificate(made, true)]);
};

const deleteCertificate = (
  store: AdapterStore,
  adapter: SimulatedAdapter,
  certificate: SimulatedCertificate,
): Answer => {
  adapter.certificates.delete(certificate.id);
  store.onCertificateGone?.(certificate.pem);
  return { status: 204 };
};

type Act = (store: AdapterStore, request: KeyRequest) => Answer;

const onAdapter =
  (act: (store: AdapterStore, adapter: SimulatedAdapter, request: KeyRequest) => Answer): Act =>
  (store, request) => {
    const adapter = findAdapter(store, request);
    return adapter === undefined ? absent('KMIP_ADAPTER') : act(store, adapter, request);
  };

const onCertificate = (
  act: (store: AdapterStore, adapter: SimulatedAdapter, certificate: SimulatedCertificate) => Answer,
): Act =>
  onAdapter((store, adapter, request) => {
    const certificate = findCertificate(adapter, request);
    return certificate === undefined ? absent('KMIP_CERT') : act(store, adapter, certificate);
  });

/** What each route does, by the name of the route. */
export const adapterActions = {
  'list-adapters': (store, request) =>
    adapterAnswer(200, pageOf(ofInstance(store, request), request.query).map(describeAdapter)),
  'create-adapter': createAdapter,
  'read-adapter': onAdapter((_store, adapter) => adapterAnswer(200, [describeAdapter(adapter)])),
  'delete-adapter': onAdapter(deleteAdapter),
  'list-certificates': onAdapter((_store, { certificates }, { query }) =>
    certificateAnswer(
      200,
      pageOf([...certificates.values()], query).map((certificate) => describeCertificate(certificate, false)),
    ),
  ),
  'add-certificate': onAdapter(addCertificate),
  'read-certificate': onCertificate((_store, _adapter, certificate) =>
    certificateAnswer(200, [describeCertificate(certificate, true)]),
  ),
  'delete-certificate': onCertificate(deleteCertificate),
} as const satisfies Readonly<Record<string, Act>>;
