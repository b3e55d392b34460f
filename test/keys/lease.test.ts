// The offline lease: it ends when it should, whatever the wall clock does, and only a proof of life starts it anew.

import test from 'ava';
import fc from 'fast-check';
import { mayServe, OfflineLease } from '../../src/keys/lease.ts';
import type { LeaseRecord, RootKeyState } from '../../src/keys/root-key-ports.ts';
import { rootKeyStates } from '../../src/keys/root-key-ports.ts';
import { FakeClock } from '../kit/fake-clock.ts';

const minute = 60_000;
const hour = 60 * minute;
const active = { state: 'active' } as const;
const provenNow = (clock: FakeClock, state: RootKeyState = 'active'): LeaseRecord => ({
  provenAt: clock.now(),
  highWater: clock.now(),
  rootKey: { state },
});
const newLease = (term: number | 'unlimited', clock = new FakeClock()) => ({
  clock,
  lease: new OfflineLease(term, provenNow(clock), clock),
});

test('it ends exactly at its term and not a millisecond before', async (t) => {
  const { clock, lease } = newLease(72 * hour);
  await clock.pass(72 * hour - 1);
  t.is(lease.verdict(), 'valid');
  t.is(lease.remaining(), 1);
  await clock.pass(1);
  t.is(lease.verdict(), 'ended');
  t.is(lease.remaining(), 0);
});

test('a proof of life starts it anew, also after it has ended', async (t) => {
  const { clock, lease } = newLease(hour);
  await clock.pass(3 * hour);
  t.is(lease.verdict(), 'ended');
  lease.heard(active);
  t.is(lease.remaining(), hour);
  await clock.pass(hour - 1);
  lease.heard({ state: 'deactivated' });
  await clock.pass(hour - 1);
  t.is(lease.verdict(), 'valid');
});

test('it survives a restart through its record, and the time between counts', async (t) => {
  const { clock, lease } = newLease(10 * hour);
  await clock.pass(4 * hour);
  const saved = lease.record;
  await clock.pass(5 * hour);
  const again = new OfflineLease(10 * hour, saved, clock);
  t.is(again.remaining(), hour);
  await clock.pass(hour);
  t.is(again.verdict(), 'ended');
});

test('a wall clock set back while running gains nothing', async (t) => {
  const { clock, lease } = newLease(10 * hour);
  await clock.pass(4 * hour);
  clock.setWall(clock.now() - 1000 * hour);
  t.is(lease.remaining(), 6 * hour);
  await clock.pass(6 * hour);
  t.is(lease.verdict(), 'ended');
});

test('a wall clock set back before a restart gains nothing either', async (t) => {
  const { clock, lease } = newLease(10 * hour);
  await clock.pass(4 * hour);
  const saved = lease.record;
  clock.setWall(clock.now() - 1000 * hour);
  const again = new OfflineLease(10 * hour, saved, clock);
  t.is(again.remaining(), 6 * hour);
  await clock.pass(6 * hour);
  t.is(again.verdict(), 'ended');
});

test('a wall clock set forward ends it; set right within minutes that is undone, and nothing of it is saved', async (t) => {
  const { clock, lease } = newLease(10 * hour);
  const right = clock.now();
  clock.setWall(right + 100 * hour);
  t.is(lease.verdict(), 'ended');
  await clock.pass(9 * minute);
  t.is(lease.record.highWater, right + 9 * minute);
  t.is(new OfflineLease(10 * hour, lease.record, clock).verdict(), 'ended');
  clock.setWall(right + 9 * minute);
  t.is(lease.remaining(), 10 * hour - 9 * minute);
  t.is(new OfflineLease(10 * hour, lease.record, clock).remaining(), 10 * hour - 9 * minute);
});

test('a wall clock that stays forward ends it for good, until a proof of life', async (t) => {
  const { clock, lease } = newLease(10 * hour);
  const right = clock.now();
  clock.setWall(right + 100 * hour);
  for (let passed = 0; passed < 20; passed += 1) {
    t.is(lease.verdict(), 'ended');
    await clock.pass(minute);
  }
  t.is(lease.record.highWater, clock.now());
  clock.setWall(right);
  t.is(lease.verdict(), 'ended');
  t.is(new OfflineLease(10 * hour, lease.record, clock).verdict(), 'ended');
  lease.heard(active);
  t.is(lease.remaining(), 10 * hour);
  t.is(lease.record.provenAt, right);
});

test('a machine that starts with a wrong clock, set right a minute later, keeps what is left of its lease', async (t) => {
  const { clock, lease } = newLease(10 * hour);
  const saved = lease.record;
  await clock.pass(4 * hour);
  clock.setWall(clock.now() + 100 * hour);
  const again = new OfflineLease(10 * hour, saved, clock);
  t.is(again.verdict(), 'ended');
  await clock.pass(minute);
  t.is(again.record.highWater, saved.highWater + minute);
  clock.setWall(clock.now() - 100 * hour);
  t.is(again.remaining(), 6 * hour - minute);
});

test('the time that we were not running is kept after ten minutes, and setting the clock back gains nothing then', async (t) => {
  const { clock, lease } = newLease(10 * hour);
  const saved = lease.record;
  await clock.pass(9 * hour);
  const again = new OfflineLease(10 * hour, saved, clock);
  await clock.pass(10 * minute);
  t.is(again.record.highWater, clock.now());
  clock.setWall(clock.now() - 9 * hour);
  t.is(again.remaining(), 50 * minute);
});

test('only what the wall clock was ahead by all the time is kept', async (t) => {
  const { clock, lease } = newLease(100 * hour);
  const right = clock.now();
  clock.setWall(right + hour);
  lease.verdict();
  await clock.pass(9 * minute);
  clock.setWall(clock.now() + 50 * hour);
  lease.verdict();
  await clock.pass(5 * minute);
  clock.setWall(clock.now() - 50 * hour);
  for (let look = 0; look < 2; look += 1) {
    lease.verdict();
    await clock.pass(10 * minute);
  }
  t.is(lease.record.highWater, clock.now());
  clock.setWall(right);
  t.is(lease.remaining(), 99 * hour - 34 * minute);
});

test('unlimited never ends, and zero never holds', async (t) => {
  const unlimited = newLease('unlimited');
  await unlimited.clock.pass(1_000_000 * hour);
  t.is(unlimited.lease.verdict(), 'valid');
  t.is(unlimited.lease.remaining(), 'unlimited');
  const zero = newLease(0);
  t.is(zero.lease.verdict(), 'ended');
  zero.lease.heard(active);
  t.is(zero.lease.verdict(), 'ended');
});

test('only an active or expired root key serves, whatever the term, and a restart does not forget it', (t) => {
  for (const state of rootKeyStates) {
    const serves = state === 'active' || state === 'deactivated';
    t.is(mayServe(state), serves, state);
    for (const term of [hour, 'unlimited'] as const) {
      const { clock, lease } = newLease(term);
      lease.heard({ state });
      t.is(lease.verdict(), serves ? 'valid' : 'root-key-unusable', state);
      t.is(new OfflineLease(term, lease.record, clock).verdict(), serves ? 'valid' : 'root-key-unusable');
    }
  }
});

test('a verdict does not renew it, and the time until then is not lost', async (t) => {
  const { clock, lease } = newLease(10 * hour);
  const before = lease.record;
  await clock.pass(4 * hour);
  clock.setWall(0);
  lease.heard({ state: 'suspended' });
  t.is(lease.record.provenAt, before.provenAt);
  t.is(lease.record.highWater, before.highWater + 4 * hour);
});

type Step = { readonly kind: 'pass' | 'jump' | 'save' | 'restart' | 'crash'; readonly ms: number };
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('pass', 'pass', 'jump', 'save', 'restart', 'crash'),
  ms: fc.integer({ min: -20_000, max: 20_000 }),
});

test('without a proof of life it is never valid for longer than its term, but for what each crash had not saved', async (t) => {
  const saveInterval = 500;
  const run = async (term: number, steps: readonly Step[]): Promise<boolean> => {
    const clock = new FakeClock();
    let lease = new OfflineLease(term, provenNow(clock), clock);
    let saved = lease.record;
    let [valid, sinceSaved, crashes] = [0, 0, 0];
    const act = {
      pass: async (ms: number): Promise<void> => {
        for (let left = Math.abs(ms); left > 0; left -= 100) {
          if (lease.verdict() === 'valid') valid += Math.min(left, 100);
          await clockPass(clock, Math.min(left, 100));
          sinceSaved += 100;
          if (sinceSaved >= saveInterval) act.save();
        }
      },
      jump: (ms: number): void => clock.setWall(clock.now() + ms * 1000),
      save: (): void => {
        saved = lease.record;
        sinceSaved = 0;
      },
      restart: (): void => {
        act.save();
        lease = new OfflineLease(term, saved, clock);
      },
      crash: (): void => {
        crashes += 1;
        sinceSaved = 0;
        lease = new OfflineLease(term, saved, clock);
      },
    };
    for (const { kind, ms } of steps) await act[kind](ms);
    return valid <= term + crashes * saveInterval + 100;
  };
  const property = fc.asyncProperty(fc.integer({ min: 0, max: 30_000 }), fc.array(step, { maxLength: 40 }), run);
  await fc.assert(property, { numRuns: 200 });
  t.pass();
});

const timesOf = (max: number) => fc.array(fc.integer({ min: 0, max }), { minLength: 1, maxLength: 30 });

test('where the clock is only ever set back, it ends at its term by true time, restarts or not', (t) => {
  const property = fc.property(
    fc.integer({ min: 1, max: 40 * hour }),
    timesOf(3 * hour),
    timesOf(9),
    (term, steps, acts) => {
      const clock = new FakeClock();
      let lease = new OfflineLease(term, provenNow(clock), clock);
      for (const [index, ms] of steps.entries()) {
        const act = acts[index % acts.length] ?? 0;
        if (act < 3) clock.setWall(clock.now() - ms * act);
        if (act === 4) lease = new OfflineLease(term, lease.record, clock);
        void clock.pass(ms);
        if (lease.remaining() !== Math.max(0, term - clock.monotonic())) return false;
      }
      return true;
    },
  );
  t.notThrows(() => fc.assert(property));
});

test('no jump forward that is set right within ten minutes changes when it ends, restarts or not', (t) => {
  const jump = fc.record({
    quiet: fc.integer({ min: 0, max: 2 * hour }),
    by: fc.integer({ min: 1, max: 1000 * hour }),
    wrong: fc.array(fc.integer({ min: 0, max: 3 * minute }), { maxLength: 3 }),
    restart: fc.nat(4),
  });
  const property = fc.property(
    fc.integer({ min: 1, max: 20 * hour }),
    fc.array(jump, { maxLength: 20 }),
    (term, jumps) => {
      const clock = new FakeClock();
      let lease = new OfflineLease(term, provenNow(clock), clock);
      const right = (): boolean => lease.remaining() === Math.max(0, term - clock.monotonic());
      for (const { quiet, by, wrong, restart } of jumps) {
        void clock.pass(quiet);
        if (!right()) return false;
        clock.setWall(clock.now() + by);
        for (const [index, ms] of wrong.entries()) {
          void clock.pass(ms);
          lease.verdict();
          if (index === restart) lease = new OfflineLease(term, lease.record, clock);
        }
        clock.setWall(clock.now() - by);
        if (!right()) return false;
      }
      return true;
    },
  );
  t.notThrows(() => fc.assert(property));
});

/** No timers wait on these clocks, so nothing has to settle. */
const clockPass = async (clock: FakeClock, ms: number): Promise<void> => void clock.pass(ms);
