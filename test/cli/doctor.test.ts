// `kmip-edge doctor` and `support-bundle`: with a server and without, what they print, and how they end.

import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import type { DoctorView } from '../../src/admin/api/doctor.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { runHere } from './here.ts';

type Printed = DoctorView & { readonly server: string };
const read = (stdout: string): Printed => JSON.parse(stdout) as Printed;

test('of a running server it prints every check, and ends well with warnings only', async (t) => {
  const { dataDirectory } = await startServer(t);
  const { code, stdout } = await runHere(['doctor', '--data', dataDirectory]);
  t.is(code, 0);
  t.regex(stdout, /^ {2}ok {5}database: the database is sound$/m);
  t.regex(
    stdout,
    /^WARNING {2}recovery-passphrase: .*\n {9}Set a recovery passphrase.*\n {11}kmip-edge seal passphrase/m,
  );
  const { stdout: json } = await runHere(['doctor', '--data', dataDirectory, '--json', '--problems']);
  t.like(read(json), { server: 'running', state: 'warning' });
  t.true(read(json).results.every(({ state }) => state === 'warning'));
});

test('without a server it looks at what it can, and ends with code 5', async (t) => {
  const server = await startServer(t);
  const { dataDirectory } = server;
  await server.close();
  const { code, stdout, stderr } = await runHere(['doctor', '--data', dataDirectory]);
  t.is(code, 5);
  t.regex(stdout, /^The server is not running/);
  t.regex(stdout, /^PROBLEM {2}server: no server runs on the data in .*\n {9}Start the server/m);
  t.regex(stdout, /^ {2}ok {5}database: the database is sound$/m);
  t.regex(stdout, /^ {2}- {6}core-dumps: the server is not running$/m);
  t.regex(stderr, /1 problem found/);
  // What it looked at is as good as before.
  const again = await startServer(t, { dataDirectory });
  t.is((await again.api('instance.list', {})).length, 1);
});

test('a damaged database is found without a server, too', async (t) => {
  const server = await startServer(t);
  await server.close();
  writeFileSync(join(server.dataDirectory, 'kmip-edge.sqlite'), Buffer.alloc(8192, 0xa5));
  const { code, stdout } = await runHere(['doctor', '--data', server.dataDirectory, '--json']);
  t.is(code, 5);
  const database = read(stdout).results.find(({ check }) => check === 'database');
  t.like(database, { state: 'problem', command: 'kmip-edge restore FILE --data EMPTY-DIRECTORY' });
});

test('a directory that is not there, or is empty, is told', async (t) => {
  const directory = join(temporaryDirectory(t), 'data');
  const absent = await runHere(['doctor', '--data', directory]);
  t.is(absent.code, 5);
  t.regex(absent.stdout, /there is no data directory/);
  mkdirSync(directory, { mode: 0o700 });
  const empty = await runHere(['doctor', '--data', directory, '--json']);
  t.is(read(empty.stdout).results.find(({ check }) => check === 'database')?.state, 'not-checked');
  t.false(existsSync(join(directory, 'kmip-edge.sqlite')));
});

test('the support bundle is a file for its owner alone, and writes over nothing', async (t) => {
  const { dataDirectory } = await startServer(t);
  const path = join(temporaryDirectory(t), 'support.tar.gz');
  const { code, stdout } = await runHere(['support-bundle', '--data', dataDirectory, '--out', path]);
  t.is(code, 0);
  t.regex(stdout, /support bundle written to .*support\.tar\.gz/);
  t.is(statSync(path).mode & 0o777, 0o600);
  t.true(gunzipSync(readFileSync(path)).includes('kmip-edge-support/doctor.json'));
  const before = readFileSync(path);
  const again = await runHere(['support-bundle', '--data', dataDirectory, '--out', path]);
  t.is(again.code, 5);
  t.regex(again.stderr, /cannot write .*exist/);
  t.deepEqual(readFileSync(path), before);
  const nowhere = await runHere(['support-bundle', '--data', dataDirectory, '--out', '/nonexistent/x.tar.gz']);
  t.is(nowhere.code, 5);
  const without = await runHere(['support-bundle', '--data', temporaryDirectory(t), '--out', `${path}2`]);
  t.is(without.code, 3);
  t.false(existsSync(`${path}2`));
});
