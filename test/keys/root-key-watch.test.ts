// The watch over a root key: it asks at its pace, believes verdicts, ignores silence, and is not fooled by old news.

import test, { type ExecutionContext } from 'ava';
import { EdgeError } from '../../src/errors.ts';
import { OfflineLease } from '../../src/keys/lease.ts';
import { type LeaseRecord, RootKeyUnusable } from '../../src/keys/root-key-ports.ts';
import { RootKeyWatch } from '../../src/keys/root-key-watch.ts';
import { FakeClock, settle } from '../kit/fake-clock.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { createScriptedRootKey } from './scripted-root-key.ts';

const interval = 50_000;
const hour = 3_600_000;

const setUp = (t: ExecutionContext, pace: number | 'never' = interval) => {
  const clock = new FakeClock();
  const rootKey = createScriptedRootKey();
  const now = clock.now();
  const lease = new OfflineLease(72 * hour, { provenAt: now, highWater: now, rootKey: { state: 'active' } }, clock);
  const log = createMemoryLog();
  const saves: LeaseRecord[] = [];
  const flags = { saveFails: false, forgettingFails: false, forgotten: 0 };
  const watch = new RootKeyWatch({
    instance: 'one',
    rootKey,
    lease,
    clock,
    log,
    interval: pace,
    async save(record) {
      if (flags.saveFails) throw new EdgeError('storage-full', 'the data disk is full');
      saves.push(record);
    },
    onUnusable() {
      if (flags.forgettingFails) throw new Error('no');
      flags.forgotten += 1;
    },
  });
  t.teardown(() => watch.close());
  return { clock, rootKey, lease, log, saves, flags, watch };
};

test('it asks at once and then once in each interval', async (t) => {
  const { clock, rootKey, watch } = setUp(t);
  watch.start();
  await settle();
  t.is(rootKey.calls.status, 1);
  await clock.pass(interval - 1);
  t.is(rootKey.calls.status, 1);
  await clock.pass(1);
  t.is(rootKey.calls.status, 2);
  await clock.pass(100 * interval);
  t.is(rootKey.calls.status, 102);
});

test('a slow answer does not delay the next question, and questions do not pile up', async (t) => {
  const { clock, rootKey, watch } = setUp(t);
  watch.start();
  await settle();
  const release = rootKey.hold();
  await clock.pass(interval);
  await clock.pass(20_000);
  t.is(rootKey.calls.status, 2);
  release();
  await settle();
  await clock.pass(30_000 - 1);
  t.is(rootKey.calls.status, 2);
  await clock.pass(1);
  t.is(rootKey.calls.status, 3);
});

test('a root key that we hold is never asked for', async (t) => {
  const { clock, rootKey, watch } = setUp(t, 'never');
  watch.start();
  await clock.pass(10 * hour);
  t.is(rootKey.calls.status, 0);
});

test('each verdict that stops serving is believed within one interval, is saved, and empties the memory once', async (t) => {
  for (const state of ['suspended', 'destroyed', 'pre-active'] as const) {
    const { clock, rootKey, watch, lease, saves, flags, log } = setUp(t);
    watch.start();
    await clock.pass(interval * 1.5);
    rootKey.state = state;
    await clock.pass(interval);
    t.is(lease.verdict(), 'root-key-unusable', state);
    t.is(saves.at(-1)?.rootKey.state, state);
    await clock.pass(interval * 3);
    t.is(flags.forgotten, 1);
    t.is(log.lines.filter(({ event }) => event === 'root key changed state').length, 1);
    rootKey.state = 'active';
    await clock.pass(interval);
    t.is(lease.verdict(), 'valid');
    t.is(saves.at(-1)?.rootKey.state, 'active');
  }
});

test('an upstream that cannot be reached changes nothing but the health, and is logged once', async (t) => {
  const { clock, rootKey, watch, lease, saves, flags, log } = setUp(t);
  watch.start();
  await clock.pass(interval);
  const { provenAt } = lease.record;
  rootKey.reachable = false;
  await clock.pass(10 * interval);
  t.is(lease.verdict(), 'valid');
  t.deepEqual(watch.health, { reachable: false, problem: 'no route', hint: 'look at the cable' });
  t.is(saves.at(-1)?.provenAt, provenAt);
  t.true(Number(saves.at(-1)?.highWater) > clock.now() - interval);
  t.is(flags.forgotten, 0);
  t.is(log.lines.filter(({ event }) => event === 'upstream unreachable').length, 1);
  rootKey.reachable = true;
  await clock.pass(interval);
  t.deepEqual(watch.health, { reachable: true });
  t.true(lease.record.provenAt > clock.now() - interval);
});

test('after a failed question it asks again after 5 s, 10 s and so on, until the interval is reached', async (t) => {
  const { clock, rootKey, watch } = setUp(t);
  rootKey.reachable = false;
  watch.start();
  await settle();
  for (const [index, pause] of [5_000, 10_000, 20_000, 40_000, interval, interval].entries()) {
    await clock.pass(pause - 1);
    t.is(rootKey.calls.status, index + 1, `${pause}`);
    await clock.pass(1);
    t.is(rootKey.calls.status, index + 2, `${pause}`);
  }
  rootKey.reachable = true;
  await clock.pass(interval);
  const { status } = rootKey.calls;
  await clock.pass(interval - 1);
  t.is(rootKey.calls.status, status);
  rootKey.reachable = false;
  await clock.pass(1);
  await clock.pass(5_000);
  t.is(rootKey.calls.status, status + 2);
});

test('the kill switch works within a minute though one poll failed, and though its answer was slow', async (t) => {
  const { clock, rootKey, watch, lease } = setUp(t);
  watch.start();
  await clock.pass(interval - 1);
  rootKey.state = 'suspended';
  rootKey.reachable = false;
  const release = rootKey.hold();
  await clock.pass(8_000);
  rootKey.reachable = true;
  release();
  await settle();
  await clock.pass(5_000);
  t.is(lease.verdict(), 'root-key-unusable');
});

test('whatever goes wrong while asking, the next question comes', async (t) => {
  const { clock, rootKey, watch, lease, flags, log } = setUp(t);
  watch.start();
  await settle();
  flags.forgettingFails = true;
  rootKey.failure = new RootKeyUnusable('disabled', 'suspended');
  await clock.pass(interval);
  t.is(lease.verdict(), 'root-key-unusable');
  t.true(log.lines.some(({ event }) => event === 'root key not asked for'));
  flags.forgettingFails = false;
  rootKey.failure = undefined;
  await clock.pass(interval);
  t.is(lease.verdict(), 'valid');
});

test('anything else that goes wrong counts as unreachable', async (t) => {
  const { clock, rootKey, watch, lease } = setUp(t);
  watch.start();
  await settle();
  const failures = [
    new Error('bug'),
    new EdgeError('upstream-refused', 'no'),
    new RootKeyUnusable('?', undefined),
    'x',
  ];
  for (const failure of failures) {
    rootKey.failure = failure;
    await clock.pass(interval);
    t.is(lease.verdict(), 'valid');
    t.false(watch.health.reachable);
  }
});

test('a verdict that comes as an error is believed, and the upstream counts as reachable', async (t) => {
  const { clock, rootKey, watch, lease } = setUp(t);
  rootKey.reachable = false;
  watch.start();
  await clock.pass(interval);
  rootKey.failure = new RootKeyUnusable('disabled', 'suspended');
  await clock.pass(interval);
  t.is(lease.verdict(), 'root-key-unusable');
  t.deepEqual(watch.health, { reachable: true });
});

test('an operation that was asked before a verdict does not bring the root key back to life', async (t) => {
  const { watch, lease } = setUp(t);
  const asked = watch.verdicts;
  await watch.heardUnusable(new RootKeyUnusable('disabled', 'suspended'));
  watch.heard({ state: 'active' }, asked);
  t.is(lease.verdict(), 'root-key-unusable');
  watch.heard({ state: 'active' }, watch.verdicts);
  t.is(lease.verdict(), 'valid');
});

test('a poll that was asked before a verdict does not either', async (t) => {
  const { rootKey, watch, lease } = setUp(t);
  const release = rootKey.hold();
  const asking = watch.ask();
  await watch.heardUnusable(new RootKeyUnusable('disabled', 'suspended'));
  release();
  await asking;
  t.is(lease.verdict(), 'root-key-unusable');
});

test('where an operation was not told the state, it is asked for', async (t) => {
  const { rootKey, watch, lease } = setUp(t);
  rootKey.state = 'destroyed';
  await watch.heardUnusable(new RootKeyUnusable('?', undefined));
  t.is(lease.rootKey.state, 'destroyed');
});

test('an operation that was told that the root key is gone is believed only once the upstream tells it of the key itself', async (t) => {
  const { rootKey, watch, lease, saves, flags } = setUp(t);
  const gone = new RootKeyUnusable('404', 'destroyed');
  await watch.heardUnusable(gone);
  t.is(lease.verdict(), 'valid');
  rootKey.reachable = false;
  await watch.heardUnusable(gone);
  t.is(lease.verdict(), 'valid');
  t.true(saves.every((record) => record.rootKey.state === 'active'));
  Object.assign(rootKey, { reachable: true, state: 'destroyed' });
  await watch.heardUnusable(gone);
  t.is(lease.rootKey.state, 'destroyed');
  t.is(flags.forgotten, 1);
});

test('a record that cannot be saved is logged, and the watch goes on', async (t) => {
  const { clock, rootKey, watch, lease, flags, log, saves } = setUp(t);
  flags.saveFails = true;
  watch.start();
  await settle();
  rootKey.state = 'suspended';
  await clock.pass(3 * interval);
  t.is(lease.verdict(), 'root-key-unusable');
  t.true(
    log.lines.some(({ event, fields }) => event === 'lease not saved' && fields['problem'] === 'the data disk is full'),
  );
  flags.saveFails = false;
  await clock.pass(interval);
  t.is(saves.at(-1)?.rootKey.state, 'suspended');
});

test('closing ends the questions and saves the time seen until then', async (t) => {
  const { clock, rootKey, watch, saves } = setUp(t);
  watch.start();
  await clock.pass(interval / 2);
  await watch.close();
  t.is(saves.at(-1)?.highWater, clock.now());
  const { status } = rootKey.calls;
  await clock.pass(10 * interval);
  t.is(rootKey.calls.status, status);
});

test('closing waits for the question under way and asks no more after it', async (t) => {
  const { clock, rootKey, watch } = setUp(t);
  const release = rootKey.hold();
  watch.start();
  const closing = watch.close();
  release();
  await closing;
  await clock.pass(10 * interval);
  t.is(rootKey.calls.status, 1);
});
