// Settings that are changed while the server runs: the file keeps its comments, nothing wrong is ever written, and each
// setting says where it comes from and whether it counts yet.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/settings.ts';
import { SettingsFile, type SettingsFileOptions } from '../../src/config/settings-file.ts';
import { configTemplate } from '../../src/config/template.ts';
import { isKind } from '../../src/errors.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const setUp = async (t: ExecutionContext, text?: string, changed: Partial<SettingsFileOptions> = {}) => {
  const path = join(temporaryDirectory(t), 'kmip-edge.yaml');
  if (text !== undefined) writeFileSync(path, text);
  const heard: Config[] = [];
  const onChange = (config: Config): void => void heard.push(config);
  const file = new SettingsFile({ path, ours: true, overrides: {}, onChange, ...changed });
  await file.start();
  const one = async (name: string) => (await file.list()).find((setting) => setting.name === name);
  return { file, path, heard, one, text: () => readFileSync(path, 'utf8') };
};

test('a change makes the file, which the next start reads, and tells that it waits for it', async (t) => {
  const { file, path, one } = await setUp(t);
  const before = await one('kmip.maximumConnections');
  t.like(before, { value: '4096', source: 'default', atOnce: false });
  t.is(before?.running, undefined);
  await file.change({ 'kmip.maximumConnections': '10', 'server.names': 'kms.example.com, 2001:db8::1' });
  t.like(await one('kmip.maximumConnections'), { value: '10', source: 'file', running: '4096' });
  t.is(statSync(path).mode & 0o777, 0o600);
  const config = await loadConfig(path);
  t.is(config.kmip.maximumConnections, 10);
  t.deepEqual(config.server.names, ['kms.example.com', '2001:db8::1']);
  await file.change({ 'kmip.maximumConnections': null });
  const after = await one('kmip.maximumConnections');
  t.like(after, { value: '4096', source: 'default' });
  t.is(after?.running, undefined);
});

const written = `# The edge of site A.

kmip:
  # Behind the load balancer.
  listen: 10.0.0.5:5696 # asked for by the network team
  idleTimeout: 5 min
tls:
  minimumVersion: TLSv1.3
`;

test('comments, order and what is not changed stay as they were written', async (t) => {
  const { file, text } = await setUp(t, written);
  await file.change({ 'kmip.idleTimeout': '7 min', 'log.level': 'debug' });
  t.is(text(), `${written.replace('5 min', '7 min')}log:\n  level: debug\n`);
  await file.change({ 'log.level': null, 'kmip.idleTimeout': '5 min' });
  t.is(text(), written);
  await file.change({ 'log.level': 'warn' });
  t.true(text().startsWith(written));
});

test('in the template every help text stays beside what is set', async (t) => {
  const { file, text, path } = await setUp(t, configTemplate());
  await file.change({ 'backup.keep': '5', 'kmip.maximumConnections': '7' });
  const comments = (source: string): readonly string[] => source.match(/# .*/g) ?? [];
  t.deepEqual(comments(text()).toSorted(), comments(configTemplate()).toSorted());
  t.is((await loadConfig(path)).backup.keep, '5');
});

const refusals: readonly (readonly [what: string, changes: Readonly<Record<string, string | null>>, text: RegExp])[] = [
  ['an unknown name', { 'kmip.lissten': '1' }, /"kmip.lissten" is not a setting/],
  ['a name of JavaScript', { '__proto__.x': '1' }, /is not a setting/],
  ['a wrong value', { 'kmip.idleTimeout': 'soon' }, /kmip.idleTimeout is "soon", must be a duration/],
  ['a number that is none', { 'kmip.maximumConnections': 'ten' }, /must be a whole number/],
  ['what another setting forbids', { 'upstream.pollInterval': '52 s', 'upstream.totalTimeout': '20 s' }, /together/],
  [
    'a place without a lock',
    { 'backup.destination': '/mnt' },
    /needs either backup.recipients or backup.passphraseFile/,
  ],
  ['a bucket without an address', { 'backup.destination': 's3://abc', 'backup.passphraseFile': '/p' }, /s3Endpoint/],
  ['a relative path', { 'backup.destination': 'mnt' }, /absolute path/],
  ['a rule that is none', { 'backup.keep': 'daily' }, /must be 'all'/],
  ['an address without TLS', { 'backup.s3Endpoint': 'http://s3.example.com' }, /must be the address/],
];
for (const [what, changes, text] of refusals) {
  test(`${what} is refused and nothing is written`, async (t) => {
    const { file, path } = await setUp(t, written);
    const error = await t.throwsAsync(file.change(changes));
    t.true(isKind(error, 'invalid-field'));
    t.regex(error?.message ?? '', text);
    t.is(readFileSync(path, 'utf8'), written);
    t.deepEqual(readdirSync(join(path, '..')), ['kmip-edge.yaml']);
  });
}

test('what the command line says wins, is shown as such, and is not contradicted unseen', async (t) => {
  const overrides = { 'kmip.listen': '127.0.0.1:0', 'upstream.totalTimeout': '59 s', 'log.level': undefined };
  const { file, one } = await setUp(t, 'upstream: { pollInterval: 1 s }\n', { overrides });
  t.like(await one('kmip.listen'), { value: '127.0.0.1:0', source: 'command line' });
  t.like(await one('log.level'), { source: 'default' });
  t.regex((await t.throwsAsync(file.change({ 'upstream.pollInterval': '30 s' })))?.message ?? '', /together/);
});

test('settings of backups count at once and are told to whoever makes them', async (t) => {
  const { file, heard, one } = await setUp(t);
  await file.change({ 'kmip.maximumConnections': '10' });
  t.is(heard.length, 0);
  await file.change({ 'backup.destination': '/mnt/backup', 'backup.passphraseFile': '/etc/passphrase' });
  t.is(heard.at(-1)?.backup.destination, '/mnt/backup');
  const setting = await one('backup.destination');
  t.like(setting, { value: '/mnt/backup', atOnce: true });
  t.is(setting?.running, undefined);
});

test('a file that was named on the command line is shown and never changed', async (t) => {
  const { file, one, text } = await setUp(t, written, { ours: false });
  t.like(await one('tls.minimumVersion'), { value: 'TLSv1.3', source: 'file' });
  t.true(isKind(await t.throwsAsync(file.change({ 'log.level': 'debug' })), 'illegal-operation'));
  t.is(text(), written);
});

test('changes at the same time are all kept', async (t) => {
  const { file, path } = await setUp(t);
  const names = ['kmip.maximumConnections', 'kmip.maximumConnectionsPerAddress', 'cache.maximumKeys'];
  await Promise.all(names.map((name, index) => file.change({ [name]: String(index + 5) })));
  const { kmip, cache } = await loadConfig(path);
  t.deepEqual([kmip.maximumConnections, kmip.maximumConnectionsPerAddress, cache.maximumKeys], [5, 6, 7]);
});

test('whatever text is given, the file afterwards holds exactly that or what it held', async (t) => {
  const { file, one } = await setUp(t, written);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 40 }), async (tail) => {
      const value = `/${tail}`;
      const before = await one('backup.passphraseFile');
      const isTaken = await file.change({ 'backup.passphraseFile': value }).then(
        () => true,
        (error: unknown) => (isKind(error, 'invalid-field') ? false : Promise.reject(error)),
      );
      return (await one('backup.passphraseFile'))?.value === (isTaken ? value : before?.value);
    }),
    { numRuns: 25 },
  );
  t.pass();
});

test('read anew, what counts at once counts, the rest waits for the next start, and a damaged file changes nothing', async (t) => {
  const { file, path, heard, one } = await setUp(t);
  writeFileSync(path, 'kmip:\n  maximumConnections: 10\nbackup:\n  every: 2 h\n');
  t.deepEqual(await file.reload(), ['kmip.maximumConnections']);
  t.is(heard.length, 1);
  t.is(heard[0]?.backup.every, 2 * 3_600_000);
  t.is((await one('backup.every'))?.running, undefined);
  writeFileSync(path, 'backup:\n  every: never\n');
  t.true(isKind(await t.throwsAsync(file.reload()), 'invalid-field'));
  t.is(heard.length, 1);
  writeFileSync(path, '');
  t.deepEqual(await file.reload(), []);
  t.is(heard.length, 2);
});
