// The support bundle: what a supporter needs is in it, and none of the secrets that the server has or was shown.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { callForStream } from '../../src/admin/api/client.ts';
import { readTar } from '../../src/backup/tar.ts';
import { createSealer } from '../../src/seal/sealer.ts';
import { openStorageKey } from '../../src/seal/storage-key.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { startCloud } from '../custody/kit.ts';
import { createKey, getKey, registerKey } from '../custody/requests.ts';
import { ask, signIn, testPassword, withHttps } from '../kit/https.ts';
import { formsOf, found } from './secret-forms.ts';

type Cloud = Awaited<ReturnType<typeof startCloud>>;

const bundleOf = async (
  dataDirectory: string,
): Promise<{ readonly whole: Buffer; readonly files: Map<string, Buffer> }> => {
  const pieces: Buffer[] = [];
  for await (const piece of await callForStream(dataDirectory, 'support.bundle', {})) pieces.push(piece as Buffer);
  const whole = Buffer.concat(pieces);
  const files = new Map<string, Buffer>();
  const once = async function* () {
    yield gunzipSync(whole);
  };
  for await (const { name, content } of readTar(once())) {
    const parts: Buffer[] = [];
    for await (const part of content) parts.push(part);
    files.set(name, Buffer.concat(parts));
  }
  return { whole, files };
};

const bodyOf = (pem: string): string => pem.replace(/-----[A-Z ]+-----|\s/g, '');

/** Uses every secret there is, also wrongly, so that it passes through whatever may remember it. */
const useSecrets = async ({ simulator, server, client, files }: Cloud) => {
  const secrets: Record<string, Buffer | string> = {
    'API key': simulator.apiKey,
    'recovery passphrase': 'planted recovery passphrase',
    'administrator password': testPassword,
    'wrong password': 'planted wrong password 42',
    'client private key': bodyOf(files.privateKey),
    'key from Create': await getKey(client, await createKey(client)),
    'key from Register': Buffer.from('a planted key, 32 bytes long ###'),
    'credential file': readFileSync(join(server.dataDirectory, 'storage-key.credential')),
    'backup passphrase': 'planted backup passphrase 7',
  };
  await registerKey(client, Buffer.from(secrets['key from Register'] ?? ''));
  await server.api('seal.passphrase', { passphrase: String(secrets['recovery passphrase']) });
  await server.api('password.set', { password: testPassword });
  const path = join(server.dataDirectory, 'planted.backup');
  await server.api('backup.make', { path, passphrase: String(secrets['backup passphrase']) });
  const { token } = await server.api('token.create', { name: 'robot', role: 'operator', lifetime: 86_400_000 });
  const browser = await signIn(server);
  await ask(server, '/v1/session', { body: { password: secrets['wrong password'] } });
  await ask(server, `/v1/nowhere?token=${token}`, { headers: { authorization: `Bearer ${token}` } });
  await ask(server, '/v1/status', { headers: { authorization: `Bearer ${token}x` } });
  await ask(server, `/v1/instances`, { headers: browser.headers, body: { name: token, apiKey: simulator.apiKey } });
  // The upstream that says too much.
  const told = { status: 400, body: { resources: [{ errorMsg: `${simulator.apiKey} ${token}` }] } };
  simulator.fault({ kind: 'answer', ...told }, { on: 'wrap', times: 8 });
  await createKey(client).catch(() => undefined);
  const session = browser.cookie.slice(browser.cookie.indexOf('=') + 1);
  return { ...secrets, token, session, 'CSRF token': browser.csrf };
};

/** What only the sealed store knows. The server is stopped for it. */
const sealedSecrets = async (t: ExecutionContext, { server }: Cloud): Promise<Readonly<Record<string, Buffer>>> => {
  await server.close();
  const store = openSqliteStore(join(server.dataDirectory, 'kmip-edge.sqlite'));
  t.teardown(() => store.close());
  const { dataDirectory } = server;
  const { key: storageKey } = await openStorageKey({ store, dataDirectory, environment: {}, now: 0 });
  const sealer = createSealer(storageKey);
  // A mark that something was done is sealed too, and is no secret.
  const names = store.vault.names().filter((name) => name !== 'first-start');
  const records = names.map((name) => {
    const record = sealer.open(name, store.vault.sealedSecret(name) ?? Buffer.alloc(0)).toString('latin1');
    const [pem] = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----/.exec(record) ?? [];
    return [`vault: ${name}`, Buffer.from(pem ? bodyOf(pem.replaceAll('\\n', '\n')) : record, 'latin1')] as const;
  });
  return { 'storage key': storageKey.export(), ...Object.fromEntries(records) };
};

test('no secret is in the bundle, in any encoding', async (t) => {
  const cloud = await startCloud(t, { settings: withHttps });
  const used = await useSecrets(cloud);
  const { whole, files } = await bundleOf(cloud.server.dataDirectory);
  const secrets = { ...used, ...(await sealedSecrets(t, cloud)) };
  t.true(Object.keys(secrets).length >= 15, Object.keys(secrets).join(', '));
  for (const [name, secret] of Object.entries(secrets)) t.true(secret.length >= 12, name);
  t.deepEqual(found(secrets, [whole, gunzipSync(whole), ...files.values()]), []);
});

test('what a supporter needs is in the bundle', async (t) => {
  const cloud = await startCloud(t);
  const { files } = await bundleOf(cloud.server.dataDirectory);
  const text = (name: string): string => files.get(`kmip-edge-support/${name}`)?.toString() ?? '';
  const json = (name: string): unknown => JSON.parse(text(name));
  t.deepEqual(
    [...files.keys()].map((name) => name.slice('kmip-edge-support/'.length)),
    [
      'README.txt',
      'appliance.json',
      'settings.json',
      'status.json',
      'doctor.json',
      'metrics.txt',
      'history.json',
      'log.jsonl',
      'journal.jsonl',
    ],
  );
  t.like(json('appliance.json'), { node: process.versions.node });
  t.like(json('settings.json'), { 'log.level': 'info', 'kmip.idleTimeout': 600_000 });
  const { instances } = json('status.json') as { readonly instances: readonly Record<string, unknown>[] };
  t.like(instances[1], { name: 'cloud', upstream: 'key-protect', upstreamState: 'reachable', serving: true });
  t.like(instances[1]?.['settings'], { url: cloud.simulator.url, crk: cloud.simulator.crk });
  t.true((json('doctor.json') as { readonly results: readonly unknown[] }).results.length > 10);
  t.regex(text('metrics.txt'), /^kmip_edge_keys\{/m);
  t.like(json('history.json'), { step: 300_000 });
  t.regex(text('log.jsonl'), /"event":"administration"/);
});

test('the search for secrets finds each form', (t) => {
  const secret = Buffer.from('planted secret 123');
  const haystacks = [
    secret.toString(),
    secret.toString('hex'),
    Buffer.concat([Buffer.from('a'), secret, Buffer.from('z')]).toString('base64'),
    Buffer.concat([Buffer.from('ab'), secret, Buffer.from('zz')]).toString('base64url'),
    encodeURIComponent(`key=${secret}&`),
    [...secret].join(','),
  ];
  for (const text of haystacks) t.deepEqual(found({ secret }, [Buffer.from(`before ${text} after`)]), ['secret'], text);
  t.deepEqual(found({ secret }, [Buffer.from('nothing')]), []);
  t.true(formsOf(secret).every((form) => form.length >= 18));
});
