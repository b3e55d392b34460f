// The management API as one table: what can be asked, how, and what comes back. The server validates by these schemas and
// the command line calls by them; the compiler holds each schema's properties against the type of its input.

/** What each route takes. */
export interface Input {
  readonly status: Nothing;
  readonly 'instance.list': Nothing;
  readonly 'instance.create': {
    readonly name: string;
    readonly upstream: string;
    /** What the kind of upstream takes; it checks them itself. */
    readonly settings: Readonly<Record<string, unknown>>;
    /** Milliseconds; absent: the configured default. */
    readonly lease?: number | 'unlimited' | undefined;
  };
  readonly 'instance.update': {
    readonly name: string;
    /** What changes; null takes a setting away. */
    readonly settings: Readonly<Record<string, unknown>>;
  };
  readonly 'instance.sync': { readonly name: string };
  readonly 'instance.sync.state': { readonly name: string };
  readonly 'identity.make': { readonly name: string };
  readonly 'adapter.make': {
    readonly name: string;
    readonly url: string;
    readonly iamUrl?: string;
    readonly instanceId: string;
    readonly crk: string;
    readonly apiKey: string;
    readonly keyRing?: string;
    readonly caBundle?: string;
  };
  readonly 'endpoint.list': Nothing;
  readonly 'endpoint.look': { readonly endpoint: string };
  readonly 'instance.migrate': {
    readonly name: string;
    /** The kind of upstream; absent: the same root key anew. */
    readonly to?: string | undefined;
    readonly settings: Readonly<Record<string, unknown>>;
    readonly dryRun?: boolean | undefined;
  };
  readonly 'instance.migrate.state': { readonly name: string };
  readonly 'instance.migrate.report': { readonly name: string };
  readonly 'instance.migrate.stop': { readonly name: string };
  readonly 'instance.migrate.resume': { readonly name: string };
  readonly 'instance.migrate.finish': { readonly name: string; readonly leave?: boolean | undefined };
  readonly 'client.list': Nothing;
  readonly 'client.add': { readonly instance: string; readonly name: string; readonly certificate: string };
  readonly 'client.issue': { readonly instance: string; readonly name: string; readonly days?: number | undefined };
  readonly 'client.remove': { readonly instance: string; readonly name: string };
  readonly 'key.list': { readonly instance?: string | undefined; readonly limit?: number | undefined };
  readonly 'seal.passphrase': { readonly passphrase: string };
}
export type RouteName = keyof Input;
type Nothing = Readonly<Record<never, never>>;

interface Route<R extends RouteName> {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** A JSON schema. */
  readonly input: {
    readonly type: 'object';
    readonly properties: { readonly [P in keyof Required<Input[R]>]: object };
    readonly required?: readonly (keyof Input[R])[];
    readonly additionalProperties: false;
  };
}

const name = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' } as const;
const text = { type: 'string', minLength: 1, maxLength: 4096 } as const;
const pem = { type: 'string', minLength: 1, maxLength: 65_536 } as const;

const nothing = { type: 'object', properties: {}, additionalProperties: false } as const;

const createInstance = {
  type: 'object',
  properties: {
    name,
    upstream: text,
    settings: { type: 'object' },
    lease: { anyOf: [{ type: 'integer', minimum: 0 }, { const: 'unlimited' }] },
  },
  required: ['name', 'upstream', 'settings'],
  additionalProperties: false,
} as const;

const named = { type: 'object', properties: { name }, required: ['name'], additionalProperties: false } as const;

const updateInstance = {
  type: 'object',
  properties: { name, settings: { type: 'object' } },
  required: ['name', 'settings'],
  additionalProperties: false,
} as const;

const makeAdapter = {
  type: 'object',
  properties: {
    name,
    url: text,
    iamUrl: text,
    instanceId: text,
    crk: text,
    apiKey: text,
    keyRing: text,
    caBundle: pem,
  },
  required: ['name', 'url', 'instanceId', 'crk', 'apiKey'],
  additionalProperties: false,
} as const;

const lookAtEndpoint = {
  type: 'object',
  properties: { endpoint: text },
  required: ['endpoint'],
  additionalProperties: false,
} as const;

const migrateInstance = {
  type: 'object',
  properties: { name, to: text, settings: { type: 'object' }, dryRun: { type: 'boolean' } },
  required: ['name', 'settings'],
  additionalProperties: false,
} as const;

const finishMigration = {
  type: 'object',
  properties: { name, leave: { type: 'boolean' } },
  required: ['name'],
  additionalProperties: false,
} as const;

const addClient = {
  type: 'object',
  properties: { instance: name, name, certificate: pem },
  required: ['instance', 'name', 'certificate'],
  additionalProperties: false,
} as const;

const issueClient = {
  type: 'object',
  properties: { instance: name, name, days: { type: 'integer', minimum: 1, maximum: 7300 } },
  required: ['instance', 'name'],
  additionalProperties: false,
} as const;

const removeClient = {
  type: 'object',
  properties: { instance: name, name },
  required: ['instance', 'name'],
  additionalProperties: false,
} as const;

const listKeys = {
  type: 'object',
  properties: { instance: name, limit: { type: 'integer', minimum: 1, maximum: 100_000 } },
  additionalProperties: false,
} as const;

const setPassphrase = {
  type: 'object',
  properties: { passphrase: { type: 'string', minLength: 1, maxLength: 1024 } },
  required: ['passphrase'],
  additionalProperties: false,
} as const;

export interface CertificateView {
  readonly subject: string;
  readonly sha1: string;
  readonly sha256: string;
  readonly notAfter: string;
  readonly validity: Validity;
}

/** `ending`: within 30 days. */
export type Validity = 'valid' | 'ending' | 'ended';

export interface InstanceView {
  readonly id: string;
  readonly name: string;
  readonly upstream: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
  readonly clients: number;
  readonly keys: number;
  /** False where the instance could not be started; then the rest is what was stored. */
  readonly started: boolean;
  readonly upstreamState: 'reachable' | 'unreachable';
  readonly problem?: string;
  readonly rootKey: { readonly state: string; readonly version?: string; readonly name?: string };
  /** Milliseconds, or `unlimited`. */
  readonly lease: {
    readonly term: number | 'unlimited';
    readonly remaining: number | 'unlimited';
    readonly provenAt: string;
  };
  /** Whether a stored key would be served now without asking the upstream. */
  readonly serving: boolean;
  /** What an administrator has to look at, each with what to do. */
  readonly alarms: readonly string[];
  /** Absent where there is nothing to keep in step with. */
  readonly sync?: SyncView;
}

/** The keys of an instance on their way to another upstream. */
export interface MigrationView {
  readonly instance: string;
  readonly from: string;
  readonly to: string;
  readonly state: 'running' | 'stopped' | 'done' | 'dry run' | 'dry run done';
  /** Keys of the instance; of a dry run, those that are looked at. */
  readonly total: number;
  readonly moved: number;
  readonly notMoved: number;
  /** What it waits for. */
  readonly waiting?: string;
  /** Keys whose old wrapped form is still kept. */
  readonly formerForms: number;
  readonly startedAt: string;
  readonly endedAt?: string;
}

export interface MigratedKey {
  readonly uid: string;
  readonly moved: boolean;
  /** Empty where there is none. */
  readonly problem: string;
}

/** An endpoint as the table of regions knows it. */
export interface RegionView {
  readonly name: string;
  readonly kind?: string;
  readonly place?: string;
  readonly addresses: readonly string[];
  readonly running?: 'runs' | 'will-end' | 'ended';
  /** The first moment at which it no longer runs. */
  readonly ends?: string;
}

/** What one address presents. */
export interface PresentedView {
  readonly address: string;
  readonly certificate?: {
    readonly subject: string;
    readonly issuer: string;
    readonly names: string;
    readonly sha256: string;
    readonly sha1: string;
    readonly notBefore: string;
    readonly notAfter: string;
  };
  /** Whether the SHA-1 fingerprint is the one that was published for it. */
  readonly published?: boolean;
  readonly problem?: string;
}

export interface EndpointView extends RegionView {
  readonly seen: readonly PresentedView[];
}

export interface MadeAdapter {
  readonly adapterId: string;
  readonly adapterName: string;
  readonly certificateId: string;
}

/** How far the comparison with an endpoint is. */
export interface SyncView {
  readonly running: boolean;
  readonly total: number;
  readonly done: number;
  readonly adopted: number;
  readonly changed: number;
  readonly missing: number;
  readonly failed: number;
  readonly problem?: string;
  /** When the last complete one ended. */
  readonly endedAt?: string;
}

export interface StatusView {
  readonly ready: boolean;
  readonly version: string;
  readonly startedAt: string;
  readonly dataDirectory: string;
  readonly kmip: { readonly host: string; readonly port: number; readonly connections: number };
  readonly certificate: CertificateView;
  readonly seal: readonly string[];
  readonly keysInMemory: number;
  /** Clients whose certificate has ended or ends soon. They are served all the same: what is pinned does not expire. */
  readonly endingClients: readonly ClientView[];
  readonly instances: readonly InstanceView[];
}

export interface ClientView {
  readonly instance: string;
  readonly name: string;
  readonly subject: string;
  readonly sha1: string;
  readonly sha256: string;
  readonly notAfter: string;
  readonly validity: Validity;
  readonly addedAt: string;
}

export interface IssuedClient {
  readonly client: ClientView;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly authorityPem: string;
}

export interface KeyView {
  readonly uid: string;
  readonly instance: string;
  readonly state: string;
  readonly algorithm: string;
  readonly length: number;
  readonly initialDate: string;
  readonly names: readonly string[];
}

/** Every route: method, path, what it takes (the query for GET, the body for POST). */
export const routes = {
  status: { method: 'GET', path: '/v1/status', input: nothing },
  'instance.list': { method: 'GET', path: '/v1/instances', input: nothing },
  'instance.create': { method: 'POST', path: '/v1/instances', input: createInstance },
  'instance.update': { method: 'POST', path: '/v1/instances/update', input: updateInstance },
  'instance.sync': { method: 'POST', path: '/v1/instances/sync', input: named },
  'instance.sync.state': { method: 'GET', path: '/v1/instances/sync', input: named },
  'identity.make': { method: 'POST', path: '/v1/identities', input: named },
  'adapter.make': { method: 'POST', path: '/v1/adapters', input: makeAdapter },
  'endpoint.list': { method: 'GET', path: '/v1/endpoints', input: nothing },
  'endpoint.look': { method: 'GET', path: '/v1/endpoints/look', input: lookAtEndpoint },
  'instance.migrate': { method: 'POST', path: '/v1/migrations', input: migrateInstance },
  'instance.migrate.state': { method: 'GET', path: '/v1/migrations', input: named },
  'instance.migrate.report': { method: 'GET', path: '/v1/migrations/report', input: named },
  'instance.migrate.stop': { method: 'POST', path: '/v1/migrations/stop', input: named },
  'instance.migrate.resume': { method: 'POST', path: '/v1/migrations/resume', input: named },
  'instance.migrate.finish': { method: 'POST', path: '/v1/migrations/finish', input: finishMigration },
  'client.list': { method: 'GET', path: '/v1/clients', input: nothing },
  'client.add': { method: 'POST', path: '/v1/clients', input: addClient },
  'client.issue': { method: 'POST', path: '/v1/clients/issue', input: issueClient },
  'client.remove': { method: 'POST', path: '/v1/clients/remove', input: removeClient },
  'key.list': { method: 'GET', path: '/v1/keys', input: listKeys },
  'seal.passphrase': { method: 'POST', path: '/v1/seal/passphrase', input: setPassphrase },
} as const satisfies { readonly [R in RouteName]: Route<R> };

/** What each route answers. */
export interface Output {
  readonly status: StatusView;
  readonly 'instance.list': readonly InstanceView[];
  readonly 'instance.create': InstanceView;
  readonly 'instance.update': InstanceView;
  readonly 'instance.sync': SyncView;
  readonly 'instance.sync.state': SyncView;
  readonly 'identity.make': { readonly name: string; readonly certificatePem: string; readonly sha256: string };
  readonly 'adapter.make': MadeAdapter;
  readonly 'endpoint.list': readonly RegionView[];
  readonly 'endpoint.look': EndpointView;
  readonly 'instance.migrate': MigrationView;
  readonly 'instance.migrate.state': MigrationView;
  readonly 'instance.migrate.report': { readonly keys: readonly MigratedKey[] };
  readonly 'instance.migrate.stop': MigrationView;
  readonly 'instance.migrate.resume': MigrationView;
  readonly 'instance.migrate.finish': { readonly finished: string };
  readonly 'client.list': readonly ClientView[];
  readonly 'client.add': ClientView;
  readonly 'client.issue': IssuedClient;
  readonly 'client.remove': ClientView;
  readonly 'key.list': { readonly keys: readonly KeyView[]; readonly total: number };
  readonly 'seal.passphrase': { readonly slots: readonly string[] };
}

/** A refusal, in the manner of RFC 9457. */
export interface Problem {
  readonly kind: string;
  readonly message: string;
  readonly hint?: string;
}

/** The Unix socket's name in the data directory. */
export const socketName = 'admin.sock';
