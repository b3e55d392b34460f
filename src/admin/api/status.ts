// How the appliance is.

import { alarmView } from './alarms.ts';
import { endingView } from './certificates.ts';
import { certificateView } from './clients.ts';
import { instanceView } from './instances.ts';
import { boolean, count, list, moment, nothing, type Of, object, oneOf, type Routes, string } from './schema.ts';

const statusView = object({
  ready: boolean,
  version: string,
  startedAt: moment,
  dataDirectory: string,
  kmip: object({ host: string, port: count, connections: count }),
  /** Where the page and this API are reached over HTTPS. */
  https: object(
    {
      state: oneOf('on', 'off', 'failed'),
      host: string,
      port: count,
      problem: string,
      /** Until a password is set nobody can sign in. */
      passwordSet: boolean,
    },
    ['problem'],
  ),
  certificate: certificateView,
  seal: list(string),
  keysInMemory: count,
  /** Certificates that have ended or end soon. Pinned clients are served all the same: what is pinned does not expire. */
  endings: list(endingView),
  instances: list(instanceView),
  /** `next` is absent where none are made by themselves, `last` where none was ever made. */
  backup: object({ next: moment, last: moment }, ['next', 'last']),
  alarms: list(alarmView),
});
export type StatusView = Of<typeof statusView>;

export const statusRoutes = {
  status: {
    method: 'GET',
    path: '/v1/status',
    role: 'read-only',
    summary: 'Whether all is well.',
    input: nothing,
    output: statusView,
  },
} as const satisfies Routes;
