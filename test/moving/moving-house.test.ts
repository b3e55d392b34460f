// What is asked of a move at the wrong moment.

import test from 'ava';
import { EdgeError } from '../../src/errors.ts';
import { refusalOf } from '../kit/refusal.ts';
import { until } from '../kit/until.ts';
import { startHouse } from './house.ts';

test('of two moves of the same keys that begin at once, one is refused and leaves nothing behind', async (t) => {
  const { house, registry, store, newKey, opened } = await startHouse(t);
  const { object, material } = await newKey();
  const before = registry.instanceNamed('one');
  const begin = () => house.begin('one', { settings: {} }, false);
  const both = await Promise.allSettled([begin(), begin()]);
  const [refused, ...others] = both.filter((one) => one.status === 'rejected');
  t.is(others.length, 0);
  t.true(refused?.reason instanceof EdgeError && refused.reason.kind === 'illegal-operation', String(refused?.reason));
  t.is(both.filter(({ status }) => status === 'fulfilled').length, 1);
  const { id, upstreamId } = registry.instanceNamed('one');
  t.is(registry.upstreamsOf(id).length, 2);
  t.is(store.upstreams.upstreams().length, 2);
  t.like(store.moves.moves(), [{ instanceId: id, from: before.upstreamId, to: upstreamId }]);
  await until(() => house.state('one').state === 'done');
  t.true(material.equals(await opened(object.uid)));
});

test('a move that began before another one, which has finished since, is refused', async (t) => {
  const { house, registry, store } = await startHouse(t);
  let goOn = (): void => {};
  const after = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const slow = house.begin('one', { settings: { after } }, false);
  await house.begin('one', { settings: {} }, false);
  await until(() => house.state('one').state === 'done');
  await house.finish('one', false);
  goOn();
  t.regex((await refusalOf(t, slow, 'illegal-operation')).message, /the keys of 'one' have moved meanwhile/);
  t.deepEqual(store.moves.moves(), []);
  t.deepEqual(
    store.upstreams.upstreams().map(({ id }) => id),
    [registry.instanceNamed('one').upstreamId],
  );
});
