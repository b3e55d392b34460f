// The set-up that nobody has to do by hand, against a real server: done once, repeated without harm, told when it fails.

import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { isKind } from '../../src/errors.ts';
import { setUp } from '../../src/first-boot/set-up.ts';
import { SettingsFile } from '../../src/system/settings-file.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { makeClient, makeServerTls } from '../peers/regional-kmip/certificates.ts';
import { startRegionalSimulator } from '../peers/regional-kmip/simulator.ts';
import { selfSigned } from '../server/certificates.ts';

test('password and certificate of the deployment are in effect, once', async (t) => {
  const server = await startServer(t, { settings: { 'admin.listen': '127.0.0.1:0' } });
  const vcenter = await selfSigned(t);
  const values = {
    password: 'correct horse battery',
    'vcenter-certificate': vcenter.certificate.replaceAll('\n', ' '),
  };
  t.deepEqual(await setUp(server.api, values), []);
  t.true((await server.api('status', {})).https.passwordSet);
  t.true(
    (await server.api('client.list', {})).some(({ name, instance }) => name === 'vcenter' && instance === 'default'),
  );
  t.deepEqual(await setUp(server.api, { ...values, password: 'another password' }), []);
  t.is((await server.api('client.list', {})).filter(({ name }) => name === 'vcenter').length, 1);
});

test('an upstream that does not answer is told, and leaves nothing half done', async (t) => {
  const server = await startServer(t);
  const values = {
    upstream: 'key-protect',
    url: 'https://127.0.0.1:1',
    'instance-id': 'guid',
    crk: 'root',
    'api-key': 'planted-secret',
  };
  const problems = await setUp(server.api, values);
  t.is(problems.length, 1);
  t.regex(problems[0] ?? '', /^service instance: /);
  t.false(problems.join().includes('planted-secret'));
  t.deepEqual(
    (await server.api('instance.list', {})).map(({ name }) => name),
    ['default'],
  );
});

test('a KMIP endpoint takes our certificate by hand: it is tried again until it is there, and nothing twice', async (t) => {
  const simulator = await startRegionalSimulator({ tls: makeServerTls(), client: makeClient() });
  t.teardown(() => simulator.close());
  const server = await startServer(t);
  const values = {
    upstream: 'kmip',
    endpoint: `${simulator.host}:${simulator.port}`,
    fingerprint: simulator.fingerprint.sha256,
  };
  const [problem, ...others] = await setUp(server.api, values);
  t.deepEqual(others, []);
  t.regex(problem ?? '', /^service instance: /);
  const { certificatePem } = await server.api('identity.make', { name: 'main' });
  simulator.admit(certificatePem);
  t.deepEqual(await setUp(server.api, values), []);
  t.deepEqual(await setUp(server.api, values), []);
  const made = (await server.api('instance.list', {})).filter(({ name }) => name === 'main');
  t.deepEqual(
    made.map(({ upstream }) => upstream),
    ['kmip'],
  );
});

test('settings are remembered for good, secrets until they were used', (t) => {
  const directory = join(temporaryDirectory(t), 'settings');
  const file = new SettingsFile(directory);
  t.is(file.load(), undefined);
  file.save({ settings: { hostname: 'edge1' }, secrets: { password: 'correct horse battery' }, isNew: true });
  t.deepEqual(file.load(), {
    settings: { hostname: 'edge1' },
    secrets: { password: 'correct horse battery' },
    isNew: true,
  });
  t.false(readFileSync(join(directory, 'settings.json'), 'utf8').includes('horse'));
  file.forgetSecrets();
  file.forgetSecrets();
  t.deepEqual(file.load(), { settings: { hostname: 'edge1' }, secrets: {}, isNew: false });
  t.false(existsSync(join(directory, 'first-set-up.json')));
});

test('the password lies on the disk no longer than until it is set, however long the upstream is waited for', async (t) => {
  const server = await startServer(t, { settings: { 'admin.listen': '127.0.0.1:0' } });
  const directory = temporaryDirectory(t);
  const file = new SettingsFile(directory);
  const path = join(directory, 'first-set-up.json');
  const secrets = { password: 'correct horse battery', 'api-key': 'planted-secret' };
  file.save({ settings: {}, secrets, isNew: true });
  const opened = openSync(path, 'r');
  const upstream = { upstream: 'key-protect', url: 'https://127.0.0.1:1', 'instance-id': 'guid', crk: 'root' };
  const problems = await setUp(server.api, { ...upstream, ...secrets }, () => file.forgetSecret('password'));
  t.deepEqual(problems.length, 1);
  t.deepEqual(file.load(), { settings: {}, secrets: { 'api-key': 'planted-secret' }, isNew: true });
  t.false(readFileSync(opened).some((byte) => byte !== 0));
  closeSync(opened);
  file.forgetSecret('password');
  file.forgetSecret('api-key');
  t.deepEqual(file.load()?.secrets, {});
});

test('a settings file that is damaged is said to be', (t) => {
  const directory = temporaryDirectory(t);
  const file = new SettingsFile(directory);
  file.save({ settings: { hostname: 'edge1' }, secrets: {}, isNew: false });
  for (const content of ['{', '[1]', '{"a":1}']) {
    file.save({ settings: {}, secrets: {}, isNew: false });
    t.notThrows(() => file.load());
    writeFileSync(join(directory, 'settings.json'), content);
    const error = t.throws(() => file.load());
    t.true(isKind(error, 'data-damaged'));
  }
});
