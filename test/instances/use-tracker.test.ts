// Who used what: remembered in memory at once, written later and a bounded number at a time, and never in the way.

import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { UseTracker } from '../../src/instances/use-tracker.ts';
import type { Store } from '../../src/keys/ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { FakeClock, settle } from '../kit/fake-clock.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { sampleObject, withInstance } from '../store/samples.ts';

const user = { clientId: 'c', clientName: 'vcenter', address: '10.0.0.1' };

const setUp = async (t: ExecutionContext, keys: number, maximum = 10_000) => {
  const store = await withInstance(openSqliteStore(join(temporaryDirectory(t), 'db')));
  t.teardown(() => store.close());
  const objects = Array.from({ length: keys }, () => sampleObject());
  await store.write((tx) => {
    for (const object of objects) tx.objects.insert(object, []);
    tx.instances.insertClient({
      id: 'c',
      instanceId: 'instance-1',
      name: 'vcenter',
      fingerprint: 'ab',
      certificatePem: 'PEM',
      origin: 'pinned',
      addedAt: 1,
    });
  });
  let writes = 0;
  const counted: Pick<Store, 'write' | 'uses'> = {
    uses: store.uses,
    write: (change, options) => {
      writes += 1;
      return store.write(change, options);
    },
  };
  const clock = new FakeClock();
  const log = createMemoryLog();
  const tracker = new UseTracker({ store: counted, clock, log, maximum });
  return { store, clock, log, tracker, uids: objects.map(({ uid }) => uid), writes: () => writes };
};

test('what is used is known at once, and written in one go some seconds later', async (t) => {
  const { store, clock, tracker, uids, writes } = await setUp(t, 3);
  const began = clock.now();
  for (let n = 0; n < 1000; n += 1) {
    tracker.seen(user);
    for (const uid of uids.slice(0, 2)) tracker.fetched(user, uid);
  }
  t.deepEqual(tracker.key(uids[0] ?? ''), { fetchedAt: began, client: 'vcenter' });
  t.like(tracker.client('c'), { seenAt: began, address: '10.0.0.1' });
  t.is(store.uses.key(uids[0] ?? ''), undefined);
  await clock.pass(4_999);
  t.is(writes(), 0);
  await clock.pass(1);
  await settle();
  t.is(writes(), 1);
  t.deepEqual(store.uses.key(uids[1] ?? ''), { fetchedAt: began, client: 'vcenter' });
  t.deepEqual(store.uses.client('c'), { seenAt: began, address: '10.0.0.1' });
  t.is(store.uses.key(uids[2] ?? ''), undefined);
  await clock.pass(60_000);
  t.is(writes(), 1, 'nothing new is nothing to write');
  tracker.seen({ ...user, address: '10.0.0.2' });
  t.is(tracker.client('c')?.address, '10.0.0.2');
  await tracker.close();
  t.deepEqual(store.uses.client('c'), { seenAt: clock.now(), address: '10.0.0.2' });
});

test('a storm of fetches is written piece by piece, all of it by the end', async (t) => {
  const { store, clock, tracker, uids, writes } = await setUp(t, 1_800);
  tracker.seen(user);
  for (const uid of uids) tracker.fetched(user, uid);
  await clock.pass(5_000);
  await settle();
  t.is(store.uses.page(0, 10_000).length, 500);
  t.is(writes(), 1);
  await tracker.close();
  t.is(store.uses.page(0, 10_000).length, 1_800);
});

test('more than a bounded number is not remembered', async (t) => {
  const { tracker, uids } = await setUp(t, 20, 5);
  tracker.seen(user);
  for (const uid of uids) tracker.fetched(user, uid);
  t.is(uids.filter((uid) => tracker.key(uid) !== undefined).length, 5);
  await tracker.close();
});

test('what could not be written is tried again, said, and serving goes on', async (t) => {
  const { store, clock, log, uids } = await setUp(t, 1);
  let fails = true;
  const tracker = new UseTracker({
    store: {
      uses: store.uses,
      write: (change) => (fails ? Promise.reject(new Error('the data disk is full')) : store.write(change)),
    },
    clock,
    log,
    maximum: 10,
  });
  tracker.fetched(user, uids[0] ?? '');
  await clock.pass(5_000);
  await settle();
  t.true(log.alarms.some(({ event }) => event === 'use of keys not stored'));
  fails = false;
  await clock.pass(5_000);
  await settle();
  t.is(store.uses.key(uids[0] ?? '')?.client, 'vcenter');
  await tracker.close();
});

test('a key that is fetched after it went, or a client that is gone, is no trouble', async (t) => {
  const { store, tracker } = await setUp(t, 1);
  tracker.fetched({ ...user, clientId: 'gone' }, 'no-such-key');
  await tracker.close();
  t.deepEqual(store.uses.page(0, 10), []);
});
