// The look at the database: sound, damaged, in use, and as a copy of one that is in use.

import { existsSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import Sqlite from 'better-sqlite3';
import { wipeFile } from '../../../src/backup/wipe.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import { answerOf, examineLive, reportOf } from '../../../src/telemetry/doctor/database.ts';
import { temporaryDirectory } from '../../kit/temporary.ts';

const storeIn = async (t: ExecutionContext) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'db');
  const store = openSqliteStore(path);
  t.teardown(() => store.close());
  await store.write(({ telemetry }) => {
    for (let minute = 0; minute < 500; minute += 1) telemetry.putMinute({ minute, sample: 'x'.repeat(200) });
  });
  return { directory, path, store };
};

/** Overwrites the second half of the pages. */
const damage = (path: string): void => {
  const file = openSync(path, 'r+');
  const { size } = statSync(path);
  const half = Math.floor(size / 2 / 4096) * 4096;
  writeSync(file, Buffer.alloc(size - half, 0xa5), 0, size - half, half);
};

test('a sound database is said to be sound, and tells its upstreams and slots', async (t) => {
  const { path, store } = await storeIn(t);
  await store.close();
  const report = await reportOf(path);
  t.deepEqual(report, { problems: [], upstreams: [], slots: [] });
  t.is(answerOf(report).state, 'well');
});

test('a damaged database is found, and the answer says how to mend it', async (t) => {
  const { path, store } = await storeIn(t);
  await store.close();
  damage(path);
  const answer = answerOf(await reportOf(path));
  t.is(answer.state, 'problem');
  t.regex(answer.what, /^the database is damaged: /);
  t.regex(answer.command ?? '', /^kmip-edge restore FILE/);
});

test('rows that belong to nothing are found', async (t) => {
  const { path, store } = await storeIn(t);
  await store.close();
  const database = new Sqlite(path);
  database.pragma('foreign_keys = OFF');
  database.exec("INSERT INTO upstream_lease VALUES ('nobody', 0, 0, '{}')");
  database.close();
  t.regex(answerOf(await reportOf(path)).what, /a row of upstream_lease belongs to nothing/);
});

test('what is no database, or is not there, is a problem', async (t) => {
  const directory = temporaryDirectory(t);
  t.is(answerOf(await reportOf(join(directory, 'absent'))).state, 'problem');
});

test('a database that a server has open is not looked at', async (t) => {
  const { path } = await storeIn(t);
  const answer = answerOf(await reportOf(path));
  t.is(answer.state, 'not-checked');
  t.regex(answer.what, /in use/);
});

const live = ({ directory, path, store }: Awaited<ReturnType<typeof storeIn>>) => ({
  path,
  copy: join(directory, 'doctor.snapshot'),
  snapshot: (to: string) => store.snapshot(to),
  wipe: wipeFile,
  free: () => 1e12,
});

test('a database in use is looked at as a copy, which is gone afterwards', async (t) => {
  const parts = await storeIn(t);
  const before = readdirSync(parts.directory);
  t.is((await examineLive(live(parts))).state, 'well');
  t.deepEqual(readdirSync(parts.directory), before);
});

test('damage shows in the copy as well, and the copy is gone all the same', async (t) => {
  const parts = await storeIn(t);
  const copies = live(parts);
  const snapshot = async (to: string) => {
    await parts.store.snapshot(to);
    damage(to);
  };
  t.is((await examineLive({ ...copies, snapshot })).state, 'problem');
  t.false(existsSync(copies.copy));
});

test('without room on the disk no copy is made', async (t) => {
  const parts = await storeIn(t);
  const answer = await examineLive({
    ...live(parts),
    free: () => 1000,
    snapshot: () => Promise.reject(new Error('no')),
  });
  t.is(answer.state, 'not-checked');
  t.regex(answer.what, /no room/);
});
