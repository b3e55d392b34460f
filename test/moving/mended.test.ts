// A new upstream that an administrator mends while a move waits for it: what was open before is closed, and the move goes on
// through what is open now.

import test from 'ava';
import { until } from '../kit/until.ts';
import { startHouse } from './house.ts';

test('a move that waits for its new upstream goes on through that as it was mended', async (t) => {
  const one = await startHouse(t);
  const key = await one.newKey();
  await one.house.begin('one', { settings: { isAway: true } }, false);
  await until(() => one.house.state('one').waiting !== undefined);
  const old = one.registry.authorityOf(one.registry.instanceNamed('one').upstreamId);
  await one.registry.updateUpstream('one', { isAway: false });
  t.not(one.registry.authorityOf(old.upstreamId), old);
  await until(async () => {
    await one.clock.pass(5000);
    return one.house.state('one').state === 'done';
  });
  t.like(one.house.state('one'), { moved: 1, notMoved: 0 });
  t.true(key.material.equals(await one.opened(key.object.uid)));
});
