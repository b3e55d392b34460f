// Key Protect and IAM over real HTTPS on loopback, in this process, with their faults at hand. It stands in for the
// cloud in tests, the demo and benchmarks; what it does follows the documentation, not a recording of the service.

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KeyRequest, KeyStore } from './actions.ts';
import { type AdapterStore, addAdapter, type SimulatedAdapter } from './adapters.ts';
import type { Answer } from './answers.ts';
import { makeTlsMaterial, type TlsMaterial } from './certificates.ts';
import { createFaults, type Fault, type FaultScope, sendAnswer, sendFault } from './faults.ts';
import { createIam, type Role } from './iam.ts';
import { addVersion, makeKey, type NewKey, type SimulatedKey } from './keys.ts';
import { type Listener, listen } from './listener.ts';
import { type Route, type RouteMatch, routeOf, type Service, serve } from './routes.ts';

export interface SimulatorOptions {
  /** Ready-made certificates; left out, they are made (about 0.2 s). */
  readonly tls?: TlsMaterial;
  /** Ports of Key Protect and IAM. Default: free ones. */
  readonly port?: number;
  readonly iamPort?: number;
  /** Life of a token, seconds. Default 3600. */
  readonly tokenLife?: number;
  /** False: additional data is ignored. */
  readonly aad?: boolean;
  /** Called with each certificate that is put on a KMIP adapter: a simulated KMIP endpoint may admit it, later. */
  readonly onCertificate?: (pem: string) => void;
  /** Called with each certificate that is taken off again. */
  readonly onCertificateGone?: (pem: string) => void;
}

/** A request as the simulator saw it. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type RootKeySettings = Omit<NewKey, 'instanceId' | 'extractable'> & { readonly instanceId?: string };

/** Acts of the control API take effect at once; the waiting times of Key Protect hold for requests over HTTPS. */
export interface KeyProtectSimulator {
  readonly url: string;
  readonly iamUrl: string;
  readonly caPem: string;
  readonly tls: TlsMaterial;
  /** The first instance, an API key with the role Reader in it, and a root key. */
  readonly instanceId: string;
  readonly apiKey: string;
  readonly crk: string;
  addInstance(): string;
  addApiKey(role: Role, instanceId?: string): string;
  setRole(apiKey: string, role: Role): void;
  removeApiKey(apiKey: string): void;
  /** Returns the id. */
  createRootKey(settings?: RootKeySettings): string;
  createStandardKey(settings?: RootKeySettings): string;
  key(id: string): SimulatedKey;
  disable(id: string): void;
  enable(id: string): void;
  delete(id: string): void;
  restore(id: string): void;
  purge(id: string): void;
  /** Deactivated: the expiration date has passed. */
  expire(id: string): void;
  rotate(id: string): void;
  moveAlias(alias: string, id: string): void;
  /** The KMIP adapters of all instances. */
  adapters(): readonly SimulatedAdapter[];
  /** One that somebody else made; default root key: the first. Returns its id. */
  addAdapter(name: string, crkId?: string): string;
  setTokenLife(seconds: number): void;
  expireTokens(status?: 400 | 401): void;
  revokeTokens(): void;
  /** Moves the simulator's clock. */
  advance(ms: number): void;
  fault(fault: Fault, scope?: FaultScope): () => void;
  clearFaults(): void;
  /** Which part of the cloud is away; default both. */
  cutLink(part?: 'both' | 'key-protect' | 'iam'): Promise<void>;
  restoreLink(): Promise<void>;
  /** Requests that arrived, faulty ones included. */
  count(route: Route): number;
  resetCounts(): void;
  last(route: Route): SeenRequest | undefined;
  /** The last ten, newest last. */
  recent(route: Route): readonly SeenRequest[];
  /** TCP connections to Key Protect so far. */
  connections(): number;
  close(): Promise<void>;
}

const parseJson = (body: Buffer): unknown => {
  try {
    return body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
};

const text = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

const keyRequest = (
  request: IncomingMessage,
  { key, part }: RouteMatch,
  query: URLSearchParams,
  body: Buffer,
): KeyRequest => ({
  instanceId: text(request.headers['bluemix-instance']) ?? '',
  ring: text(request.headers['x-kms-key-ring']),
  key,
  ...(part === undefined ? {} : { part }),
  query,
  body: parseJson(body),
});

const mostRemembered = 10;

const createRecorder = () => {
  const counts = new Map<Route, number>();
  const recent = new Map<Route, SeenRequest[]>();
  return {
    see: (route: Route, request: IncomingMessage, body: Buffer) => {
      counts.set(route, (counts.get(route) ?? 0) + 1);
      const seen = { path: request.url ?? '', headers: request.headers, body: body.toString('utf8') };
      recent.set(route, [...(recent.get(route) ?? []).slice(1 - mostRemembered), seen]);
    },
    count: (route: Route) => counts.get(route) ?? 0,
    resetCounts: () => counts.clear(),
    last: (route: Route) => recent.get(route)?.at(-1),
    recent: (route: Route): readonly SeenRequest[] => recent.get(route) ?? [],
  };
};

const unknownPath: Answer = { status: 404, type: 'text/plain', body: '404 page not found' };

const createHandler =
  (service: Service, faults: ReturnType<typeof createFaults>, recorder: ReturnType<typeof createRecorder>) =>
  async (request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'https://localhost');
    const match = routeOf(request.method ?? '', url.pathname);
    const { route } = match;
    recorder.see(route, request, body);
    const answer = (): Answer => {
      if (route === 'token') return service.iam.token(body.toString('utf8'));
      if (route === 'other') return unknownPath;
      const { authorization } = request.headers;
      return serve(service, { route, authorization, request: keyRequest(request, match, url.searchParams, body) });
    };
    const correlation = text(request.headers['correlation-id']);
    if (correlation !== undefined) response.setHeader('correlation-id', correlation);
    const fault = faults.next(route);
    await (fault === undefined ? sendAnswer(answer(), response) : sendFault(fault, answer, response));
  };

const createKeyControl = (store: KeyStore, firstInstance: string) => {
  const key = (id: string): SimulatedKey => {
    const found = store.keys.get(id);
    if (found === undefined) throw new Error(`the simulator has no key ${id}`);
    return found;
  };
  const set = (id: string, state: SimulatedKey['state']): void => {
    const found = key(id);
    found.state = state;
    found.changedAt = store.now();
    found.deletedAt = state === 5 ? store.now() : undefined;
  };
  const create = (settings: RootKeySettings, extractable: boolean): string => {
    const made = makeKey({ instanceId: firstInstance, ...settings, extractable }, store.now());
    store.keys.set(made.id, made);
    return made.id;
  };
  return {
    key,
    createRootKey: (settings: RootKeySettings = {}) => create(settings, false),
    createStandardKey: (settings: RootKeySettings = {}) => create(settings, true),
    disable: (id: string) => set(id, 2),
    enable: (id: string) => set(id, 1),
    delete: (id: string) => set(id, 5),
    restore: (id: string) => set(id, 1),
    expire: (id: string) => set(id, 3),
    purge: (id: string) => void store.keys.delete(id),
    rotate: (id: string) => addVersion(key(id), store.now()),
    moveAlias: (alias: string, id: string) => {
      for (const other of store.keys.values()) other.aliases = other.aliases.filter((name) => name !== alias);
      key(id).aliases.push(alias);
    },
  };
};

const createLinkControl = (keyProtect: Listener, iam: Listener) => ({
  cutLink: async (part: 'both' | 'key-protect' | 'iam' = 'both') => {
    if (part !== 'iam') await keyProtect.cut();
    if (part !== 'key-protect') await iam.cut();
  },
  restoreLink: async () => {
    await keyProtect.restore();
    await iam.restore();
  },
  connections: () => keyProtect.connections(),
  close: async () => {
    await keyProtect.close();
    await iam.close();
  },
});

const createTokenControl = (service: Service, firstInstance: string, setStatus: (status: 400 | 401) => void) => {
  const { iam } = service;
  return {
    addApiKey: (role: Role, instanceId = firstInstance) => iam.addApiKey(instanceId, role),
    setRole: iam.setRole,
    removeApiKey: iam.removeApiKey,
    setTokenLife: iam.setTokenLife,
    revokeTokens: iam.revokeTokens,
    expireTokens: (status: 400 | 401 = 400) => {
      setStatus(status);
      iam.expireTokens();
    },
  };
};

/** Starts with one instance, one Reader and one active root key. */
export const startKeyProtectSimulator = async (options: SimulatorOptions = {}): Promise<KeyProtectSimulator> => {
  const tls = options.tls ?? makeTlsMaterial();
  let offset = 0;
  let expiredStatus: 400 | 401 = 400;
  const now = (): number => Date.now() + offset;
  const instanceId = randomUUID();
  const instances = new Set([instanceId]);
  const store: KeyStore = { keys: new Map(), now, aad: options.aad ?? true };
  const iam = createIam(now, options.tokenLife ?? 3600);
  const { onCertificate, onCertificateGone } = options;
  const adapters: AdapterStore = { adapters: new Map(), keys: store, onCertificate, onCertificateGone };
  const service: Service = { store, adapters, iam, instances, expiredTokenStatus: () => expiredStatus };
  const faults = createFaults();
  const recorder = createRecorder();
  const handler = createHandler(service, faults, recorder);
  const keyProtect = await listen(tls, handler, options.port);
  const iamListener = await listen(tls, handler, options.iamPort);
  const keys = createKeyControl(store, instanceId);
  const setStatus = (status: 400 | 401): void => {
    expiredStatus = status;
  };
  const crk = keys.createRootKey({ name: 'edge-root-key' });
  return {
    url: `https://127.0.0.1:${keyProtect.port}`,
    iamUrl: `https://127.0.0.1:${iamListener.port}`,
    caPem: tls.caPem,
    tls,
    instanceId,
    apiKey: iam.addApiKey(instanceId, 'Reader'),
    crk,
    addInstance: () => {
      const id = randomUUID();
      instances.add(id);
      return id;
    },
    ...createTokenControl(service, instanceId, setStatus),
    ...keys,
    adapters: () => [...adapters.adapters.values()],
    addAdapter: (name, crkId = crk) => addAdapter(adapters, { instanceId, name, crkId }).id,
    advance: (ms) => {
      offset += ms;
    },
    fault: (fault, scope) => faults.add(fault, scope),
    clearFaults: () => faults.clear(),
    count: recorder.count,
    resetCounts: recorder.resetCounts,
    last: recorder.last,
    recent: recorder.recent,
    ...createLinkControl(keyProtect, iamListener),
  };
};
