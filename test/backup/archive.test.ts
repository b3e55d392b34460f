// What is refused of a backup before anything is changed: every way in which its content can be wrong although it opens,
// and databases of newer programs; one of an older program is brought up to date.

import { createHash, randomBytes } from 'node:crypto';
import { chownSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import test, { type ExecutionContext } from 'ava';
import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { writeAgeFile } from '../../src/backup/age-file.ts';
import { fileNames, type Manifest } from '../../src/backup/manifest.ts';
import { readTar, type TarEntry, writeTar } from '../../src/backup/tar.ts';
import { unpack } from '../../src/backup/unpack.ts';
import { isKind } from '../../src/errors.ts';
import { restore } from '../../src/main.ts';
import { Secret } from '../../src/secret.ts';
import { migrate, schemaVersion } from '../../src/store/sqlite/migrations.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

type Files = readonly (readonly [name: string, content: Buffer])[];

const entriesOf = (files: Files): readonly TarEntry[] =>
  files.map(([name, content]) => ({ name, size: content.length, content: Readable.from([Buffer.from(content)]) }));

/** A database as a program of version `schema` left it, empty. */
const databaseOf = (t: ExecutionContext, schema: number): Buffer => {
  const path = join(temporaryDirectory(t), 'database');
  const database = new Sqlite(path);
  migrate(database, Math.min(schema, schemaVersion));
  if (schema > schemaVersion) database.pragma(`user_version = ${schema}`);
  database.close();
  return readFileSync(path);
};

const manifestOf = (database: Buffer, changed: Partial<Record<keyof Manifest, unknown>> = {}): Buffer =>
  Buffer.from(
    JSON.stringify({
      format: 1,
      version: '0.0.1',
      schema: schemaVersion,
      createdAt: '2026-11-25T13:00:00.000Z',
      appliance: '0123456789ab',
      instances: 0,
      clients: 0,
      keys: 0,
      database: { size: database.length, sha256: createHash('sha256').update(database).digest('hex') },
      ...changed,
    }),
  );

const storageKey = randomBytes(32);
const good = (database: Buffer, changed?: Partial<Record<keyof Manifest, unknown>>): Files => [
  [fileNames.manifest, manifestOf(database, changed)],
  [fileNames.storageKey, storageKey],
  [fileNames.database, database],
];

const setUp = async (t: ExecutionContext) => {
  const [folder, directory] = [temporaryDirectory(t), temporaryDirectory(t)];
  const identity = await generateX25519Identity();
  const recipients = [await identityToRecipient(identity)];
  const file = join(folder, 'edge.age');
  const pack = async (files: Files): Promise<void> => {
    await writeAgeFile(file, { recipients }, writeTar(entriesOf(files), 0));
  };
  const request = { file, key: { identities: new Secret(identity) }, dataDirectory: directory, environment: {} };
  return { pack, directory, restore: (checkOnly = false) => restore({ ...request, checkOnly }) };
};

const without = (files: Files, gone: string): Files => files.filter(([name]) => name !== gone);

const bad: readonly (readonly [
  what: string,
  kind: 'data-damaged' | 'feature-not-supported',
  make: (database: Buffer) => Files,
])[] = [
  ['no manifest', 'data-damaged', (database) => without(good(database), fileNames.manifest)],
  ['no storage key', 'data-damaged', (database) => without(good(database), fileNames.storageKey)],
  ['no database', 'data-damaged', (database) => without(good(database), fileNames.database)],
  ['nothing at all', 'data-damaged', () => []],
  [
    'a manifest that is none',
    'data-damaged',
    (database) => [[fileNames.manifest, Buffer.from('{')], ...good(database).slice(1)],
  ],
  [
    'a manifest of nothing',
    'data-damaged',
    (database) => [[fileNames.manifest, Buffer.from('null')], ...good(database).slice(1)],
  ],
  ['a date that is none', 'data-damaged', (database) => good(database, { createdAt: 'yesterday' })],
  ['a negative count', 'data-damaged', (database) => good(database, { keys: -1 })],
  [
    'another checksum',
    'data-damaged',
    (database) => good(database, { database: { size: database.length, sha256: '00' } }),
  ],
  ['another size', 'data-damaged', (database) => good(database, { database: { size: 1, sha256: '00' } })],
  [
    'a short storage key',
    'data-damaged',
    (database) => [
      good(database)[0] ?? ['', database],
      [fileNames.storageKey, Buffer.alloc(31)],
      [fileNames.database, database],
    ],
  ],
  ['a file twice', 'data-damaged', (database) => [...good(database).slice(0, 2), ...good(database).slice(1)]],
  ['a file with a path', 'data-damaged', (database) => [...good(database), ['../../etc/cron.d/x', Buffer.from('x')]]],
  [
    'settings that are too long',
    'data-damaged',
    (database) => [[fileNames.settings, Buffer.alloc(300_000)], ...good(database)],
  ],
  ['a newer form', 'feature-not-supported', (database) => good(database, { format: 2 })],
  ['a newer database', 'feature-not-supported', (database) => good(database, { schema: schemaVersion + 1 })],
];
for (const [what, kind, make] of bad) {
  test(`a backup with ${what} is refused`, async (t) => {
    const files = make(databaseOf(t, schemaVersion));
    const draft = join(temporaryDirectory(t), 'draft');
    const error = await t.throwsAsync(unpack(writeTar(entriesOf(files), 0), draft, schemaVersion));
    t.true(isKind(error, kind), error?.message);
  });
}

const badDatabases: readonly (readonly [what: string, files: (t: ExecutionContext) => Files])[] = [
  ['of another checksum', (t) => good(databaseOf(t, schemaVersion), { database: { size: 1, sha256: '00' } })],
  ['that is none', () => good(randomBytes(8192))],
  ['that is newer than its manifest says', (t) => good(databaseOf(t, schemaVersion + 1))],
];
for (const [what, files] of badDatabases) {
  test.serial(`a backup with a database ${what} changes nothing`, async (t) => {
    const { pack, directory, restore } = await setUp(t);
    await pack(files(t));
    t.true(isKind(await t.throwsAsync(restore()), 'data-damaged'));
    t.deepEqual(readdirSync(directory), []);
  });
}

for (const schema of [1, 2, schemaVersion]) {
  test.serial(`a backup of version ${schema} of the database is brought up to date and starts`, async (t) => {
    const { pack, directory, restore } = await setUp(t);
    await pack([
      [fileNames.settings, Buffer.from('log: { level: warn }\n')],
      ...good(databaseOf(t, schema), { schema }),
    ]);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(directory, 970, 970);
    const report = await restore();
    // Root restores on the appliance; the server that is to open it is another user.
    const { uid } = statSync(directory);
    for (const name of readdirSync(directory)) t.is(statSync(join(directory, name)).uid, uid, name);
    if (isRoot) chownSync(directory, 0, 0);
    t.is(report.settings, 'restored');
    const database = new Sqlite(join(directory, fileNames.database), { readonly: true });
    t.is(database.pragma('user_version', { simple: true }), schemaVersion);
    database.close();
    t.is(readFileSync(join(directory, fileNames.settings), 'utf8'), 'log: { level: warn }\n');
    await t.notThrowsAsync(startServer(t, { dataDirectory: directory }));
  });
}

test.serial('what is in the way of a restore is left alone: data, what is left of data, and settings', async (t) => {
  const { pack, directory, restore } = await setUp(t);
  await pack([[fileNames.settings, Buffer.from('log: { level: warn }\n')], ...good(databaseOf(t, schemaVersion))]);
  writeFileSync(join(directory, fileNames.settings), '# my own\n');
  for (const end of ['', '-wal', '-journal']) {
    const path = join(directory, fileNames.database + end);
    writeFileSync(path, 'something');
    t.true(isKind(await t.throwsAsync(restore()), 'already-exists'), end);
    t.false((await restore(true)).free);
    t.is(readFileSync(path, 'utf8'), 'something');
    writeFileSync(path, '');
    t.true(isKind(await t.throwsAsync(restore()), 'already-exists'));
    rmSync(path);
  }
  t.is((await restore()).settings, 'kept');
  t.is(readFileSync(join(directory, fileNames.settings), 'utf8'), '# my own\n');
});

test('what is written as tar is read as it was, however its bytes arrive, and no other bytes break the reader', async (t) => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z.-]{1,40}$/), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      names,
      fc.uint8Array({ maxLength: 3000 }),
      fc.integer({ min: 1, max: 700 }),
      async (names, bytes, step) => {
        const files: Files = names.map((name, index) => [name, Buffer.from(bytes.subarray(index * 7))]);
        const packed = await whole(writeTar(entriesOf(files), 0));
        const found = new Map<string, string>();
        for await (const { name, content } of readTar(inSteps(packed, step)))
          found.set(name, (await whole(content)).toString('hex'));
        return files.every(([name, content]) => found.get(name) === content.toString('hex'));
      },
    ),
    { numRuns: 60 },
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
      try {
        for await (const { content } of readTar(inSteps(Buffer.from(bytes), 512))) await whole(content);
        return bytes.every((byte) => byte === 0);
      } catch (error) {
        return isKind(error, 'data-damaged');
      }
    }),
  );
  t.pass();
});

const whole = async (pieces: AsyncIterable<Buffer>): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const piece of pieces) parts.push(Buffer.from(piece));
  return Buffer.concat(parts);
};

async function* inSteps(bytes: Buffer, step: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += step) yield bytes.subarray(start, start + step);
}
