// Batches that are done as one, in the store: what they did is undone as long as they are not decided, after a crash too, and
// nothing is left of what they destroyed once they are.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Damage } from '../../src/damage.ts';
import { Journal } from '../../src/keys/journal.ts';
import { LateUndo } from '../../src/keys/late-undo.ts';
import type { Store, StoreWriter } from '../../src/keys/ports.ts';
import { silentLog } from '../../src/log.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { until } from '../kit/until.ts';
import { erased, sampleObject, textAttribute, withInstance } from './samples.ts';

const damage = new Damage(silentLog);
const object = sampleObject({ archiveDate: 7, fresh: true, revocationReason: { code: 1, message: 'why' } });
const kept = [textAttribute('Name', 'n'), textAttribute('x-A', 'a'), textAttribute('x-A', 'b', 1)];

interface Opened {
  readonly path: string;
  store: Store;
}

const opened = async (t: ExecutionContext): Promise<Opened> => {
  const path = join(temporaryDirectory(t), 'store.sqlite');
  const one: Opened = { path, store: openSqliteStore(path) };
  t.teardown(() => one.store.close());
  await withInstance(one.store);
  await one.store.write(({ objects }) => objects.insert(object, kept));
  return one;
};

const during = <T>(store: Store, journal: Journal, change: (tx: StoreWriter) => T): Promise<T> =>
  store.write((tx) => journal.during(tx, change), { erase: true });

/** Everything that a batch can do. */
const batch = async (store: Store, journal: Journal): Promise<string> => {
  const made = sampleObject();
  await during(store, journal, ({ objects }) => objects.insert(made, [textAttribute('Name', 'made')]));
  await during(store, journal, ({ objects }) => objects.addAttribute(object.uid, textAttribute('x-B', 'c')));
  await during(store, journal, ({ objects }) => objects.setAttributes(object.uid, [textAttribute('x-A', 'd')]));
  await during(store, journal, ({ objects }) => objects.update({ ...object, activationDate: 9 }));
  await during(store, journal, ({ objects }) => objects.update(erased(object)));
  return made.uid;
};

const asBefore = (t: ExecutionContext, store: Store, made: string): void => {
  t.deepEqual(store.objects.find(object.uid), object);
  t.deepEqual(store.objects.attributesOf(object.uid), kept);
  t.is(store.objects.find(made), undefined);
  t.deepEqual(store.undo.undecided(), []);
};

test('undoing takes back all that the batch did, the latest first', async (t) => {
  const { store } = await opened(t);
  const journal = new Journal();
  const made = await batch(store, journal);
  t.deepEqual(store.undo.undecided(), [journal.batch]);
  t.deepEqual(journal.uids, new Set([made, object.uid]));
  t.is(store.objects.find(object.uid)?.wrapped, undefined);
  await store.write(({ undo }) => undo.undo(journal.batch), { erase: true });
  asBefore(t, store, made);
});

test('a server that ended before the batch was decided undoes it at its start, once', async (t) => {
  const one = await opened(t);
  const made = await batch(one.store, new Journal());
  await one.store.close();
  one.store = openSqliteStore(one.path);
  const recorded: string[] = [];
  one.store.keepTrail({
    keep: (entries) => void recorded.push(...entries.map(({ by, operation, uid }) => `${by} ${operation} ${uid}`)),
    settled: () => {},
  });
  const lateUndo = () =>
    new LateUndo({ store: one.store, cache: { delete() {} }, clock: new FakeClock(), log: silentLog, damage });
  await lateUndo().start();
  asBefore(t, one.store, made);
  t.deepEqual(recorded.toSorted(), [`server Undo ${made}`, `server Undo ${object.uid}`].toSorted());
  await lateUndo().start();
  t.is(recorded.length, 2);
});

test('a store that takes no change yet has it undone as soon as it does', async (t) => {
  const { store } = await opened(t);
  const journal = new Journal();
  const made = await batch(store, journal);
  const [clock, deleted] = [new FakeClock(), [] as string[]];
  let isFull = true;
  const write: Store['write'] = (...change) =>
    isFull ? Promise.reject(new Error('the disk is full')) : store.write(...change);
  const cache = { delete: (uid: string) => void deleted.push(uid) };
  const lateUndo = new LateUndo({ store: { ...store, write }, cache, clock, log: silentLog, damage });
  t.teardown(() => lateUndo.close());
  await lateUndo.start();
  await clock.pass(20_000);
  t.deepEqual(store.undo.undecided(), [journal.batch]);
  isFull = false;
  await clock.pass(5000);
  await until(() => store.undo.undecided().length === 0);
  asBefore(t, store, made);
  t.deepEqual(deleted.toSorted(), [made, object.uid].toSorted());
  const live = new Journal();
  await batch(store, live);
  await clock.pass(20_000);
  t.deepEqual(store.undo.undecided(), [live.batch], 'one that is at work decides itself');
});

test('nothing is left on disk of what a batch destroyed, once it is decided', async (t) => {
  const one = await opened(t);
  const text = object.wrapped?.text ?? '';
  const onDisk = (): boolean => [one.path, `${one.path}-wal`].some((path) => readFileSync(path).includes(text));
  const journal = new Journal();
  const made = await batch(one.store, journal);
  t.true(onDisk());
  await one.store.write(({ undo }) => undo.settle(journal.batch), { erase: true });
  t.false(onDisk());
  t.deepEqual(one.store.undo.undecided(), []);
  t.is(one.store.objects.find(object.uid)?.destroyDate, erased(object).destroyDate);
  t.not(one.store.objects.find(made), undefined);
});

test('what somebody else has changed since is not undone: that was acknowledged', async (t) => {
  const { store } = await opened(t);
  const journal = new Journal();
  await during(store, journal, ({ objects }) => objects.update({ ...object, activationDate: 9 }));
  const theirs = { ...object, activationDate: 9, compromiseDate: 10 };
  await store.write(({ objects }) => objects.update(theirs));
  await store.write(({ undo }) => undo.undo(journal.batch), { erase: true });
  t.deepEqual(store.objects.find(object.uid), theirs);
});

test('a change that failed is not noted', async (t) => {
  const { store } = await opened(t);
  const journal = new Journal();
  const failing = during(store, journal, ({ objects }) => {
    objects.update(erased(object));
    throw new Error('after all not');
  });
  await t.throwsAsync(failing, { message: 'after all not' });
  t.deepEqual(store.undo.undecided(), []);
  t.is(journal.uids.size, 0);
});
