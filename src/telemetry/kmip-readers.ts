// How the counts of the KMIP port, of upstreams and of the management API become metrics.

import { type CallMeter, callBounds } from './call-meter.ts';
import { connectionFailures, type KmipMeter, latencyBounds, origins } from './kmip-meter.ts';
import { type MetricReaders, only } from './metrics.ts';

export const meterReaders = (kmip: KmipMeter, upstreams: CallMeter, management: CallMeter) =>
  ({
    *kmip_edge_requests_total() {
      for (const { operation, result, count } of kmip.counts()) yield { labels: { operation, result }, value: count };
    },
    *kmip_edge_request_duration_seconds() {
      for (const { operation, counts, sum } of kmip.latencies())
        yield { labels: { operation }, bounds: latencyBounds, counts, sum };
    },
    kmip_edge_keys_served_total: () => origins.map((from) => ({ labels: { from }, value: kmip.origins[from] })),
    kmip_edge_connections_opened_total: () => only(kmip.opened),
    kmip_edge_connections_refused_total: () =>
      connectionFailures.map((reason) => ({ labels: { reason }, value: kmip.failures[reason] })),
    *kmip_edge_upstream_calls_total() {
      for (const { kind, call, result, count } of upstreams.counts())
        yield { labels: { kind, call, result }, value: count };
    },
    *kmip_edge_upstream_call_duration_seconds() {
      for (const [kind, { counts, sum }] of upstreams.durations())
        yield { labels: { kind }, bounds: callBounds, counts, sum };
    },
    *kmip_edge_management_requests_total() {
      for (const { call: route, result, count } of management.counts())
        yield { labels: { route, result }, value: count };
    },
  }) as const satisfies Partial<MetricReaders>;
