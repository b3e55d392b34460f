// One encrypted file with everything, made while the server runs; a new machine that is given it answers as the old one.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import test, { type ExecutionContext } from 'ava';
import { runHere } from '../cli/here.ts';
import { settingsFor, withDatabase } from '../custody/kit.ts';
import { activateKey, addText, createKey, destroyKey, getKey } from '../custody/requests.ts';
import { refusal } from '../kit/refusal.ts';
import { startServer, type TestServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { newKeyAsVcenter } from '../kit/vcenter.ts';
import { look, startKeyProtect } from '../moving/kit.ts';

const passphrase = 'correct horse battery staple';

/** A passphrase costs a second of CPU each time: closed by a key where it is not the subject. */
const setUp = async (t: ExecutionContext, closedBy: 'key' | 'passphrase' = 'key') => {
  const folder = temporaryDirectory(t);
  const file = (name: string): string => join(folder, name);
  writeFileSync(file('passphrase'), `${passphrase}\n`);
  writeFileSync(file('wrong'), 'another passphrase\n');
  const server = await startServer(t);
  const identity = await generateX25519Identity();
  if (closedBy === 'key') writeFileSync(file('identity'), identity);
  const recipient = ['--recipient', await identityToRecipient(identity)];
  const opens = closedBy === 'key' ? ['--identity-file', file('identity')] : ['--passphrase-file', file('passphrase')];
  const backup = (name = 'backup', secret = 'passphrase') => {
    const lock = closedBy === 'key' ? recipient : ['--passphrase-file', file(secret)];
    return runHere(['backup', file(name), ...lock, '--data', server.dataDirectory]);
  };
  const restored = (data: string, ...args: readonly string[]) =>
    runHere(['restore', file('backup'), ...opens, '--data', data, ...args]);
  return { server, file, backup, restored, fresh: () => temporaryDirectory(t) };
};

const sha256Of = (server: TestServer): string => server.running.certificate.sha256;

test('a new machine answers with the same certificate, clients, instances and keys, and goes on', async (t) => {
  const { server, backup, restored, fresh, file } = await setUp(t, 'passphrase');
  const cloud = await startKeyProtect(t);
  await server.api('instance.create', { name: 'prod', upstream: 'key-protect', settings: settingsFor(cloud) });
  const files = await server.issue('prod', 'vcenter');
  const [local, client] = [await server.connect(), await server.connect(files)];
  const uids: string[] = [];
  for (const one of [local, client, client, local]) uids.push(await createKey(one));
  const [first = '', second = '', third = '', fourth = ''] = uids;
  await addText(client, second, 'x-Name', 'esx-01');
  await activateKey(client, second);
  await destroyKey(local, fourth);
  const before = [...(await look(local, [first, fourth])), ...(await look(client, [second, third]))];
  const made = await backup();
  t.is(made.code, 0, made.stderr);
  t.regex(made.stdout, /size: +\d{5,} bytes\nas of: +20.*\nkeys: +4/);
  await createKey(local);
  await server.close();

  const directory = fresh();
  const report = await restored(directory);
  t.is(report.code, 0, report.stderr);
  t.regex(
    report.stdout,
    /instances: default, prod\nclients: +2\nkeys: +4\ndamaged: +0\nsettings: +none inside\nRestored\. Start it with 'kmip-edge serve --data \/.*'\.\n[\s\S]*destroy them again/,
  );
  const next = await startServer(t, { dataDirectory: directory });
  t.is(sha256Of(next), sha256Of(server));
  const [localAgain, again] = [await next.connect(server.client), await next.connect(files)];
  t.deepEqual([...(await look(localAgain, [first, fourth])), ...(await look(again, [second, third]))], before);
  t.is((await getKey(again, await createKey(again))).length, 32);
  const { certificate, privateKey, authority } = files;
  const uid = await newKeyAsVcenter({ host: '127.0.0.1', port: next.port, certificate, privateKey, authority });
  t.is((await getKey(again, uid)).length, 32);
  t.regex(await refusal(t, getKey(again, first)), /no object has unique identifier/);
  const taken = await runHere([
    'restore',
    file('backup'),
    '--passphrase-file',
    file('passphrase'),
    '--data',
    directory,
  ]);
  t.is(taken.code, 5);
  t.regex(taken.stderr, /has data already: a backup is restored into an empty directory/);
});

test('a backup made in a storm of changes holds everything that was acknowledged before it', async (t) => {
  const { server, backup, restored, fresh } = await setUp(t);
  const bytes = new Map<string, Buffer>();
  let over = false;
  const storm = async (): Promise<void> => {
    const client = await server.connect();
    while (!over) {
      const uid = await createKey(client);
      bytes.set(uid, await getKey(client, uid));
    }
  };
  const storming = Promise.all([storm(), storm(), storm()]);
  while (bytes.size < 200) await new Promise((resolve) => setTimeout(resolve, 10));
  const before = new Map(bytes);
  const making = [backup('backup'), backup('other')];
  const codes = (await Promise.all(making)).map(({ code }) => code);
  t.deepEqual(codes.toSorted(), [0, 5]);
  over = true;
  await storming;
  if (codes[0] !== 0) t.is((await backup('backup')).code, 0);
  await server.close();
  const directory = fresh();
  t.is((await restored(directory)).code, 0);
  const next = await startServer(t, { dataDirectory: directory });
  const client = await next.connect(server.client);
  for (const [uid, key] of before) t.deepEqual(await getKey(client, uid), key);
  t.deepEqual(
    readdirSync(server.dataDirectory).filter((name) => /snapshot|part|restore/.test(name)),
    [],
  );
});

test('nothing is written over, and a restore that fails leaves nothing behind', async (t) => {
  const { server, backup, restored, fresh, file } = await setUp(t, 'passphrase');
  await createKey(await server.connect());
  t.is((await backup()).code, 0);
  const again = await backup();
  t.is(again.code, 5);
  t.regex(again.stderr, /is there already\nhint: give the file another name/);
  t.is((await backup('none/backup')).code, 2);
  const short = file('short');
  writeFileSync(short, 'short\n');
  t.is((await backup('second', 'short')).code, 2);
  t.deepEqual(readdirSync(file('.')).toSorted(), ['backup', 'passphrase', 'short', 'wrong']);
  const directory = fresh();
  const checked = await restored(directory, '--check');
  t.regex(checked.stdout, /keys: +1\ndamaged: +0\nsettings: +none inside\nIt can be restored; nothing was changed\./);
  t.deepEqual(readdirSync(directory), []);
  const wrong = await runHere(['restore', file('backup'), '--passphrase-file', file('wrong'), '--data', directory]);
  t.is(wrong.code, 8);
  t.regex(wrong.stderr, /does not open the file\nhint: .*nothing was changed/);
  const none = await runHere(['restore', file('wrong'), '--passphrase-file', file('wrong'), '--data', directory]);
  t.is(none.code, 8);
  t.regex(none.stderr, /not in the age format/);
  t.deepEqual(readdirSync(directory), []);
});

test('no key bytes, storage key or credential are in the file or stay in the clear beside it', async (t) => {
  const { server, backup, file } = await setUp(t);
  const client = await server.connect();
  const key = await getKey(client, await createKey(client));
  t.is((await backup()).code, 0);
  const bytes = readFileSync(file('backup'));
  const credential = readFileSync(join(server.dataDirectory, 'storage-key.credential'));
  for (const secret of [key, credential, Buffer.from('SQLite format'), Buffer.from('default')]) {
    t.false(bytes.includes(secret));
  }
});

test('a record that was damaged before is named, and everything else is restored', async (t) => {
  const { server, backup, restored, fresh } = await setUp(t);
  const cloud = await startKeyProtect(t);
  await server.api('instance.create', { name: 'prod', upstream: 'key-protect', settings: settingsFor(cloud) });
  const client = await server.connect(await server.issue('prod', 'vcenter'));
  const [sound, hurt] = [await createKey(client), await createKey(client)];
  const bytes = await getKey(client, sound);
  await server.close();
  withDatabase(server.dataDirectory, (database) => {
    const id = database.prepare('SELECT material_id FROM object WHERE uid = ?').pluck().get(hurt);
    database.prepare('UPDATE material SET sealed = zeroblob(length(sealed)) WHERE id = ?').run(id);
  });
  await startServer(t, { dataDirectory: server.dataDirectory });
  t.is((await backup()).code, 0);
  const directory = fresh();
  const report = await restored(directory);
  t.is(report.code, 8);
  t.regex(report.stdout, /keys: +2\ndamaged: +1\nsettings: +none inside\nRestored\./);
  t.true(report.stderr.includes(hurt));
  t.false(report.stderr.includes(sound));
  const next = await startServer(t, { dataDirectory: directory });
  const again = await next.connect(await next.issue('prod', 'host'));
  t.deepEqual(await getKey(again, sound), bytes);
  t.is((await getKey(again, hurt)).length, 32);
});
