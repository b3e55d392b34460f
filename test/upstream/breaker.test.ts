// The breaker by itself: when it opens, who may try, what closes it, and that the wall clock is nothing to it.

import test from 'ava';
import { Breaker } from '../../src/upstream/key-protect/breaker.ts';
import { FakeClock, settle } from '../kit/fake-clock.ts';

const setUp = () => {
  const clock = new FakeClock();
  const changes: string[] = [];
  const breaker = new Breaker({ failures: 3, openMs: 5_000, clock, onChange: (state) => changes.push(state) });
  const open = (): void => {
    for (let n = 0; n < 3; n += 1) breaker.failed();
  };
  return { clock, changes, breaker, open };
};

const yes = async (): Promise<'yes'> => 'yes';

test('failures in a row open it, and one success in between starts the count anew', async (t) => {
  const { breaker, changes, open } = setUp();
  breaker.failed();
  breaker.failed();
  breaker.succeeded();
  breaker.failed();
  breaker.failed();
  t.is(await breaker.run(yes), 'yes');
  open();
  t.is(await breaker.run(yes), undefined);
  t.deepEqual(changes, ['open']);
});

test('it rests for its time whatever the wall clock does', async (t) => {
  for (const jump of [-1000, 1000]) {
    const { breaker, clock, open } = setUp();
    open();
    clock.setWall(clock.now() + jump * 3_600_000);
    await clock.pass(4_999);
    t.is(await breaker.run(yes), undefined);
    await clock.pass(1);
    t.is(await breaker.run(yes), 'yes');
  }
});

test('after its rest one call tries while the others wait, and all go on once it succeeded', async (t) => {
  const { breaker, clock, changes, open } = setUp();
  open();
  await clock.pass(5_000);
  const gate = Promise.withResolvers<void>();
  let running = 0;
  const calls = Array.from({ length: 10 }, () =>
    breaker.run(async () => {
      running += 1;
      await gate.promise;
      breaker.succeeded();
      return 'yes';
    }),
  );
  await settle();
  t.is(running, 1);
  gate.resolve();
  t.deepEqual(await Promise.all(calls), Array(10).fill('yes'));
  t.deepEqual(changes, ['open', 'closed']);
});

test('a trial that fails or throws ends the wait of the others; a failed one starts a new rest', async (t) => {
  const { breaker, clock, changes, open } = setUp();
  open();
  await clock.pass(5_000);
  const [thrown, waiting] = [breaker.run(() => Promise.reject(new Error('no'))), breaker.run(yes)];
  await t.throwsAsync(thrown, { message: 'no' });
  t.is(await waiting, 'yes');
  const trial = breaker.run(async () => breaker.failed());
  const late = breaker.run(yes);
  await trial;
  t.is(await late, undefined);
  await clock.pass(5_000);
  t.is(await breaker.run(yes), 'yes');
  t.deepEqual(changes, ['open']);
});

test('failures of calls that began before do not lengthen the rest, and a success ends it', async (t) => {
  const { breaker, clock, changes, open } = setUp();
  open();
  await clock.pass(4_000);
  open();
  await clock.pass(1_000);
  t.is(await breaker.run(yes), 'yes');
  open();
  breaker.succeeded();
  t.is(await breaker.run(yes), 'yes');
  t.deepEqual(changes, ['open', 'closed']);
});
