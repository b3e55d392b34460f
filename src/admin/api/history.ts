// The last day in numbers, for charts: arrays of equal length with one value for each step, null where the server was not
// running or nothing was measured.

import { list, moment, type Of, object, type Routes, string } from './schema.ts';

const value = { type: ['number', 'null'] } as const;
const series = list(value);

const historyView = object({
  /** Of the first step; each one after it begins `step` milliseconds later. */
  from: moment,
  /** Milliseconds. */
  step: { type: 'integer', minimum: 60_000 },
  /** KMIP operations in each step: answered, refused because of what was asked, failed because of what we or an upstream could not do. */
  requests: object({ answered: series, refused: series, failed: series }),
  /** Where the keys of Get came from. */
  served: object({ memory: series, store: series, upstream: series }),
  /** From a request's last byte to its answer, microseconds: half of the requests were quicker, and 99 of 100. */
  latency: object({ p50: series, p99: series }),
  /** The share of the time for which each instance's upstream was reachable, 0 to 1. */
  upstreams: list(object({ instance: string, reachable: series })),
});
export type HistoryView = Of<typeof historyView>;

export const historyRoutes = {
  history: {
    method: 'GET',
    path: '/v1/history',
    role: 'read-only',
    summary: 'Requests, latency, where keys came from, and how the upstreams were, over the last hours.',
    input: object(
      {
        /** Default: 24. */
        hours: { type: 'integer', minimum: 1, maximum: 24 },
        /** Minutes in a step, default 5. */
        minutes: { type: 'integer', minimum: 1, maximum: 60 },
      },
      ['hours', 'minutes'],
    ),
    output: historyView,
  },
} as const satisfies Routes;
