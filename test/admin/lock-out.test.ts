// Guessing costs time: each failure more than the one before, for an address and for all together, and no memory.

import test from 'ava';
import fc from 'fast-check';
import { LockOut } from '../../src/admin/access/lock-out.ts';
import { TooManyAttempts } from '../../src/admin/problem.ts';
import { FakeClock } from '../kit/fake-clock.ts';

/** Seconds that `address` has to wait now; 0: it may try. */
const waitOf = (lockOut: LockOut, address: string): number => {
  try {
    lockOut.check(address);
    return 0;
  } catch (error) {
    if (error instanceof TooManyAttempts) return error.retryAfter;
    throw error;
  }
};

const failTimes = (lockOut: LockOut, address: string, times: number): void => {
  for (let count = 0; count < times; count += 1) lockOut.failed(address);
};

test('four failures cost nothing, then each doubles the wait up to a quarter of an hour', async (t) => {
  const clock = new FakeClock();
  const lockOut = new LockOut(clock);
  const waits: number[] = [];
  for (let failure = 1; failure <= 16; failure += 1) {
    lockOut.failed('192.0.2.1');
    const wait = waitOf(lockOut, '192.0.2.1');
    waits.push(wait);
    await clock.pass(wait * 1000);
    t.is(waitOf(lockOut, '192.0.2.1'), 0, 'the wait that was told is the wait');
  }
  t.deepEqual(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
});

test('another address does not wait for the first, and success forgets', (t) => {
  const lockOut = new LockOut(new FakeClock());
  failTimes(lockOut, '192.0.2.1', 10);
  t.is(waitOf(lockOut, '192.0.2.2'), 0);
  t.is(waitOf(lockOut, '192.0.2.1'), 32);
  lockOut.succeeded('192.0.2.1');
  t.is(waitOf(lockOut, '192.0.2.1'), 0);
});

test('what was not tried after all does not count', (t) => {
  const lockOut = new LockOut(new FakeClock());
  failTimes(lockOut, '192.0.2.1', 5);
  t.is(waitOf(lockOut, '192.0.2.1'), 1);
  lockOut.notTried('192.0.2.1');
  t.is(waitOf(lockOut, '192.0.2.1'), 0);
  for (let count = 0; count < 500; count += 1) {
    lockOut.failed(`192.0.2.${count % 250}`);
    lockOut.notTried(`192.0.2.${count % 250}`);
  }
  t.is(waitOf(lockOut, '198.51.100.1'), 0);
});

test('an hour without a failure forgets', async (t) => {
  const clock = new FakeClock();
  const lockOut = new LockOut(clock);
  failTimes(lockOut, '192.0.2.1', 20);
  await clock.pass(60 * 60_000);
  lockOut.failed('192.0.2.1');
  t.is(waitOf(lockOut, '192.0.2.1'), 0);
});

test('failures from everywhere make everybody wait, but not an address that was right lately', async (t) => {
  const clock = new FakeClock();
  const lockOut = new LockOut(clock);
  lockOut.failed('10.0.0.1');
  lockOut.succeeded('10.0.0.1');
  for (let address = 0; address < 106; address += 1) lockOut.failed(`192.0.2.${address}`);
  t.is(waitOf(lockOut, '198.51.100.1'), 30);
  t.is(waitOf(lockOut, '10.0.0.1'), 0);
  await clock.pass(12 * 60 * 60_000);
  for (let address = 0; address < 106; address += 1) lockOut.failed(`192.0.2.${address}`);
  t.is(waitOf(lockOut, '10.0.0.1'), 30, 'no longer known');
});

const sameNetwork: readonly (readonly [one: string, other: string, same: boolean])[] = [
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
  ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ['2001:db8::1', '2001:db8:0:0:5::', true],
  ['::1', '::2', true],
  ['192.0.2.1', '192.0.2.2', false],
];
for (const [one, other, same] of sameNetwork) {
  test(`${one} and ${other} are ${same ? 'one' : 'not one'} to wait`, (t) => {
    const lockOut = new LockOut(new FakeClock());
    failTimes(lockOut, one, 8);
    t.is(waitOf(lockOut, other) > 0, same);
  });
}

test('however many addresses fail, few are remembered', (t) => {
  const lockOut = new LockOut(new FakeClock());
  for (let address = 0; address < 30_000; address += 1) lockOut.failed(`10.${address >> 8}.${address & 255}.1`);
  t.is(lockOut.size, 10_000);
});

test('whatever happens, an address that has to wait is told a bounded wait, and may try after it', async (t) => {
  const step = fc.record({ address: fc.constantFrom('a', 'b', 'c'), right: fc.boolean(), ms: fc.nat(2_000_000) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = new FakeClock();
      const lockOut = new LockOut(clock);
      for (const { address, right, ms } of steps) {
        await clock.pass(ms);
        const wait = waitOf(lockOut, address);
        if (wait > 900) return false;
        await clock.pass(wait * 1000);
        if (waitOf(lockOut, address) > 0) return false;
        lockOut.failed(address);
        if (right) lockOut.succeeded(address);
        if (right && waitOf(lockOut, address) > 0) return false;
      }
      return true;
    }),
    { numRuns: 30 },
  );
  t.pass();
});
