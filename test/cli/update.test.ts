// `kmip-edge instance update`: new credentials and settings of an upstream, tried before they count.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createKey, getKey } from '../custody/requests.ts';
import { startServer, type TestServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { startKeyProtect } from '../moving/kit.ts';
import { startRegionalSimulator } from '../peers/regional-kmip/simulator.ts';
import { settingsFor } from '../regional/kit.ts';
import { runHere } from './here.ts';

/** As vCenter and openssl show a fingerprint. */
const colons = (hex: string): string => hex.toUpperCase().replace(/..\B/g, '$&:');

/** The next server on the same data: nothing is in memory any more. */
const restart = async (t: ExecutionContext, server: TestServer): Promise<TestServer> => {
  await server.close();
  return startServer(t, { dataDirectory: server.dataDirectory });
};

const setUp = async (t: ExecutionContext) => {
  const server = await startServer(t);
  const folder = temporaryDirectory(t);
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const instance = (...args: readonly string[]) =>
    runHere(['instance', ...args], { KMIP_EDGE_DATA: server.dataDirectory });
  const settingsOf = async (name: string) =>
    (await server.api('instance.list', {})).find((one) => one.name === name)?.settings;
  return { server, file, instance, settingsOf };
};

test('an API key of Key Protect is replaced; one that does not work changes nothing', async (t) => {
  const { server, file, instance } = await setUp(t);
  const cloud = await startKeyProtect(t);
  const { url, iamUrl, instanceId, crk, apiKey, caPem } = cloud;
  const made = await instance(
    ...['create', 'prod', '--upstream', 'key-protect', '--url', url, '--iam-url', iamUrl],
    ...['--instance-id', instanceId, '--crk', crk, '--ca-file', file('ca.pem', caPem)],
    ...['--api-key-file', file('key', apiKey)],
  );
  t.is(made.code, 0, made.stderr);
  const client = await server.connect(await server.issue('prod', 'vcenter'));
  const before = await createKey(client);
  const wrong = await instance('update', 'prod', '--api-key-file', file('wrong', 'not-an-api-key'));
  t.is(wrong.code, 7, wrong.stderr);
  t.regex(wrong.stderr, /hint: check the API key/);
  const bytes = await getKey(client, before);
  await createKey(client);
  const right = await instance('update', 'prod', '--api-key-file', file('next', cloud.addApiKey('Reader')));
  t.is(right.code, 0, right.stderr);
  t.regex(right.stdout, /upstream: +key-protect, reachable\n/);
  t.deepEqual(await getKey(client, before), bytes);
  for (const change of [['--crk', cloud.createRootKey()], ['--no-aad']]) {
    const refused = await instance('update', 'prod', ...change);
    t.is(refused.code, 5, `${change.join(' ')}: ${refused.stderr}`);
    t.regex(refused.stderr, /cannot be changed; nothing was changed\nhint: .*instance migrate prod --to key-protect/);
  }
  const restarted = await restart(t, server);
  const again = await restarted.connect(await restarted.issue('prod', 'host'));
  t.deepEqual(await getKey(again, before), bytes);
});

test('the pin of an endpoint is changed by name; SHA-1 is warned of', async (t) => {
  const { server, instance, settingsOf } = await setUp(t);
  const simulator = await startRegionalSimulator();
  t.teardown(() => simulator.close());
  await server.api('instance.create', { name: 'region', upstream: 'kmip', settings: settingsFor(simulator) });
  const client = await server.connect(await server.issue('region', 'host'));
  const { sha1, sha256 } = simulator.fingerprint;
  const weak = await instance('update', 'region', '--fingerprint', colons(sha1));
  t.is(weak.code, 0, weak.stderr);
  t.regex(weak.stderr, /WARNING: a SHA-1 fingerprint can be forged/);
  t.deepEqual((await settingsOf('region'))?.['fingerprints'], [colons(sha1)]);
  const uid = await createKey(client);
  const strong = await instance('update', 'region', '--fingerprint', sha256);
  t.is(strong.code, 0, strong.stderr);
  t.is(strong.stderr, '');
  const pinned = await settingsOf('region');
  t.deepEqual(pinned?.['fingerprints'], [sha256]);
  const wrong = await instance('update', 'region', '--fingerprint', '00'.repeat(32));
  t.not(wrong.code, 0);
  t.regex(wrong.stderr, /not the pinned one/);
  t.deepEqual(await settingsOf('region'), pinned);
  const elsewhere = await instance('update', 'region', '--address', '127.0.0.1:1');
  t.is(elsewhere.code, 7, elsewhere.stderr);
  t.deepEqual(await getKey(client, uid), simulator.keys()[0]?.material);
});

test('a local root key is never replaced: its keys would be lost', async (t) => {
  const { server, instance } = await setUp(t);
  const client = await server.connect();
  const uid = await createKey(client);
  const bytes = await getKey(client, uid);
  const refused = await instance('update', 'default');
  t.is(refused.code, 5);
  t.regex(refused.stderr, /upstream local of 'default' has no settings/);
  const restarted = await restart(t, server);
  t.deepEqual(await getKey(await restarted.connect(), uid), bytes);
});

test('an endpoint that does not hold the keys does not take the place of the one that does', async (t) => {
  const { server, instance, settingsOf } = await setUp(t);
  const simulator = await startRegionalSimulator();
  const other = await startRegionalSimulator({ tls: simulator.tls, client: simulator.client });
  t.teardown(() => Promise.all([simulator.close(), other.close()]));
  await server.api('instance.create', { name: 'region', upstream: 'kmip', settings: settingsFor(simulator) });
  const client = await server.connect(await server.issue('region', 'host'));
  const elsewhere = ['update', 'region', '--address', `${other.host}:${other.port}`];
  const uid = await createKey(client);
  const refused = await instance(...elsewhere);
  t.is(refused.code, 5, refused.stderr);
  t.regex(refused.stderr, /the keys of 'region' are not there: .*; nothing was changed/);
  t.like(await settingsOf('region'), { endpoint: `${simulator.host}:${simulator.port}` });
  t.deepEqual(await getKey(client, uid), simulator.keys()[0]?.material);
  const held = simulator.store.find(uid);
  if (held) other.store.put(held);
  const moved = await instance(...elsewhere);
  t.is(moved.code, 0, moved.stderr);
  await simulator.stop();
  await createKey(client);
  t.is(other.keys().length, 2);
});

test('from a pin to a CA bundle by the bundle alone', async (t) => {
  const { server, file, instance, settingsOf } = await setUp(t);
  const simulator = await startRegionalSimulator();
  t.teardown(() => simulator.close());
  await server.api('instance.create', { name: 'region', upstream: 'kmip', settings: settingsFor(simulator) });
  const { code, stderr } = await instance('update', 'region', '--ca-file', file('ca.pem', simulator.tls.caPem));
  t.is(code, 0, stderr);
  const settings = await settingsOf('region');
  t.is(settings?.['caBundle'], simulator.tls.caPem);
  t.is(settings?.['fingerprints'], undefined);
});
