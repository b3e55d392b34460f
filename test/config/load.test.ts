// The configuration from files and overrides: what is read, and that every refusal names the file, the setting, the value
// and what is allowed.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../src/config/load.ts';
import { settingNames } from '../../src/config/settings.ts';
import { configTemplate } from '../../src/config/template.ts';
import { maximumFileSize } from '../../src/config/yaml-file.ts';
import { EdgeError } from '../../src/errors.ts';

const file = async (t: ExecutionContext, text: string | Buffer): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'kmip-edge-config-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'config.yaml');
  await writeFile(path, text);
  return path;
};

test('without a file every setting has its default', async (t) => {
  const config = await loadConfig(undefined);
  t.deepEqual(config.kmip.listen, { host: '::', port: 5696 });
  t.is(config.kmip.maximumRequestSize, 1_048_576);
  t.is(config.offline.lease, 72 * 60 * 60 * 1000);
  t.is(config.upstream.pollInterval, 50_000);
  t.deepEqual(config.server.names, []);
  t.throws(() => Object.assign(config.kmip, { idleTimeout: 1 }), { instanceOf: TypeError });
});

test('the template loads to the defaults, as it is and with every setting in effect', async (t) => {
  const template = configTemplate();
  const inEffect = template.replace(/^ {2}#(?! )/gm, '  ');
  const defaults = await loadConfig(undefined);
  t.is(inEffect.match(/^ {2}[a-z]/gim)?.length, settingNames.length);
  t.deepEqual(await loadConfig(await file(t, template)), defaults);
  t.deepEqual(await loadConfig(await file(t, inEffect)), defaults);
});

test('the file replaces defaults and overrides replace the file', async (t) => {
  const path = await file(
    t,
    `
kmip: { listen: '[::]:0', maximumRequestSize: 64 KiB, maximumConnections: 10 }
tls: { minimumVersion: TLSv1.3, legacyCiphers: true }
offline: { lease: unlimited }
server: { names: [kms.example.com, '2001:db8::1'] }
log:
`,
  );
  const overrides = { 'kmip.maximumConnections': '20', 'tls.legacyCiphers': 'false', 'log.level': undefined };
  const config = await loadConfig(path, {
    ...overrides,
    'kmip.idleTimeout': '2 min',
    'server.names': 'a.example, ::1',
  });
  t.deepEqual(config.kmip.listen, { host: '::', port: 0 });
  t.is(config.kmip.maximumRequestSize, 65_536);
  t.is(config.kmip.maximumConnections, 20);
  t.is(config.kmip.idleTimeout, 120_000);
  t.deepEqual(config.tls, { minimumVersion: 'TLSv1.3', legacyCiphers: false });
  t.is(config.offline.lease, 'unlimited');
  t.deepEqual(config.server.names, ['a.example', '::1']);
  t.is(config.log.level, 'info');
});

for (const text of ['', '# nothing\n', '---\n', 'offline: { lease: 0 }\n', 'upstream: { pollInterval: 100 ms }\n']) {
  test(`a file may read ${JSON.stringify(text)}`, async (t) => {
    await t.notThrowsAsync(loadConfig(await file(t, text)));
  });
}

test('all problems are told at once, each with the file', async (t) => {
  const path = await file(t, 'kmip: { listen: 5696, idleTimeout: 5 }\nlogs: { level: info }\n');
  const error = await t.throwsAsync(loadConfig(path, { 'cache.maximumKeys': 'many' }), { instanceOf: EdgeError });
  t.deepEqual(
    error.message.split('\n').toSorted(),
    [
      'override: cache.maximumKeys is "many", must be a whole number of keys from 1 to 16777216',
      `${path}: kmip.idleTimeout is 5, must be a duration from '1 s' to '24 h'`,
      `${path}: kmip.listen is 5696, must be an address and a port, such as '0.0.0.0:5696' or '[::]:5696'`,
      `${path}: logs.level is not a setting, did you mean 'log.level'?`,
    ].toSorted(),
  );
  t.is(error.kind, 'invalid-field');
  t.truthy(error.hint);
});

test('the poll and the time for its answer are within the minute of the kill switch', async (t) => {
  const path = await file(t, 'upstream: { pollInterval: 52 s }\n');
  await t.notThrowsAsync(loadConfig(path));
  await t.notThrowsAsync(loadConfig(path, { 'upstream.totalTimeout': '8 s' }));
  const { message } = await t.throwsAsync(loadConfig(path, { 'upstream.totalTimeout': '8001 ms' }));
  t.regex(
    message,
    /^upstream\.pollInterval \(52 s\) and upstream\.totalTimeout \(8\.001 s\) must be at most 60 s together/,
  );
  await t.throwsAsync(loadConfig(await file(t, 'upstream: { totalTimeout: 11 s }\n')), { message: /50 s.*11 s/ });
});

const bomb = 'a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\n';
const refused: readonly (readonly [string, string | Buffer, RegExp])[] = [
  [
    'a mistyped setting',
    'kmip: { lisen: "0.0.0.0:1" }',
    /kmip\.lisen is not a setting, did you mean 'kmip\.listen'\?$/,
  ],
  ['a setting in the wrong group', 'tls: { listen: x }', /tls\.listen is not a setting, did you mean 'kmip\.listen'/],
  ['a mistyped group', 'kmpi: { idleTimeout: 5 s }', /kmpi\.idleTimeout is not .* 'kmip\.idleTimeout'/],
  ['a setting like none', 'kmip: { zzzzzzzz: 1 }', /kmip\.zzzzzzzz is not a setting$/],
  ['a secret in the wrong place', 'upstream: { apiKey: hunter2 }', /^(?!.*hunter2).*upstream\.apiKey is not a setting/],
  ['an unknown empty group', 'kmap:', /kmap is not a setting/],
  ['a group that is a value', 'kmip: 5', /kmip is not a setting/],
  ['a setting without a value', 'kmip: { listen: }', /kmip\.listen is empty, must be an address/],
  ['a name of JavaScript', '__proto__: { polluted: 1 }', /__proto__\.polluted is not a setting/],
  ['a duration without a unit', 'kmip: { idleTimeout: 60 }', /kmip\.idleTimeout is 60, must be a duration/],
  ['a duration too short', 'upstream: { pollInterval: 99 ms }', /"99 ms", must be a duration from '100 ms' to '52 s'/],
  ['a duration too long', 'upstream: { pollInterval: 53 s }', /"53 s", must be a duration from '100 ms' to '52 s'/],
  ['unlimited where it is not allowed', 'kmip: { idleTimeout: unlimited }', /"unlimited", must be a duration/],
  ['a size too small', 'kmip: { maximumRequestSize: 1023 }', /is 1023, must be a size from '1 KiB' to '16 MiB'/],
  ['a size too large', 'kmip: { maximumRequestSize: 17 MiB }', /"17 MiB", must be a size/],
  ['half a connection', 'kmip: { maximumConnections: 1.5 }', /is 1\.5, must be a whole number of connections/],
  ['no connection', 'kmip: { maximumConnections: 0 }', /is 0, must be a whole number of connections from 1/],
  ['a word for a boolean', 'tls: { legacyCiphers: yes }', /"yes", must be true or false/],
  ['an old TLS version', 'tls: { minimumVersion: TLSv1.1 }', /"TLSv1\.1", must be one of 'TLSv1\.2', 'TLSv1\.3'/],
  ['one name instead of a list', 'server: { names: kms }', /"kms", must be a list/],
  ['a wildcard name', 'server: { names: ["*.example.com"] }', /must be a list of at most 64 different DNS names/],
  ['a network that is none', 'kmip: { networks: [10.0.0.0/33] }', /must be a list of at most 64 different networks/],
  [
    'a name for a network',
    'kmip: { networks: [vcenter.example.com] }',
    /must be a list of at most 64 different networks/,
  ],
  ['the same name twice', 'server: { names: [a, a] }', /must be a list of at most 64 different/],
  ['a long value, cut short', `log: { level: ${'x'.repeat(500)} }`, /is "x{59}…, must be one of/],
  ['a setting twice', 'kmip: { listen: "0.0.0.0:1" }\nkmip.listen: "0.0.0.0:2"', /kmip\.listen is given twice/],
  ['a key twice', 'log: { level: info, level: warn }', /is not valid YAML: .*unique/],
  ['a list at the top', '- kmip', /must hold groups of settings/],
  ['broken YAML', 'kmip: [', /is not valid YAML: .* at line 1/],
  ['two documents', 'log:\n---\nlog:\n', /is not valid YAML/],
  ['an unknown tag', 'log: !secret x', /is not valid YAML/],
  ['aliases', bomb, /aliases are not allowed/],
  ['deep nesting', '['.repeat(100_000), /is not valid YAML/],
  ['bytes that are not text', Buffer.from([0xff, 0xfe, 0x00]), /is not UTF-8 text/],
  ['a file too long', `#${'x'.repeat(maximumFileSize)}`, /is longer than the 262144 bytes allowed/],
];

for (const [name, text, message] of refused) {
  test(`a file is refused: ${name}`, async (t) => {
    const path = await file(t, text);
    const error = await t.throwsAsync(loadConfig(path), { instanceOf: EdgeError, message });
    t.is(error.kind, 'invalid-field');
    t.true(error.message.startsWith(`${path}: `));
  });
}

test('a file that is not there is named', async (t) => {
  const error = await t.throwsAsync(loadConfig('/nowhere/config.yaml'), { instanceOf: EdgeError });
  t.is(error.kind, 'missing-data');
  t.regex(error.message, /config file \/nowhere\/config\.yaml cannot be read/);
});
