// Probes for load balancers and the like, and the metrics. Anyone may ask for the probes: they say no more than whether.

import { nothing, object, oneOf, type Routes, string } from './schema.ts';

const health = object({
  /** `warning`: keys are served, and an administrator has something to look at. */
  status: oneOf('ok', 'warning'),
});

/** Why the server is not ready, as `/health/ready` names it. */
export const notReadyReasons = ['kmip', 'store', 'instances'] as const;
export type NotReadyReason = (typeof notReadyReasons)[number];

export const healthRoutes = {
  health: {
    method: 'GET',
    path: '/health',
    role: 'anyone',
    summary: 'Ready or not (503), and whether there is something to look at.',
    input: nothing,
    output: health,
  },
  'health.live': {
    method: 'GET',
    path: '/health/live',
    role: 'anyone',
    summary: 'Answers as long as the process does.',
    input: nothing,
    output: object({ status: oneOf('ok') }),
  },
  'health.ready': {
    method: 'GET',
    path: '/health/ready',
    role: 'anyone',
    summary: 'Whether KMIP requests can be answered; 503 names in a word what stops all of them.',
    input: nothing,
    output: object({ status: oneOf('ok') }),
  },
  metrics: {
    method: 'GET',
    path: '/metrics',
    role: 'anyone',
    summary: 'Metrics for Prometheus: for a token of role read-only, or from the appliance itself.',
    input: nothing,
    output: string,
    media: 'text/plain; version=0.0.4; charset=utf-8',
    otherMedia: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  },
} as const satisfies Routes;
