// The set-up that nobody has to do by hand, against a real server: done once, repeated without harm, told when it fails.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { isKind } from '../../src/errors.ts';
import { setUp } from '../../src/first-boot/set-up.ts';
import { SettingsFile } from '../../src/first-boot/settings-file.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
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

test('settings are remembered for good, secrets until they were used', (t) => {
  const directory = join(temporaryDirectory(t), 'settings');
  const file = new SettingsFile(directory);
  t.is(file.load(), undefined);
  file.save({ settings: { hostname: 'edge1' }, secrets: { password: 'correct horse battery' } });
  t.deepEqual(file.load(), { settings: { hostname: 'edge1' }, secrets: { password: 'correct horse battery' } });
  t.false(readFileSync(join(directory, 'settings.json'), 'utf8').includes('horse'));
  file.forgetSecrets();
  file.forgetSecrets();
  t.deepEqual(file.load(), { settings: { hostname: 'edge1' }, secrets: {} });
  t.false(existsSync(join(directory, 'first-set-up.json')));
});

test('a settings file that is damaged is said to be', (t) => {
  const directory = temporaryDirectory(t);
  const file = new SettingsFile(directory);
  file.save({ settings: { hostname: 'edge1' }, secrets: {} });
  for (const content of ['{', '[1]', '{"a":1}']) {
    file.save({ settings: {}, secrets: {} });
    t.notThrows(() => file.load());
    writeFileSync(join(directory, 'settings.json'), content);
    const error = t.throws(() => file.load());
    t.true(isKind(error, 'data-damaged'));
  }
});
