// The SQLite store as files: who may read them, who may open them, what a damaged, newer or older one brings, and what is
// left in them of what was erased.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import Sqlite from 'better-sqlite3';
import { EdgeError } from '../../src/errors.ts';
import type { ManagedObject } from '../../src/keys/object.ts';
import { schemaVersion } from '../../src/store/sqlite/migrations.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { erased, sampleObject, textAttribute, withInstance } from './samples.ts';

const newPath = (t: ExecutionContext): string => join(temporaryDirectory(t), 'store.sqlite');

/** Everything on disk. */
const rawFiles = (path: string): readonly Buffer[] => {
  const directory = join(path, '..');
  return readdirSync(directory).map((name) => readFileSync(join(directory, name)));
};
const remainsOf = (path: string, { wrapped, sealed }: ManagedObject): boolean => {
  const wanted = [Buffer.from(wrapped?.text ?? 'none'), sealed ?? Buffer.from('none')];
  return rawFiles(path).some((file) => wanted.some((bytes) => file.includes(bytes.subarray(0, 32))));
};

test('the files are for the owner alone', async (t) => {
  const path = newPath(t);
  const store = await withInstance(openSqliteStore(path));
  for (const name of readdirSync(join(path, '..'))) t.is(statSync(join(path, '..', name)).mode & 0o777, 0o600, name);
  t.true(existsSync(`${path}-wal`));
  await store.close();
});

test('a second process is turned away, and let in after the first has gone', async (t) => {
  const path = newPath(t);
  const open = new URL('../../src/store/sqlite/open.ts', import.meta.url).href;
  const script = `import { openSqliteStore } from ${JSON.stringify(open)};
    openSqliteStore(process.argv[1]); console.log('open'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const error = t.throws(() => openSqliteStore(path), { instanceOf: EdgeError });
  t.is(error?.kind, 'already-exists');
  t.is(error?.message, `another process uses ${path}`);
  t.regex(error?.hint ?? '', /stop the other kmip-edge/);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  await openSqliteStore(path).close();
});

test('a database of a newer program is refused and left as it is', async (t) => {
  const path = newPath(t);
  await openSqliteStore(path).close();
  const database = new Sqlite(path);
  database.pragma(`user_version = ${schemaVersion + 1}`);
  database.close();
  const error = t.throws(() => openSqliteStore(path), { instanceOf: EdgeError, message: /has version \d+/ });
  t.is(error?.kind, 'data-damaged');
  t.regex(error?.hint ?? '', /newer kmip-edge/);
});

test('a file that is no database is refused and left as it is', (t) => {
  const path = newPath(t);
  writeFileSync(path, 'not a database at all'.repeat(400));
  const error = t.throws(() => openSqliteStore(path), { instanceOf: EdgeError, message: /is damaged/ });
  t.is(error?.kind, 'data-damaged');
  t.is(readFileSync(path, 'utf8'), 'not a database at all'.repeat(400));
});

test('damage in the middle is told as damage by the read that meets it', async (t) => {
  const path = newPath(t);
  const store = await withInstance(openSqliteStore(path));
  const objects = Array.from({ length: 600 }, () => sampleObject());
  await store.write((tx) => objects.forEach((object) => void tx.objects.insert(object, [])));
  await store.close();
  const bytes = readFileSync(path);
  // The first pages describe the tables, without which nothing opens.
  bytes.fill(0xff, Math.floor(bytes.length / 2 / 4096) * 4096);
  writeFileSync(path, bytes);
  const again = openSqliteStore(path);
  const readings = [
    () => objects.map(({ uid }) => again.objects.find(uid)),
    () => [...again.objects.search({ instanceId: 'instance-1', attributes: [] })],
  ];
  for (const read of readings) t.is(t.throws(read, { instanceOf: EdgeError })?.kind, 'data-damaged');
  await again.close();
});

test('a truncated file is refused as damaged', async (t) => {
  const path = newPath(t);
  await (await withInstance(openSqliteStore(path))).close();
  truncateSync(path, 5000);
  t.is(
    t.throws(() => void openSqliteStore(path).instances.instances(), { instanceOf: EdgeError })?.kind,
    'data-damaged',
  );
});

test('what was erased is nowhere in the files, however often rows moved before', async (t) => {
  const path = newPath(t);
  const store = await withInstance(openSqliteStore(path));
  const shuffled = <T>(list: readonly T[]): readonly T[] => list.toSorted(() => Math.random() - 0.5);
  let objects = Array.from({ length: 400 }, (_, n) =>
    n % 50 === 0 ? sampleObject({ sealed: Buffer.alloc(6000, `${n} sealed`) }) : sampleObject(),
  );
  const versions = [...objects];
  const write = (change: ManagedObject, erase = false): Promise<void> =>
    store.write((tx) => tx.objects.update(change), { erase });
  await Promise.all(
    objects.map((object) => store.write((tx) => tx.objects.insert(object, [textAttribute('x-A', 'some text')]))),
  );
  // Rows grow in a random order, and so split and merge pages; some are wrapped anew.
  objects = objects.map((object) => ({
    ...object,
    activationDate: 1_700_000_001,
    revocationReason: { code: 1, message: 'm'.repeat(40) },
  }));
  await Promise.all(shuffled(objects).map((object) => write(object)));
  objects = objects.map((object, n) => (n % 4 === 0 ? { ...object, wrapped: sampleObject().wrapped } : object));
  versions.push(...objects);
  await Promise.all(shuffled(objects).map((object) => write(object)));
  t.true(remainsOf(path, objects[0] ?? sampleObject()));
  for (const object of shuffled(objects).slice(0, 30)) {
    await write(erased(object), true);
    for (const version of versions) if (version.uid === object.uid) t.false(remainsOf(path, version));
  }
  await Promise.all(objects.map((object) => write(erased(object), true)));
  t.is(versions.filter((version) => remainsOf(path, version)).length, 0);
  await store.close();
});

test('an erasing commit that a crash cut short of emptying the log is mended by the next start', async (t) => {
  const path = newPath(t);
  const store = await withInstance(openSqliteStore(path));
  const object = sampleObject();
  await store.write((tx) => tx.objects.insert(object, []));
  await store.write((tx) => tx.objects.update(erased(object)));
  const [database, log] = [readFileSync(path), readFileSync(`${path}-wal`)];
  await store.close();
  const copy = newPath(t);
  writeFileSync(copy, database);
  writeFileSync(`${copy}-wal`, log);
  t.true(remainsOf(copy, object));
  const again = openSqliteStore(copy);
  t.false(remainsOf(copy, object));
  t.deepEqual(again.objects.find(object.uid), erased(object));
  await again.close();
});
