// What is asked of a move at the wrong moment.

import test from 'ava';
import { EdgeError } from '../../src/errors.ts';
import { MovingHouse } from '../../src/instances/moving-house.ts';
import { InstanceRegistry } from '../../src/instances/registry.ts';
import type { Store } from '../../src/keys/ports.ts';
import { settle } from '../kit/fake-clock.ts';
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

test('a move that cannot go on at a start, on a disk that takes nothing, is said and ends nothing', async (t) => {
  const one = await startHouse(t);
  const { parts, registry, store, vanish } = one;
  const { id, upstreamId } = registry.instanceNamed('one');
  const move = { instanceId: id, from: upstreamId, to: upstreamId, state: 'running', startedAt: 1 } as const;
  await store.write(({ moves }) => moves.putMove(move));
  await registry.close();
  const full: Store = { ...store, write: () => Promise.reject(new EdgeError('storage-full', 'the data disk is full')) };
  vanish();
  const again = new InstanceRegistry(parts);
  t.teardown(() => again.close());
  new MovingHouse({ ...parts, store: full, registry: again }).start();
  // A rejection that nobody handles fails the test file.
  await settle();
  t.deepEqual(
    one.log.lines
      .filter(({ event }) => /a move|of a move/.test(event))
      .map(({ event, fields }) => [event, fields['problem']]),
    [
      ['a move cannot go on', "service instance 'one' could not be started"],
      ['the end of a move is not stored', 'the data disk is full'],
    ],
  );
});
