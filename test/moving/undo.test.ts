// A move and a batch that may still be undone have their hands on the same key: undoing finds it as the batch left it, and
// only then it moves.

import test from 'ava';
import { Journal } from '../../src/keys/journal.ts';
import { refusal } from '../kit/refusal.ts';
import { until } from '../kit/until.ts';
import { erased } from '../store/samples.ts';
import { type House, type MadeKey, startHouse } from './house.ts';

const destroyIn = async ({ store }: House, { object }: MadeKey): Promise<Journal> => {
  const journal = new Journal();
  await store.write((tx) => journal.during(tx, ({ objects }) => objects.update(erased(object))), { erase: true });
  return journal;
};

const pause = 5_000;
const begin = ({ house }: House) => house.begin('one', { settings: {} }, false);
const waits = ({ house }: House) => until(() => /1 key changed by a batch/.test(house.state('one').waiting ?? ''));

/** Lets the pauses of a run pass until it has come to its end. */
const done = async ({ house, clock }: House): Promise<void> => {
  await until(async () => {
    await clock.pass(pause);
    return house.state('one').state === 'done';
  });
};

test('a key that a batch has destroyed waits for the batch, comes back whole, and moves then', async (t) => {
  const one = await startHouse(t);
  const [key, other] = [await one.newKey(), await one.newKey()];
  const journal = await destroyIn(one, key);
  await begin(one);
  await waits(one);
  await one.clock.pass(3 * pause);
  await waits(one);
  t.like(one.house.state('one'), { state: 'running', total: 2, moved: 1 });
  t.not(one.found(other.object.uid).upstreamId, other.object.upstreamId);
  await one.store.write(({ undo }) => undo.undo(journal.batch), { erase: true });
  t.deepEqual(one.found(key.object.uid), key.object);
  t.true(key.material.equals(await one.opened(key.object.uid)));
  await done(one);
  t.like(one.house.state('one'), { moved: 2, notMoved: 0, waiting: undefined });
  await one.house.finish('one', false);
  t.true(key.material.equals(await one.opened(key.object.uid)));
});

test('a key that a batch destroys while it is being moved comes back whole', async (t) => {
  const one = await startHouse(t, 0);
  const key = await one.newKey();
  const [old] = one.rootKeys;
  const release = old?.hold() ?? (() => {});
  await begin(one);
  await until(() => (old?.calls.unwrap ?? 0) > 0);
  const journal = await destroyIn(one, key);
  release();
  await waits(one);
  await one.store.write(({ undo }) => undo.undo(journal.batch), { erase: true });
  t.deepEqual(one.found(key.object.uid), key.object);
  await done(one);
  t.not(one.found(key.object.uid).upstreamId, key.object.upstreamId);
  t.true(key.material.equals(await one.opened(key.object.uid)));
});

test('a move that is stopped while a batch may still be undone is not finished, and goes on when that is decided', async (t) => {
  const one = await startHouse(t);
  const key = await one.newKey();
  const journal = await destroyIn(one, key);
  await begin(one);
  await waits(one);
  t.is((await one.house.stop('one')).state, 'stopped');
  t.regex(await refusal(t, one.house.finish('one', false)), /1 keys of 'one' are not moved/);
  await one.store.write(({ undo }) => undo.settle(journal.batch), { erase: true });
  await one.house.resume('one');
  await done(one);
  await one.house.finish('one', false);
  const { wrapped, sealed, destroyDate } = one.found(key.object.uid);
  t.deepEqual([wrapped, sealed, destroyDate], [undefined, undefined, erased(key.object).destroyDate]);
});
