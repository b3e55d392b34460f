// The whole way: a server whose settings name a bucket makes a backup there by itself and when it is asked, and what lies
// in the bucket opens with age and tar, and brings everything back.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Manifest } from '../../src/backup/manifest.ts';
import { runHere } from '../cli/here.ts';
import { createKey, getKey } from '../custody/requests.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { startS3 } from '../peers/s3/simulator.ts';

const setUp = async (t: ExecutionContext) => {
  const folder = temporaryDirectory(t);
  const file = (name: string): string => join(folder, name);
  const s3 = await startS3();
  t.teardown(() => s3.close());
  writeFileSync(file('credentials'), `${s3.account.keyId}\n${s3.account.secret}\n`);
  writeFileSync(file('ca.pem'), s3.caPem);
  const { stdout } = await runHere(['backup', 'keygen', file('private.key')]);
  const settings = {
    'backup.destination': `s3://${s3.bucket}/site-a`,
    'backup.keep': 'all',
    'backup.recipients': stdout.trim(),
    'backup.s3Endpoint': s3.endpoint,
    'backup.s3Region': s3.account.region,
    'backup.s3CredentialsFile': file('credentials'),
    'backup.s3CaFile': file('ca.pem'),
  };
  const server = await startServer(t, { settings });
  const data = ['--data', server.dataDirectory];
  return { server, s3, file, cli: (...args: readonly string[]) => runHere([...args, ...data]) };
};

/** Waits for the first backup, which is due at once. */
const firstOne = async (objects: ReadonlyMap<string, unknown>): Promise<void> => {
  for (let n = 0; objects.size === 0 && n < 300; n += 1) await setTimeout(50);
};

test('a backup in a bucket opens with age and tar, and brings everything back on a new machine', async (t) => {
  const { server, s3, file, cli } = await setUp(t);
  await firstOne(s3.objects);
  const client = await server.connect();
  const uid = await createKey(client);
  const bytes = await getKey(client, uid);
  // A second one has a name of its own.
  await setTimeout(1100);
  const made = await cli('backup', 'now');
  t.is(made.code, 0, made.stderr);
  t.regex(made.stdout, /backup: kmip-edge-[0-9a-f]{12}-\d{8}T\d{6}Z\.age\nsize: +\d+ bytes\nas of: +20.*\nkeys: +1/);
  const listed = await cli('backup', 'list');
  t.regex(listed.stdout, /^NAME +AS OF +BYTES\n(kmip-edge-\S+ +20\S+ +\d+\n){2}$/);
  const status = await cli('backup', 'status');
  t.regex(
    status.stdout,
    /destination: +s3:\/\/edge-backups\/site-a\nevery: +1 d[\s\S]*asked +kmip-edge-[\s\S]*schedule +kmip-edge-/,
  );
  t.regex((await cli('status')).stdout, /last backup: +20\S+Z, next 20/);
  t.deepEqual(
    (await server.api('alarm.list', {})).filter(({ name }) => name.startsWith('backup')),
    [],
  );

  const newest = [...s3.objects.keys()].toSorted().at(-1) ?? '';
  t.regex(newest, /^site-a\/kmip-edge-/);
  writeFileSync(file('edge.age'), s3.objects.get(newest)?.body ?? Buffer.alloc(0));
  await server.close();
  const directory = temporaryDirectory(t);
  const restored = await runHere([
    'restore',
    file('edge.age'),
    '--identity-file',
    file('private.key'),
    '--data',
    directory,
  ]);
  t.is(restored.code, 0, restored.stderr);
  const next = await startServer(t, { dataDirectory: directory });
  t.deepEqual(await getKey(await next.connect(server.client), uid), bytes);
  const [alarm] = (await next.api('alarm.list', {})).filter(({ name }) => name === 'restored');
  t.regex(alarm?.what ?? '', /restored as of 20.*keys that were destroyed after that can be served again/);

  if (spawnSync('age', ['--version']).status !== 0) return;
  const opened = execFileSync('age', ['-d', '-i', file('private.key'), file('edge.age')], { maxBuffer: 2 ** 28 });
  const out = temporaryDirectory(t);
  execFileSync('tar', ['-x', '-C', out], { input: opened });
  t.deepEqual(readdirSync(out).toSorted(), ['kmip-edge.sqlite', 'manifest.json', 'storage-key']);
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
  const database = readFileSync(join(out, 'kmip-edge.sqlite'));
  t.is(createHash('sha256').update(database).digest('hex'), manifest.database.sha256);
  t.is(readFileSync(join(out, 'storage-key')).length, 32);
});

test('a bucket that refuses is told by the command, by the status and as an alarm, and the server stops at once', async (t) => {
  const { server, s3, cli } = await setUp(t);
  await firstOne(s3.objects);
  s3.fault({ kind: 'status', status: 403, code: 'AccessDenied' });
  await setTimeout(1100);
  const failed = await cli('backup', 'now');
  t.is(failed.code, 7);
  t.regex(failed.stderr, /answered 403 AccessDenied\nhint: check the HMAC credentials/);
  t.is((await cli('backup', 'list')).code, 7);
  t.regex((await cli('backup', 'status')).stdout, /FAILED: .*403 AccessDenied/);
  const [alarm] = (await server.api('alarm.list', {})).filter(({ name }) => name === 'backup-failed');
  t.is(alarm?.command, 'kmip-edge backup now');
  s3.fault({ kind: 'slow', ms: 20_000 });
  const begun = await server.api('backup.now', {});
  t.true(begun.running);
  await setTimeout(1000);
  const before = performance.now();
  await server.close();
  t.true(performance.now() - before < 5000);
});
