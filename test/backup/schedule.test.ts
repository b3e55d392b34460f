// Backups that are made by themselves, with a clock that moves as the test says: when they are due, what is tried again,
// which old ones go, and that nothing goes which is not ours or is the last good one.

import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { backupAlarms } from '../../src/admin/backup-alarms.ts';
import { BackupJobs } from '../../src/backup/jobs.ts';
import type { BackupFacts, BackupMaker } from '../../src/backup/make.ts';
import type { Manifest } from '../../src/backup/manifest.ts';
import { backupName } from '../../src/backup/names.ts';
import type { BackupSettings } from '../../src/backup/open-place.ts';
import { BackupSchedule } from '../../src/backup/schedule.ts';
import { Damage } from '../../src/damage.ts';
import { EdgeError, isKind } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const appliance = '0123456789ab';
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const start = Date.UTC(2026, 10, 25, 13, 0, 0);
const content = Buffer.from('age-encryption.org/v1\nnot really, but nobody opens it here\n');

/** Stands in for the part that takes a second each: it gives a few bytes, or fails. */
class FewBytes implements Pick<BackupMaker, 'stream' | 'stop' | 'progress'> {
  readonly progress = undefined;
  problem: EdgeError | undefined;
  damage: string | undefined;
  made = 0;
  stopped = false;

  async *stream(_lock: unknown, told: (facts: BackupFacts) => void = () => undefined): AsyncGenerator<Buffer> {
    if (this.problem) throw this.problem;
    this.made += 1;
    const manifest: Manifest = {
      format: 1,
      version: '1',
      schema: 1,
      createdAt: new Date(start).toISOString(),
      appliance,
      instances: 1,
      clients: 1,
      keys: 1,
      database: { size: 1, sha256: '' },
    };
    told({ manifest, ...(this.damage === undefined ? {} : { damage: this.damage }) });
    yield Buffer.from(content);
  }

  stop(): void {
    this.stopped = true;
  }
}

const setUp = (t: ExecutionContext, changed: Partial<BackupSettings> = {}, folder = temporaryDirectory(t)) => {
  const directory = join(folder, 'backups');
  mkdirSync(directory, { recursive: true });
  const settings: BackupSettings = {
    destination: directory,
    every: 24 * hour,
    keep: 'all',
    recipients: `age1${'q'.repeat(58)}`,
    passphraseFile: '',
    s3Endpoint: '',
    s3Region: '',
    s3CredentialsFile: '',
    s3CaFile: '',
    ...changed,
  };
  const clock = new FakeClock(start);
  const store = openSqliteStore(join(folder, 'store'));
  const maker = new FewBytes();
  const begin = () => {
    const jobs = new BackupJobs(maker, silentLog);
    return new BackupSchedule({ store, maker, jobs, appliance, clock, log: silentLog, settings });
  };
  const schedule = begin();
  t.teardown(async () => {
    await schedule.close();
    await store.close();
  });
  /** Lets time pass, and what it set off come to its end. */
  const pass = async (ms: number, step = 10 * minute): Promise<void> => {
    for (let left = ms; left > 0; left -= step) {
      await clock.pass(Math.min(left, step));
      await schedule.idle();
    }
  };
  return {
    schedule,
    begin,
    settings,
    directory,
    clock,
    store,
    maker,
    pass,
    names: () => readdirSync(directory).toSorted(),
  };
};

const at = (ms: number): string => backupName({ appliance, at: start + ms });

test('one is made at once, then one each day, and a restart neither makes nor loses one', async (t) => {
  const { schedule, begin, pass, names, clock, store } = setUp(t);
  t.is(schedule.state.next, start);
  schedule.start();
  await schedule.idle();
  t.deepEqual(names(), [at(0)]);
  t.is(schedule.state.next, start + day);
  await pass(23 * hour);
  t.is(names().length, 1);
  await pass(hour);
  t.deepEqual(names(), [at(0), at(day)]);
  await schedule.close();
  await pass(day / 2);
  const next = begin();
  next.start();
  await next.idle();
  t.is(names().length, 2);
  t.is(next.state.next, start + 2 * day);
  await clock.pass(3 * day);
  await next.idle();
  t.true(names().length > 2);
  t.is(store.backups.runs(100).filter(({ cause, problem }) => cause !== 'schedule' || problem !== undefined).length, 0);
  await next.close();
});

test('what failed is tried again after 5, 10, 20 minutes, and never later than the next regular one', async (t) => {
  const { schedule, pass, maker, names, store } = setUp(t, { every: hour });
  maker.problem = new EdgeError('storage-full', 'there is no space left');
  schedule.start();
  await schedule.idle();
  await pass(3 * hour, minute);
  const begun = store.backups
    .runs(100)
    .map(({ beganAt }) => (beganAt - start) / minute)
    .toReversed();
  t.deepEqual(begun.slice(0, 5), [0, 5, 15, 35, 75]);
  t.true(begun.every((at, index) => index === 0 || at - (begun[index - 1] ?? 0) <= 60));
  t.deepEqual(names(), []);
  const { lastRun, lastSuccess } = schedule.state;
  t.deepEqual([lastRun?.problem, lastSuccess], ['there is no space left', undefined]);
  maker.problem = undefined;
  await pass(hour, minute);
  t.true(names().length >= 1);
  t.is(schedule.state.lastRun?.problem, undefined);
});

test('a clock that is set back makes one more and no storm of them, one that is set forward makes one', async (t) => {
  const { schedule, pass, clock, names, maker } = setUp(t);
  schedule.start();
  await schedule.idle();
  clock.setWall(start - 30 * day);
  await pass(hour);
  t.is(maker.made, 2);
  await pass(day);
  t.is(maker.made, 3);
  clock.setWall(start + 400 * day);
  await pass(hour);
  t.is(maker.made, 4);
  t.is(names().length, 4);
});

test('the rule of the settings thins them; what is not ours, and what looks like it, stays', async (t) => {
  const { schedule, pass, names, directory } = setUp(t, { keep: 'daily 3' });
  const other = backupName({ appliance: 'ba9876543210', at: start - 400 * day });
  const noBackup = at(-500 * day);
  const link = at(-600 * day);
  writeFileSync(join(directory, other), content);
  writeFileSync(join(directory, 'report.pdf'), content);
  writeFileSync(join(directory, noBackup), 'the notes of somebody');
  symlinkSync(join(directory, 'report.pdf'), join(directory, link));
  schedule.start();
  await pass(5 * day);
  const ours = names().filter((name) => ![other, 'report.pdf', noBackup, link].includes(name));
  t.deepEqual(ours, [at(3 * day), at(4 * day), at(5 * day)]);
  t.is(names().length, ours.length + 4);
  t.regex(schedule.state.keepProblem ?? '', /is not a backup of this appliance: it stays/);
});

test('while backups fail nothing is removed, however old the last good one is', async (t) => {
  const { schedule, pass, maker, names } = setUp(t, { keep: '2' });
  schedule.start();
  await pass(2 * day);
  const good = names();
  t.is(good.length, 2);
  maker.problem = new EdgeError('storage-full', 'there is no space left');
  await pass(10 * day);
  t.deepEqual(names(), good);
});

test('while the database is damaged one is made at each regular time, and none of the older ones goes', async (t) => {
  const { schedule, pass, maker, names, store, clock } = setUp(t, { keep: '2' });
  const alarms = () =>
    backupAlarms(schedule, store, clock, new Damage(silentLog))().map(({ name, what }) => [name, what]);
  schedule.start();
  await pass(2 * day);
  const sound = names();
  t.is(sound.length, 2);
  const { lastSuccess } = schedule.state;
  maker.damage = 'the database is damaged: a page is no page';
  await pass(3 * day);
  t.deepEqual(names().slice(0, 2), sound);
  t.is(names().length, 5);
  t.deepEqual(schedule.state.lastSuccess, lastSuccess);
  const { lastRun } = schedule.state;
  t.deepEqual([lastRun?.problem, lastRun?.size], [maker.damage, content.length]);
  const lastSound = new Date(lastSuccess?.beganAt ?? 0).toISOString();
  const what = `a restore may refuse the last backup: ${maker.damage}; the last sound one is of ${lastSound}, and old ones are kept`;
  t.deepEqual(alarms(), [['backup-damaged', what]]);
  maker.damage = undefined;
  await pass(day);
  t.deepEqual(alarms(), []);
  t.is(names().length, 2);
});

test('a place that is not there is never made, and its return is noticed', async (t) => {
  const { schedule, pass, directory, names, store } = setUp(t);
  renameSync(directory, `${directory}.unmounted`);
  schedule.start();
  await schedule.idle();
  t.regex(store.backups.runs(1)[0]?.problem ?? '', /cannot look into .*ENOENT/);
  t.true(isKind(await t.throwsAsync(schedule.list()), 'upstream-unreachable'));
  t.throws(() => readdirSync(directory));
  renameSync(`${directory}.unmounted`, directory);
  await pass(6 * minute);
  t.is(names().length, 1);
  t.is((await schedule.list()).length, 1);
});

test('an end that the store does not take is logged, is no reason for the next one, and ends no process', async (t) => {
  const { schedule, pass, maker, store, begin, clock } = setUp(t);
  const { write } = store;
  const full = new EdgeError('storage-full', 'the data disk is full');
  maker.problem = full;
  Object.assign(store, { write: () => Promise.reject(full) });
  // Nobody waits for the end here, as the management API does not: a rejection would end the process of the test.
  schedule.now();
  await schedule.idle();
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual([schedule.state.lastRun?.problem, schedule.state.next], [full.message, start + 5 * minute]);
  schedule.start();
  await pass(4 * minute, minute);
  t.deepEqual(store.backups.runs(10), []);
  t.is(schedule.state.lastRun?.beganAt, start);
  maker.problem = undefined;
  Object.assign(store, { write });
  await pass(2 * minute, minute);
  t.is(schedule.state.lastRun?.problem, undefined);
  t.is(store.backups.runs(10).length, 1);
  t.is(begin().state.next, clock.now() - minute + day);
});

test('a store whose runs cannot be read does not end the process when one may be due', async (t) => {
  const { schedule, pass, maker, store } = setUp(t);
  const { runs } = store.backups;
  const damaged = new EdgeError('data-damaged', 'the database is damaged (SQLITE_CORRUPT)');
  Object.assign(store.backups, {
    runs: () => {
      throw damaged;
    },
  });
  t.notThrows(() => schedule.start());
  await pass(3 * minute, minute);
  t.is(maker.made, 0);
  Object.assign(store.backups, { runs });
  await pass(minute);
  t.is(maker.made, 1);
});

test('other settings count at once; without a destination none are made', async (t) => {
  const folder = temporaryDirectory(t);
  const { schedule, pass, settings, maker, names } = setUp(t, { destination: '' }, folder);
  schedule.start();
  await pass(2 * day);
  t.is(maker.made, 0);
  t.is(schedule.state.next, undefined);
  t.true(
    isKind(
      t.throws(() => schedule.now()),
      'illegal-operation',
    ),
  );
  schedule.configure({ ...settings, destination: join(folder, 'backups'), every: hour });
  await schedule.idle();
  t.is(maker.made, 1);
  await pass(2 * hour);
  t.is(names().length, 3);
});

test('one that is asked for counts as the one that was due, and two at once are refused', async (t) => {
  const { schedule, pass, maker } = setUp(t);
  const first = schedule.now();
  t.true(
    isKind(
      t.throws(() => schedule.now()),
      'illegal-operation',
    ),
  );
  await first.ended;
  schedule.start();
  await schedule.idle();
  t.is(maker.made, 1);
  await pass(day);
  t.is(maker.made, 2);
});

test('a passphrase is read anew from its file for each backup, and its absence is told', async (t) => {
  const folder = temporaryDirectory(t);
  const passphraseFile = join(folder, 'passphrase');
  const { schedule, store, pass, names } = setUp(t, { recipients: '', passphraseFile }, folder);
  schedule.start();
  await schedule.idle();
  t.regex(store.backups.runs(1)[0]?.problem ?? '', /cannot read the passphrase of the backups from .*ENOENT/);
  writeFileSync(passphraseFile, 'correct horse battery staple\n');
  await pass(6 * minute);
  t.is(names().length, 1);
  t.deepEqual(readFileSync(join(folder, 'backups', names()[0] ?? '')), content);
});
