// A database with a damaged page, from the schedule to the restore: what a restore would refuse does not count as a backup,
// and does not push out those that it takes.

import { createSecretKey, randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import test, { type ExecutionContext } from 'ava';
import Sqlite from 'better-sqlite3';
import { BackupJobs } from '../../src/backup/jobs.ts';
import { BackupMaker } from '../../src/backup/make.ts';
import { BackupSchedule } from '../../src/backup/schedule.ts';
import { isKind } from '../../src/errors.ts';
import type { Store } from '../../src/keys/ports.ts';
import { silentLog } from '../../src/log.ts';
import { Secret } from '../../src/secret.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { snapshotProblems } from '../../src/telemetry/doctor/database.ts';
import { restore } from '../../src/wiring/without-server.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const day = 86_400_000;
const pageBytes = 4096;
const appliance = '0123456789ab';

/** Overwrites a page that `where` chooses of SQLite's list of pages. */
const damage = (path: string, where: string): void => {
  const database = new Sqlite(path);
  database.pragma('wal_checkpoint(TRUNCATE)');
  const page = Number(database.prepare(`SELECT pageno FROM dbstat WHERE ${where} LIMIT 1`).pluck().get());
  database.close();
  if (!page) throw new Error(`no page where ${where}`);
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(pageBytes, 0xff), 0, pageBytes, (page - 1) * pageBytes);
  closeSync(file);
};

const setUp = async (t: ExecutionContext) => {
  const folder = temporaryDirectory(t);
  const [destination, dataDirectory, path] = [join(folder, 'to'), folder, join(folder, 'kmip-edge.sqlite')];
  mkdirSync(destination);
  const identity = await generateX25519Identity();
  const recipients = await identityToRecipient(identity);
  const clock = new FakeClock();
  const storageKey = createSecretKey(randomBytes(32));
  let store: Store = openSqliteStore(path);
  t.teardown(() => store.close());
  await store.write(({ telemetry }) => {
    for (let minute = 0; minute < 500; minute += 1) telemetry.putMinute({ minute, sample: 'x'.repeat(200) });
  });
  const ends = { s3Endpoint: '', s3Region: '', s3CredentialsFile: '', s3CaFile: '', passphraseFile: '' };
  const settings = { destination, every: day, keep: '2', recipients, ...ends };
  /** One as the schedule makes it, by a server that was started anew. */
  const make = async () => {
    const parts = { store, storageKey, dataDirectory, version: '1', appliance, clock, log: silentLog };
    const maker = new BackupMaker({ ...parts, examine: snapshotProblems });
    const jobs = new BackupJobs(maker, silentLog);
    const schedule = new BackupSchedule({ ...parts, maker, jobs, settings });
    const job = await schedule.now('schedule').ended;
    await clock.pass(day);
    return { job, state: schedule.state };
  };
  const check = (name: string) =>
    restore({
      file: join(destination, name),
      key: { identities: new Secret(identity) },
      dataDirectory: join(folder, 'restored'),
      environment: {},
      checkOnly: true,
    });
  const damageAnew = async (where: string): Promise<void> => {
    await store.close();
    damage(path, where);
    store = openSqliteStore(path);
  };
  return { make, check, damageAnew, dataDirectory, names: () => readdirSync(destination).toSorted() };
};

for (const [what, where] of [
  ['a page of rows', "name = 'history' AND pagetype = 'leaf'"],
  ['the root of a table that has references', "name = 'client' AND path = '/'"],
] as const) {
  test(`${what} that is damaged: the last backup that can be restored stays, and the state says which it is`, async (t) => {
    const { make, check, damageAnew, dataDirectory, names } = await setUp(t);
    t.is((await make()).job.problem, undefined);
    const [sound = ''] = names();
    await damageAnew(where);
    await make();
    const { job, state } = await make();
    t.true(isKind(job.problem, 'data-damaged'));
    t.regex(job.problem?.message ?? '', /^the backup was made, but the database is damaged: /);
    t.is(state.lastSuccess?.name, sound);
    t.is(names().length, 3);
    t.deepEqual((await check(sound)).damaged, []);
    const refused = await t.throwsAsync(check(names().at(-1) ?? ''));
    t.true(isKind(refused, 'data-damaged'), String(refused));
    t.regex(refused?.message ?? '', /^the database of the backup is damaged: /);
    t.is(isKind(refused, 'data-damaged') ? refused.hint : '', 'take an older backup; nothing was changed');
    t.deepEqual(
      readdirSync(dataDirectory).filter((name) => name.startsWith('backup.')),
      [],
    );
  });
}
