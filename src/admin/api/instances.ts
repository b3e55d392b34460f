// Service instances: one upstream, its clients and their keys.

import { lockFields } from './backups.ts';
import {
  boolean,
  count,
  list,
  milliseconds,
  moment,
  name,
  named,
  nothing,
  type Of,
  object,
  oneOf,
  pem,
  type Routes,
  settings,
  string,
  text,
} from './schema.ts';

/** How far the comparison with an endpoint is. */
export const syncView = object(
  {
    running: boolean,
    total: count,
    done: count,
    adopted: count,
    changed: count,
    missing: count,
    failed: count,
    problem: string,
    /** When the last complete one ended. */
    endedAt: moment,
  },
  ['problem', 'endedAt'],
);
export type SyncView = Of<typeof syncView>;

/** `removal-pending`: everything is kept and can be restored until the wait is over; `erasing`: too late. */
export const instanceLife = oneOf('active', 'suspended', 'removal-pending', 'erasing');
export type InstanceLife = Of<typeof instanceLife>;

const removalView = object({
  requestedAt: moment,
  requestedBy: string,
  /** Milliseconds, all of them and what is left. Time counts while the server runs. */
  wait: count,
  remaining: count,
  /** When it is erased, if the server runs until then. */
  until: moment,
});
export type RemovalView = Of<typeof removalView>;

export const instanceView = object(
  {
    id: string,
    name: string,
    /** Only an active instance serves keys. */
    life: instanceLife,
    /** Absent where no removal was asked for. */
    removal: removalView,
    upstream: string,
    settings,
    createdAt: moment,
    clients: count,
    keys: count,
    /** Those of them that are in each State; States without a key are left out. */
    keysByState: list(object({ state: string, keys: count })),
    /** False where the instance could not be started; then the rest is what was stored. */
    started: boolean,
    upstreamState: oneOf('reachable', 'unreachable'),
    problem: string,
    rootKey: object({ state: string, version: string, name: string }, ['version', 'name']),
    lease: object({ term: milliseconds, remaining: milliseconds, provenAt: moment }),
    /** Whether a stored key would be served now without asking the upstream. */
    serving: boolean,
    /** What an administrator has to look at, each with what to do. */
    alarms: list(string),
    /** Absent where there is nothing to keep in step with. */
    sync: syncView,
  },
  ['removal', 'problem', 'sync'],
);
export type InstanceView = Of<typeof instanceView>;

/** A root key in Key Protect that can be chosen for a service instance. */
export const rootKeyView = object(
  {
    id: string,
    name: string,
    aliases: list(string),
    /** Only an active one can be chosen. */
    state: oneOf('pre-active', 'active', 'suspended', 'deactivated', 'destroyed'),
    /** An own copy of imported material can bring wrapped keys back. */
    imported: boolean,
    version: string,
    createdAt: moment,
    rotatedAt: moment,
  },
  ['name', 'imported', 'version', 'createdAt', 'rotatedAt'],
);
export type RootKeyView = Of<typeof rootKeyView>;

const usedKey = object(
  {
    uid: string,
    state: string,
    fetchedAt: moment,
    client: string,
    /** What vCenter writes into x-Name and x-Component: which host or virtual machine. */
    name: string,
    component: string,
  },
  ['name', 'component'],
);

/** Keys that were fetched lately: a host or a virtual machine needs them. */
export const inUseView = object({
  instance: string,
  days: count,
  /** Use before this moment is not known. */
  knownSince: moment,
  total: count,
  /** The most recently fetched ones. */
  keys: list(usedKey),
  clients: list(object({ client: string, keys: count, fetchedAt: moment })),
});
export type InUseView = Of<typeof inUseView>;

const importView = object(
  {
    /** Counts from 1 since the start of the server. */
    id: count,
    instance: string,
    running: boolean,
    /** Keys in the file; 0 until it was read once. */
    total: count,
    imported: count,
    /** That were there already. */
    present: count,
    problem: object({ kind: string, message: string, hint: string }, ['hint']),
  },
  ['problem'],
);
export type ImportView = Of<typeof importView>;

export const instanceRoutes = {
  'instance.list': {
    method: 'GET',
    path: '/v1/instances',
    role: 'read-only',
    summary: 'The service instances and how their upstreams are.',
    input: nothing,
    output: list(instanceView),
  },
  'instance.create': {
    method: 'POST',
    path: '/v1/instances',
    role: 'administrator',
    summary: 'Checks an upstream live and makes a service instance of it.',
    input: object(
      {
        name,
        upstream: text,
        /** What the kind of upstream takes; it checks them itself. */
        settings,
        /** Absent: the configured default. */
        lease: milliseconds,
      },
      ['lease'],
    ),
    output: instanceView,
  },
  'instance.update': {
    method: 'POST',
    path: '/v1/instances/update',
    role: 'administrator',
    summary: 'Changes settings of an upstream after a trial with them; null takes one away.',
    input: object({ name, settings }),
    output: instanceView,
  },
  'instance.crks': {
    // A POST, because the API key must not lie in a URL.
    method: 'POST',
    path: '/v1/instances/crks',
    role: 'administrator',
    summary: 'The root keys of a Key Protect instance, for a service instance to be.',
    input: object({ url: text, iamUrl: text, instanceId: text, apiKey: text, keyRing: text, caBundle: pem }, [
      'iamUrl',
      'keyRing',
      'caBundle',
    ]),
    output: list(rootKeyView),
  },
  'instance.lease': {
    method: 'POST',
    path: '/v1/instances/lease',
    role: 'administrator',
    summary: 'Changes how long keys are served without the upstream; 0 also erases the copies that are held here.',
    input: object({ name, lease: milliseconds }),
    output: instanceView,
  },
  'instance.rename': {
    method: 'POST',
    path: '/v1/instances/rename',
    role: 'administrator',
    summary: 'Gives a service instance another name; its clients and keys stay.',
    input: object({ name, to: name }),
    output: instanceView,
  },
  'instance.suspend': {
    method: 'POST',
    path: '/v1/instances/suspend',
    role: 'operator',
    summary: 'Stops serving the keys of a service instance, at once and until it is resumed.',
    input: named,
    output: instanceView,
  },
  'instance.resume': {
    method: 'POST',
    path: '/v1/instances/resume',
    role: 'operator',
    summary: 'Serves the keys of a suspended service instance again.',
    input: named,
    output: instanceView,
  },
  'instance.use': {
    method: 'GET',
    path: '/v1/instances/use',
    role: 'read-only',
    summary: 'Which keys of a service instance were fetched in the last 30 days, and by which clients.',
    input: named,
    output: inUseView,
  },
  'instance.remove': {
    method: 'POST',
    path: '/v1/instances/remove',
    role: 'administrator',
    summary:
      'Removes a service instance with all its keys after a waiting time; until then nothing is served or erased.',
    input: object({
      name,
      /** The name once more, typed by whoever decided. */
      confirm: name,
    }),
    output: instanceView,
  },
  'instance.restore': {
    method: 'POST',
    path: '/v1/instances/restore',
    role: 'administrator',
    summary: 'Takes a removal back while its waiting time runs.',
    input: named,
    output: instanceView,
  },
  'instance.export': {
    method: 'POST',
    path: '/v1/instances/export',
    role: 'administrator',
    summary: 'All keys of a service instance as one encrypted file; a passphrase or public keys close it.',
    input: object({ name, ...lockFields }, ['passphrase', 'recipients']),
    output: { type: 'string', format: 'binary' },
    media: 'application/octet-stream',
  },
  'instance.import': {
    method: 'POST',
    path: '/v1/instances/import',
    role: 'administrator',
    summary: "Begins to bring the keys of such a file, on the server's machine, into a service instance.",
    input: object(
      {
        name,
        path: text,
        passphrase: lockFields.passphrase,
        /** The content of an identity file of age. */
        identities: { type: 'string', minLength: 1, maxLength: 65_536 },
      },
      ['passphrase', 'identities'],
    ),
    output: importView,
  },
  'instance.import.state': {
    method: 'GET',
    path: '/v1/instances/import',
    role: 'read-only',
    summary: 'How far the import is that runs, or the last one since the start of the server.',
    input: nothing,
    output: object({ import: importView }, ['import']),
  },
  'instance.sync': {
    method: 'POST',
    path: '/v1/instances/sync',
    role: 'operator',
    summary: 'Begins to fetch every key that the KMIP endpoint holds.',
    input: named,
    output: syncView,
  },
  'instance.sync.state': {
    method: 'GET',
    path: '/v1/instances/sync',
    role: 'read-only',
    summary: 'How far the comparison with the KMIP endpoint is.',
    input: named,
    output: syncView,
  },
} as const satisfies Routes;
