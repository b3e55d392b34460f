// Service instances: one upstream, its clients and their keys.

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

export const instanceView = object(
  {
    id: string,
    name: string,
    upstream: string,
    settings,
    createdAt: moment,
    clients: count,
    keys: count,
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
  ['problem', 'sync'],
);
export type InstanceView = Of<typeof instanceView>;

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
