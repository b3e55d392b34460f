// Every metric in one table: its name, what it means, its labels. The types of what is read follow, so that a metric without
// a reader, or a reader with another label, does not compile. Label values come from tables of ours or are names that an
// administrator gave; nothing that a client makes up becomes one. A service instance is a label of two words, because
// `instance` is what Prometheus calls the appliance.

interface MetricRow {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

const counter = <const L extends readonly string[]>(help: string, ...labels: L) =>
  ({ type: 'counter', help, labels }) as const;
const gauge = <const L extends readonly string[]>(help: string, ...labels: L) =>
  ({ type: 'gauge', help, labels }) as const;
const histogram = <const L extends readonly string[]>(help: string, ...labels: L) =>
  ({ type: 'histogram', help, labels }) as const;

export const metrics = {
  // the KMIP port
  kmip_edge_requests_total: counter('KMIP operations answered, by result.', 'operation', 'result'),
  kmip_edge_request_duration_seconds: histogram(
    'From the last byte of a KMIP message to its answer, by its first operation.',
    'operation',
  ),
  kmip_edge_keys_served_total: counter('Keys answered to Get, by where they came from.', 'from'),
  kmip_edge_connections: gauge('KMIP connections that are open.'),
  kmip_edge_connections_opened_total: counter('KMIP connections that were admitted.'),
  kmip_edge_connections_refused_total: counter('KMIP connections that came to nothing, by why.', 'reason'),
  // upstreams and service instances
  kmip_edge_upstream_calls_total: counter('Calls to upstreams, by result.', 'kind', 'call', 'result'),
  kmip_edge_upstream_call_duration_seconds: histogram('How long calls to upstreams took, retries included.', 'kind'),
  kmip_edge_upstream_reachable: gauge('1 where the upstream answered when it was last asked.', 'service_instance'),
  kmip_edge_lease_remaining_seconds: gauge(
    'For how long keys would be served if the upstream answered no more; +Inf without a limit.',
    'service_instance',
  ),
  kmip_edge_instance_serving: gauge('1 where a stored key would be served now.', 'service_instance'),
  kmip_edge_instance_suspended: gauge('1 where an administrator has stopped the instance.', 'service_instance'),
  kmip_edge_root_key_state: gauge('1 for the state in which the root key is.', 'service_instance', 'state'),
  kmip_edge_keys: gauge('Keys of a service instance, by KMIP state.', 'service_instance', 'state'),
  kmip_edge_clients: gauge('Clients of a service instance.', 'service_instance'),
  // what is kept
  kmip_edge_cache_keys: gauge('Keys in memory.'),
  kmip_edge_cache_maximum_keys: gauge('Keys that memory may hold.'),
  kmip_edge_store_writable: gauge('1 where the last change could be stored.'),
  kmip_edge_database_bytes: gauge('Size of the database and of its write-ahead log.', 'file'),
  kmip_edge_disk_free_bytes: gauge('Free space where the data lies.'),
  kmip_edge_disk_size_bytes: gauge('Size of the file system where the data lies.'),
  kmip_edge_seal_slots: gauge('Ways to open the storage key.', 'kind'),
  kmip_edge_certificate_days_left: gauge(
    'Days until a certificate ends; below 0 once it has.',
    'certificate',
    'service_instance',
    'name',
  ),
  // the audit trail and backups
  kmip_edge_audit_records_total: counter('Records that the audit trail was ever given.'),
  kmip_edge_audit_waiting_records: gauge('Records that wait to be stored.'),
  kmip_edge_audit_stored: gauge('1 where the last records could be stored.'),
  kmip_edge_audit_forward_behind_records: gauge('Records that the syslog collector lacks; absent where none is set.'),
  kmip_edge_audit_bytes: gauge('Size of the audit trail.'),
  kmip_edge_backup_age_seconds: gauge('Since the last backup that succeeded; absent where there was none.'),
  kmip_edge_backup_failed: gauge('1 where the last backup failed.'),
  // administration
  kmip_edge_management_requests_total: counter('Requests of the management API, by result.', 'route', 'result'),
  kmip_edge_alarms: gauge('Alarms there are now.', 'severity', 'name'),
  kmip_edge_build_info: gauge('Always 1; the labels say what runs.', 'version', 'node'),
  // the process, by the names that Prometheus clients use
  kmip_edge_event_loop_delay_seconds: gauge('How late the event loop was, since the last look.', 'at'),
  kmip_edge_event_loop_busy_ratio: gauge('Share of the time for which the event loop was busy, since the last look.'),
  process_cpu_seconds_total: counter('User and system CPU time.'),
  process_resident_memory_bytes: gauge('Resident memory.'),
  process_start_time_seconds: gauge('Start of the process, seconds since 1970.'),
  process_open_fds: gauge('Open file descriptors.'),
  process_max_fds: gauge('Largest number of open file descriptors.'),
  nodejs_heap_size_used_bytes: gauge('JavaScript heap in use.'),
  nodejs_heap_size_total_bytes: gauge('JavaScript heap that is held.'),
  nodejs_external_memory_bytes: gauge('Memory outside the heap that JavaScript objects hold.'),
} as const satisfies Readonly<Record<string, MetricRow>>;

export type MetricName = keyof typeof metrics;
type Labels<N extends MetricName> = { readonly [L in (typeof metrics)[N]['labels'][number]]: string };

/** One value of a counter or a gauge. */
interface Value<N extends MetricName> {
  readonly labels: Labels<N>;
  readonly value: number;
}
/** One histogram: how many were in each bucket, with one bucket more than there are bounds. */
interface Distribution<N extends MetricName> {
  readonly labels: Labels<N>;
  readonly bounds: readonly number[];
  readonly counts: ArrayLike<number>;
  readonly sum: number;
}
export type Sample<N extends MetricName = MetricName> = N extends MetricName
  ? (typeof metrics)[N]['type'] extends 'histogram'
    ? Distribution<N>
    : Value<N>
  : never;

/** How each metric is read, at the moment when somebody asks. */
export type MetricReaders = { readonly [N in MetricName]: () => Iterable<Sample<N>> };

/** The one value of a metric without labels. */
export const only = (value: number): readonly [{ readonly labels: Record<never, never>; readonly value: number }] => [
  { labels: {}, value },
];
