// The commands that change a service instance or a key: what they show, what they ask, what they do.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { CertificatesView } from '../../src/admin/api/certificates.ts';
import type { InstanceView } from '../../src/admin/api/instances.ts';
import type { KeyView } from '../../src/admin/api/keys.ts';
import { settingsFor, startCloud } from '../custody/kit.ts';
import { activateKey, addText, createKey, getKey, revokeKey } from '../custody/requests.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { answering, runHere } from './here.ts';

const setUp = async (t: ExecutionContext) => {
  const server = await startServer(t);
  const cli = (line: string, answer?: string) =>
    runHere(line.split(' ').filter(Boolean), { KMIP_EDGE_DATA: server.dataDirectory }, answering(answer));
  const json = async <T>(line: string): Promise<T> => JSON.parse((await cli(`${line} --json`)).stdout) as T;
  return { server, cli, json, client: await server.connect() };
};

test('an instance is suspended, resumed, renamed and given another lease', async (t) => {
  const { cli, json } = await setUp(t);
  t.regex((await cli('instance suspend default')).stdout, /serving: +NO: it is suspended/);
  t.regex((await cli('instance resume default')).stdout, /serving: +yes/);
  t.is((await json<InstanceView>('instance rename default Dallas')).name, 'Dallas');
  t.is((await json<InstanceView>('instance lease Dallas 24h')).name, 'Dallas');
  t.regex(
    (await cli('instance lease Dallas 24h')).stderr,
    /^note: a local root key is always in reach: the lease counts/,
  );
  t.regex((await cli('instance create more --upstream local --lease 24h')).stderr, /^note: a local root key/);
  t.is((await cli('instance create most --upstream local')).stderr, '');
  const unknown = await cli('instance suspend default');
  t.is(unknown.code, 4);
  t.regex(unknown.stderr, /no service instance named 'default'\nhint: there are: Dallas/);
});

test('a removal shows what is in use, asks for the name, and is taken back', async (t) => {
  const { cli, json, client } = await setUp(t);
  const uid = await createKey(client);
  await addText(client, uid, 'x-Name', 'vm-17');
  await getKey(client, uid);
  const unasked = await cli('instance remove default');
  t.is(unasked.code, 2);
  t.regex(unasked.stderr, /has 1 key and 1 client/);
  t.regex(unasked.stderr, /exist here alone/);
  t.regex(unasked.stderr, new RegExp(`${uid} .*default .*vm-17`));
  t.regex(unasked.stderr, /hint: add --confirm default/);
  const mistyped = await cli('instance remove default', 'other');
  t.is(mistyped.code, 2);
  t.regex(mistyped.stderr, /nothing was done/);
  t.is((await json<InstanceView[]>('instance list'))[0]?.life, 'active');
  const removed = await cli('instance remove default', 'default');
  t.is(removed.code, 0);
  t.regex(removed.stdout, /serves nothing any more and is erased in (7 d|6 d 23 h 59 min .*), about 20/);
  t.regex(removed.stdout, /until then: kmip-edge instance restore default/);
  t.regex((await cli('instance list')).stdout, /default/);
  t.is((await cli('instance restore default')).code, 0);
  t.is((await getKey(client, uid)).length, 32);
  const wrong = await cli('instance remove nowhere --confirm nowhere');
  t.is(wrong.code, 4);
  const use = await json<{ total: number }>('instance use default');
  t.is(use.total, 1);
});

test('keys are found by every way, page by page, and shown whole but for their bytes', async (t) => {
  const { cli, json, client } = await setUp(t);
  const uids: string[] = [];
  for (let n = 0; n < 5; n += 1) {
    const uid = await createKey(client);
    await addText(client, uid, 'x-Name', `vm-${n}`);
    await addText(client, uid, 'x-Component', n % 2 === 0 ? 'VM' : 'ESXi');
    uids.push(uid);
  }
  const [first = '', second = ''] = uids;
  await activateKey(client, first);
  const bytes = await getKey(client, second);
  const listed = async (line: string) => (await json<{ keys: KeyView[]; total: number; next?: string }>(line)).keys;
  const found = async (line: string) => (await listed(`key list ${line}`)).map(({ uid }) => uid);
  t.deepEqual(await found(''), uids);
  t.deepEqual(await found('--name vm-3'), uids.slice(3, 4));
  t.deepEqual(await found('--attribute x-Component=ESXi'), [uids[1] ?? '', uids[3] ?? '']);
  t.deepEqual(await found('--attribute x-Component=ESXi --name vm-2'), []);
  t.deepEqual(await found('--state Active'), [first]);
  t.deepEqual(await found(`--uid ${second}`), [second]);
  t.deepEqual(await found('--instance default --limit 2'), uids.slice(0, 2));
  t.regex((await cli('key list --limit 2')).stdout, /2 of 5 keys; there may be more/);
  t.is((await cli('key list --instance nowhere')).code, 4);
  t.is((await cli('key list --attribute State=1')).code, 2);
  const [used] = await listed(`key list --uid ${second}`);
  t.is(used?.fetchedBy, 'default');

  const shown = await cli(`key show ${second}`);
  t.regex(shown.stdout, /state: +PreActive/);
  t.regex(shown.stdout, /kind: +SymmetricKey, AES-256, for Encrypt, Decrypt/);
  t.regex(shown.stdout, /last fetched: +20.* by client 'default'/);
  t.regex(shown.stdout, /x-Name: +vm-1/);
  t.false(shown.stdout.includes(bytes.toString('hex')) || shown.stdout.includes(bytes.toString('base64')));
  t.is((await cli('key show nothing')).code, 4);
});

test('a key is revoked and destroyed by the same rules as a client, and who did it is recorded', async (t) => {
  const { cli, client, server } = await setUp(t);
  const uid = await createKey(client);
  await activateKey(client, uid);
  await getKey(client, uid);
  const active = await cli(`key destroy ${uid} --confirm ${uid}`);
  t.is(active.code, 5);
  t.regex(active.stderr, /has to be revoked before.*\nhint: kmip-edge key revoke/);
  const revoked = await cli(`key revoke ${uid} --reason superseded --message worn`);
  t.regex(revoked.stdout, /state: +Deactivated/);
  t.regex(revoked.stdout, /revoked: +Superseded: worn/);
  t.is((await cli(`key revoke ${uid} --reason superseded`)).code, 5, 'not twice');
  t.is((await getKey(client, uid)).length, 32, 'a revoked key can be fetched still');
  const unasked = await cli(`key destroy ${uid}`);
  t.regex(unasked.stderr, /hint: add --confirm/);
  t.is((await cli(`key destroy ${uid}`, 'x')).code, 2);
  const destroyed = await cli(`key destroy ${uid}`, uid);
  t.is(destroyed.stdout, `key ${uid} is Destroyed\n`);
  await t.throwsAsync(getKey(client, uid), { message: /destroyed/ });
  const { records } = await server.api('audit.list', { key: uid });
  const acts = records.filter(({ by, operation }) => by === 'box' && ['Revoke', 'Destroy'].includes(operation));
  t.deepEqual(
    acts.toReversed().map(({ operation, outcome, name, role }) => [operation, outcome, name, role]),
    [
      ['Revoke', 'success', 'local', 'administrator'],
      ['Revoke', 'refused', 'local', 'administrator'],
      ['Destroy', 'success', 'local', 'administrator'],
    ],
  );
});

test('a compromised key is said to be so, also while its instance is suspended; none changes while it is being removed', async (t) => {
  const { cli, client, server } = await setUp(t);
  const [one, other] = [await createKey(client), await createKey(client)];
  for (const uid of [one, other]) await activateKey(client, uid);
  await server.api('instance.suspend', { name: 'default' });
  t.regex((await cli(`key revoke ${one} --reason key-compromise`)).stdout, /state: +Compromised/);
  await server.api('instance.remove', { name: 'default', confirm: 'default' });
  const refused = await cli(`key revoke ${other} --reason superseded`);
  t.is(refused.code, 5);
  t.regex(refused.stderr, /waits for its removal/);
  await server.api('instance.restore', { name: 'default' });
  await server.api('instance.resume', { name: 'default' });
  await revokeKey(client, other);
  t.pass();
});

test('a root key is chosen from a list on the terminal, and named in a script', async (t) => {
  const cloud = await startCloud(t);
  const { simulator, server } = cloud;
  const folder = temporaryDirectory(t);
  const [keyFile, caFile] = [join(folder, 'key'), join(folder, 'ca.pem')];
  const settings = settingsFor(simulator);
  writeFileSync(keyFile, settings.apiKey);
  writeFileSync(caFile, settings.caBundle);
  simulator.disable(simulator.createRootKey({ name: 'a disabled one' }));
  const chosen = simulator.createRootKey({ name: 'second' });
  const access = [
    ...['--url', settings.url, '--iam-url', settings.iamUrl, '--instance-id', settings.instanceId],
    ...['--api-key-file', keyFile, '--ca-file', caFile],
  ];
  const cli = (args: readonly string[], answer?: string) =>
    runHere(args, { KMIP_EDGE_DATA: server.dataDirectory }, answering(answer));
  const listed = await cli(['instance', 'crks', ...access]);
  t.regex(listed.stdout, new RegExp(`second +${chosen} +active +no +never`));
  t.regex(listed.stdout, /a disabled one .*suspended/);
  const create = ['instance', 'create', 'new', '--upstream', 'key-protect', ...access];
  t.regex((await cli(create)).stderr, /needs --crk\nhint: .*instance crks/);
  t.regex((await cli(create, '9')).stderr, /no root key '9' in the list/);
  const made = await cli(create, '2');
  t.is(made.code, 0, made.stderr);
  t.regex(made.stderr, /1 {2}edge-root-key .*\n2 {2}second/);
  t.regex(made.stdout, /root key: +second, active/);
});

test('the certificate that vCenter is to trust is written: the next one, or else the one in service', async (t) => {
  const { cli, json } = await setUp(t);
  const path = join(temporaryDirectory(t), 'next.pem');
  t.regex((await cli(`certificate show --out ${path}`)).stderr, /^wrote .*: the certificate in service$/m);
  const { current } = await json<CertificatesView>('certificate show');
  t.is(readFileSync(path, 'utf8'), current.certificatePem);
  t.regex((await cli('certificate renew')).stdout, /kmip-edge certificate show --out FILE/);
  t.regex((await cli(`certificate show --out ${path}`)).stderr, /^wrote .*: the certificate that is next$/m);
  const { next } = await json<CertificatesView>('certificate show');
  t.is(readFileSync(path, 'utf8'), next?.certificatePem ?? 'none');
  t.regex((await cli('certificate show --out /nonexistent/x')).stderr, /cannot be written to \/nonexistent\/x/);
});
