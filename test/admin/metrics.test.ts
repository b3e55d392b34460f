// Metrics and probes of a whole server: over the management socket and over HTTPS, as Prometheus and a load balancer ask.

import { once } from 'node:events';
import { connect } from 'node:net';
import test from 'ava';
import { metrics } from '../../src/telemetry/metrics.ts';
import { createKey } from '../custody/requests.ts';
import { ask, bearer, withHttps } from '../kit/https.ts';
import { startServer, type TestServer } from '../kit/server.ts';
import { parseStrictly } from '../telemetry/strict-parser.ts';
import { askSocket } from './socket.ts';

const readValue = (text: string, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined =>
  parseStrictly(text)
    .flatMap(({ samples }) => samples)
    .find((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value))
    ?.value;

const scrape = async ({ dataDirectory }: TestServer, accept?: string) => {
  const answer = await askSocket(dataDirectory, '/metrics', accept === undefined ? {} : { accept });
  if (answer.status !== 200) throw new Error(answer.body);
  return answer;
};

test('a scrape has every metric of the table, and the formats that Prometheus knows', async (t) => {
  const server = await startServer(t);
  const { type, body } = await scrape(server);
  t.is(type, 'text/plain; version=0.0.4; charset=utf-8');
  const asOfPrometheus =
    'application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
  const open = await scrape(server, asOfPrometheus);
  t.is(open.type, 'application/openmetrics-text; version=1.0.0; charset=utf-8');
  t.deepEqual(
    parseStrictly(body).map(({ name }) => name),
    Object.keys(metrics),
  );
  t.is(parseStrictly(open.body, true).length, Object.keys(metrics).length);
  for (const accept of ['text/plain', '*/*', 'application/json', 'application/openmetrics-text;version=2.0.0']) {
    t.regex((await scrape(server, accept)).type, /^text\/plain/, accept);
  }
});

test('what KMIP clients do is counted, whatever they make up', async (t) => {
  const server = await startServer(t);
  const client = await server.connect();
  const uid = await createKey(client);
  for (let round = 0; round < 3; round += 1) await client.request('Get', { UniqueIdentifier: uid });
  await t.throwsAsync(client.request('Get', { UniqueIdentifier: 'nowhere' }));
  const { body } = await scrape(server);
  t.is(readValue(body, 'kmip_edge_requests_total', { operation: 'Get', result: 'success' }), 3);
  t.is(readValue(body, 'kmip_edge_requests_total', { operation: 'Get', result: 'item-not-found' }), 1);
  t.is(readValue(body, 'kmip_edge_request_duration_seconds_count', { operation: 'Get' }), 4);
  t.is(readValue(body, 'kmip_edge_keys_served_total', { from: 'memory' }), 3);
  t.is(readValue(body, 'kmip_edge_connections'), 1);
  t.is(readValue(body, 'kmip_edge_connections_opened_total'), 1);
  t.is(readValue(body, 'kmip_edge_cache_keys'), 1);
  t.is(readValue(body, 'kmip_edge_upstream_reachable', { service_instance: 'default' }), 1);
  t.is(readValue(body, 'kmip_edge_lease_remaining_seconds', { service_instance: 'default' }), Number.POSITIVE_INFINITY);
  t.is(readValue(body, 'kmip_edge_root_key_state', { service_instance: 'default', state: 'active' }), 1);
  t.is(readValue(body, 'kmip_edge_upstream_calls_total', { kind: 'local', result: 'success' }), 1);
  t.is(readValue(body, 'kmip_edge_alarms', { name: 'no-recovery-passphrase' }), 1);
  t.true((readValue(body, 'kmip_edge_database_bytes', { file: 'database' }) ?? 0) > 4096);
  t.true((readValue(body, 'process_resident_memory_bytes') ?? 0) > 1e7);
  t.true((readValue(body, 'kmip_edge_certificate_days_left', { certificate: 'client' }) ?? 0) > 100);
  t.is(readValue((await scrape(server)).body, 'kmip_edge_management_requests_total', { route: 'metrics' }), 1);
});

test('a client certificate that is not admitted is counted, and so is a handshake that fails', async (t) => {
  const server = await startServer(t);
  const stranger = await startServer(t);
  const client = await server.connect({ ...stranger.client, authority: server.client.authority });
  await t.throwsAsync(client.request('DiscoverVersions', { ProtocolVersion: [] }));
  const socket = connect(server.port, '127.0.0.1');
  socket.end('GET / HTTP/1.1\r\n\r\n');
  await once(socket.resume(), 'close');
  const { body } = await scrape(server);
  t.is(readValue(body, 'kmip_edge_connections_refused_total', { reason: 'certificate' }), 1);
  t.is(readValue(body, 'kmip_edge_connections_refused_total', { reason: 'handshake' }), 1);
  t.is(readValue(body, 'kmip_edge_connections_opened_total'), 0);
});

test('a connection from another network is counted, and as that alone', async (t) => {
  const server = await startServer(t, { settings: { 'kmip.networks': ['10.20.0.0/16'] } });
  const socket = connect({ port: server.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
  socket.write('GET / HTTP/1.1\r\n\r\n');
  socket.on('error', () => {});
  await once(socket.resume(), 'close');
  const { body } = await scrape(server);
  t.is(readValue(body, 'kmip_edge_connections_refused_total', { reason: 'network' }), 1);
  t.is(readValue(body, 'kmip_edge_connections_refused_total', { reason: 'handshake' }), 0);
});

test('over HTTPS metrics are for loopback and for tokens, and the probes for anyone', async (t) => {
  const server = await startServer(t, { settings: withHttps });
  t.is((await ask(server, '/metrics')).status, 200);
  const { token } = await server.api('token.create', { name: 'prometheus', role: 'read-only', lifetime: 86_400_000 });
  const answer = await ask(server, '/metrics', { headers: bearer(token) });
  t.is(answer.status, 200);
  t.true(parseStrictly(answer.text).length > 20);
  t.is((await ask(server, '/metrics', { headers: bearer('kme_wrong') })).status, 401);
  const probes = await Promise.all(
    ['/health', '/health/live', '/health/ready'].map(async (path) => {
      const probe = await ask(server, path);
      return [probe.status, probe.json()];
    }),
  );
  t.deepEqual(probes, [
    [200, { status: 'ok' }],
    [200, { status: 'ok' }],
    [200, { status: 'ok' }],
  ]);
});
