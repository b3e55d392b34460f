// The recovery export: every key of a removed service instance comes back, in another instance on another upstream, with the
// identifier, the attributes and the bytes that vCenter knows; and nothing else opens or changes the file.

import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runHere } from '../cli/here.ts';
import { haveRecordings, outline, readRecordings, withUid } from '../conformance/recordings.ts';
import { startCloud } from '../custody/kit.ts';
import { createKey, getKey } from '../custody/requests.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { until } from '../kit/until.ts';
import { newKeyAsVcenter } from '../kit/vcenter.ts';
import { look, makeKeys } from '../moving/kit.ts';

const settings = { 'removal.wait': '0 s' };

test('a removed instance comes back from its export, on another upstream, and vCenter gets the same bytes', async (t) => {
  const cloud = await startCloud(t, { settings });
  const { server, simulator } = cloud;
  const folder = temporaryDirectory(t);
  const [file, secret] = [join(folder, 'cloud.age'), join(folder, 'passphrase')];
  writeFileSync(secret, 'correct horse battery\n');
  const cli = (...args: readonly string[]) => runHere(args, { KMIP_EDGE_DATA: server.dataDirectory });
  const ofVcenter = await newKeyAsVcenter({ host: '127.0.0.1', port: server.port, ...cloud.files });
  const uids = [...(await makeKeys(cloud.client, 12)), ofVcenter];
  const before = await look(cloud.client, uids);

  const exported = await cli('instance', 'export', 'cloud', '--out', file, '--passphrase-file', secret);
  t.is(exported.code, 0, exported.stderr);
  t.is(statSync(file).mode & 0o777, 0o600);
  const content = readFileSync(file).toString('latin1');
  t.true(content.startsWith('age-encryption.org/v1'));
  t.false(content.includes(ofVcenter));

  await server.api('instance.create', { name: 'back', upstream: 'local', settings: {} });
  const early = await cli('instance', 'import', file, '--into', 'back', '--passphrase-file', secret);
  t.is(early.code, 5);
  t.regex(early.stderr, /is in service instance 'cloud'/);
  await server.api('instance.remove', { name: 'cloud', confirm: 'cloud' });
  await until(async () => !(await server.api('instance.list', {})).some(({ name }) => name === 'cloud'));
  simulator.delete(simulator.crk);

  const imported = await cli('instance', 'import', file, '--into', 'back', '--passphrase-file', secret);
  t.is(imported.code, 0, imported.stderr);
  t.is(imported.stdout, `${uids.length} keys imported into 'back', 0 were there already\n`);
  const again = await cli('instance', 'import', file, '--into', 'back', '--passphrase-file', secret, '--json');
  t.like(JSON.parse(again.stdout), { imported: 0, present: uids.length, total: uids.length });
  const files = await server.issue('back', 'vcenter');
  t.deepEqual(await look(await server.connect(files), uids), before);
  await server.close();
  const restarted = await startServer(t, { dataDirectory: server.dataDirectory });
  t.deepEqual(await look(await restarted.connect(files), uids), before);
  if (!haveRecordings) return t.log('the recordings are absent: vCenter is played by our own encoder alone');
  const client = await restarted.connect(files);
  const found = [...readRecordings()].find(([name]) => /get(?!.*attr)/i.test(name));
  t.truthy(found, 'there is a recorded Get');
  if (!found) return;
  const [, { request, response }] = found;
  const answer = await client.exchange(withUid(request, ofVcenter));
  t.deepEqual(outline(answer, ofVcenter), outline(withUid(response, ofVcenter), ofVcenter));
});

test('an export to a public key opens with age itself, and what was changed or cut is not imported', async (t) => {
  const server = await startServer(t, { settings });
  const folder = temporaryDirectory(t);
  const at = (name: string): string => join(folder, name);
  const uid = await createKey(await server.connect());
  const bytes = await getKey(await server.connect(), uid);
  const cli = (...args: readonly string[]) => runHere(args, { KMIP_EDGE_DATA: server.dataDirectory });
  const recipient = (await cli('backup', 'keygen', at('key'))).stdout.trim();
  t.is((await cli('instance', 'export', 'default', '--out', at('a.age'), '--recipient', recipient)).code, 0);
  t.is((await cli('instance', 'export', 'default', '--out', at('a.age'), '--recipient', recipient)).code, 5);
  const plain = execFileSync('age', ['-d', '-i', at('key'), at('a.age')]).toString();
  t.is(plain.trim().split('\n').length, 3);
  t.true(plain.includes(bytes.toString('base64')));

  await server.api('instance.create', { name: 'other', upstream: 'local', settings: {} });
  const bad = async (name: string, content: Buffer) => {
    writeFileSync(at(name), content);
    return cli('instance', 'import', at(name), '--into', 'other', '--identity-file', at('key'));
  };
  const whole = readFileSync(at('a.age'));
  const flipped = Buffer.from(whole);
  flipped[whole.length - 40] = (flipped[whole.length - 40] ?? 0) ^ 1;
  t.is((await bad('flipped', flipped)).code, 8);
  t.is((await bad('cut', whole.subarray(0, -20))).code, 8);
  t.is((await bad('nothing', Buffer.from('nothing'))).code, 8);
  for (const lines of [plain.trim().split('\n').slice(0, 2), plain.trim().split('\n').slice(1), ['{}'], []]) {
    const closed = execFileSync('age', ['-r', recipient], { input: `${lines.join('\n')}\n` });
    const refused = await bad(`short-${lines.length}`, closed);
    t.is(refused.code, 8, refused.stderr);
    t.regex(refused.stderr, /recovery export/);
    t.false(refused.stderr.includes(bytes.toString('base64')));
  }
  const stranger = (await cli('backup', 'keygen', at('other-key'))).code;
  t.is(stranger, 0);
  const locked = await cli('instance', 'import', at('a.age'), '--into', 'other', '--identity-file', at('other-key'));
  t.is(locked.code, 8);
  t.is((await server.api('key.list', { instance: 'other' })).keys.length, 0);
});

test('an export is whole or none: a key that cannot be opened ends it, and the file is gone', async (t) => {
  const cloud = await startCloud(t, { settings, lease: 0 });
  const folder = temporaryDirectory(t);
  await createKey(cloud.client);
  await cloud.restart();
  await cloud.simulator.cutLink();
  writeFileSync(join(folder, 'passphrase'), 'correct horse battery\n');
  const out = join(folder, 'out.age');
  const refused = await runHere(
    ['instance', 'export', 'cloud', '--out', out, '--passphrase-file', join(folder, 'passphrase')],
    { KMIP_EDGE_DATA: cloud.server.dataDirectory },
  );
  t.not(refused.code, 0);
  t.throws(() => statSync(out));
});
