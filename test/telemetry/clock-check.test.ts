// The start and the clock: it waits for a time server a little, never for long, and says so until one has answered.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import { silentLog } from '../../src/log.ts';
import { ClockCheck } from '../../src/telemetry/clock-check.ts';
import { FakeClock } from '../kit/fake-clock.ts';

const environment = { KMIP_EDGE_CLOCK: 'chrony' };

const waiting = (answers: () => Promise<boolean>, given: NodeJS.ProcessEnv = environment, uptime = 20) => {
  const clock = new FakeClock();
  let asked = 0;
  const ask = (): Promise<boolean> => {
    asked += 1;
    return answers();
  };
  const check = new ClockCheck({ environment: given, clock, log: silentLog, ask, uptime: () => uptime });
  let over = false;
  const done = check.wait().then(() => {
    over = true;
  });
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 500) await clock.pass(500);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { check, done, pass, isOver: () => over, asked: () => asked };
};

test('where nobody can be asked nothing waits, and nothing is said', async (t) => {
  const { check, done, asked } = waiting(async () => false, {});
  await done;
  t.is(asked(), 0);
  t.deepEqual(check.alarms(), []);
});

test('the start waits until the clock was checked', async (t) => {
  let isSet = false;
  const { check, pass, isOver } = waiting(async () => isSet);
  await pass(10_000);
  t.false(isOver());
  isSet = true;
  await pass(1000);
  t.true(isOver());
  t.deepEqual(check.alarms(), []);
});

for (const [what, answers] of [
  ['no time server answers', async () => false],
  ['chrony cannot be asked', () => Promise.reject(new Error('no such program'))],
] as const) {
  test(`where ${what} the start goes on after 20 s, and it is told until one has`, async (t) => {
    let isSet = false;
    const { check, pass, isOver } = waiting(() => (isSet ? Promise.resolve(true) : answers()));
    await pass(19_000);
    t.false(isOver());
    await pass(2000);
    t.true(isOver());
    t.deepEqual(
      check.alarms().map(({ name, severity }) => [name, severity]),
      [['clock-unchecked', 'warning']],
    );
    await pass(60_000);
    t.is(check.alarms().length, 1);
    isSet = true;
    await pass(61_000);
    t.deepEqual(check.alarms(), []);
    check.close();
  });
}

test('a server that is started anew on a machine that has been up does not wait, and tells all the same', async (t) => {
  const { check, done } = waiting(async () => false, environment, 3600);
  await done;
  t.is(check.alarms().length, 1);
  check.close();
});

/** What a process prints that waits for the clock; `then` is done while it waits. */
const printedBy = (answer: string, then: string): string => {
  const source = join(import.meta.dirname, '../../src');
  const program = `
    const { ClockCheck } = await import('${source}/telemetry/clock-check.ts');
    const { systemClock: clock } = await import('${source}/clock.ts');
    const { silentLog: log } = await import('${source}/log.ts');
    let asked = 0;
    const ask = async () => ${answer};
    const check = new ClockCheck({ environment: { KMIP_EDGE_CLOCK: 'chrony' }, clock, log, ask, uptime: () => 20 });
    void check.wait().then(() => console.log('checked'));
    ${then}`;
  const args = ['--input-type=module', '--eval', program];
  return execFileSync(process.execPath, args, { timeout: 15_000 }).toString().trim();
};

test('a process that only waits for the clock does not end meanwhile, unless the wait was closed', (t) => {
  t.is(printedBy('++asked > 1', ''), 'checked');
  t.is(printedBy('false', 'setTimeout(() => check.close(), 100)'), '');
});
