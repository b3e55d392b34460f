// What systemd is told, seen from its side: a program in the place of systemd-notify that writes down what it is given.

import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { silentLog } from '../../src/log.ts';
import { createServiceManager } from '../../src/telemetry/service-manager.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const listening = (t: Parameters<typeof temporaryDirectory>[0], more: NodeJS.ProcessEnv = {}) => {
  const folder = temporaryDirectory(t);
  const told = join(folder, 'told');
  writeFileSync(join(folder, 'systemd-notify'), `#!/bin/sh\necho "$@" >>${told}\n`);
  chmodSync(join(folder, 'systemd-notify'), 0o755);
  const environment = { PATH: `${folder}:${process.env['PATH']}`, NOTIFY_SOCKET: '/run/none', ...more };
  const lines = (): readonly string[] => (existsSync(told) ? readFileSync(told, 'utf8').trim().split('\n') : []);
  return { environment, lines };
};
const pid = `--pid=${process.pid}`;

test('systemd is told that it is ready, that it lives for as long as it does, and that it stops', async (t) => {
  const { environment, lines } = listening(t, { WATCHDOG_USEC: '60000000', WATCHDOG_PID: String(process.pid) });
  const clock = new FakeClock();
  const manager = createServiceManager({ environment, clock, log: silentLog });
  await manager.ready(() => '3 keys\nin  memory');
  t.deepEqual(lines(), [`${pid} READY=1 STATUS=3 keys in memory`]);
  await clock.pass(19_999);
  await clock.pass(1);
  while (lines().length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  t.is(lines()[1], `${pid} WATCHDOG=1 STATUS=3 keys in memory`);
  await manager.close();
  t.is(lines()[2], `${pid} STOPPING=1 STATUS=stopping`);
  await clock.pass(600_000);
  t.is(lines().length, 3);
});

const watched: readonly (readonly [what: string, environment: NodeJS.ProcessEnv])[] = [
  ['no watchdog', {}],
  ['the watchdog of another process', { WATCHDOG_USEC: '60000000', WATCHDOG_PID: '1' }],
];
for (const [what, more] of watched) {
  test(`with ${what} there is no sign of life`, async (t) => {
    const { environment, lines } = listening(t, more);
    const clock = new FakeClock();
    const manager = createServiceManager({ environment, clock, log: silentLog });
    await manager.ready(() => 'well');
    await clock.pass(3_600_000);
    await manager.close();
    t.deepEqual(lines(), [`${pid} READY=1 STATUS=well`, `${pid} STOPPING=1 STATUS=stopping`]);
  });
}

test('without a service manager nothing is sent, and with a broken one nothing fails', async (t) => {
  const { environment, lines } = listening(t, { NOTIFY_SOCKET: undefined });
  const options = { clock: new FakeClock(), log: silentLog };
  const alone = createServiceManager({ ...options, environment });
  await alone.ready(() => 'well');
  await alone.close();
  t.deepEqual(lines(), []);
  const broken = { ...options, environment: { NOTIFY_SOCKET: '/run/none', PATH: '/nowhere' } };
  await t.notThrowsAsync(createServiceManager(broken).ready(() => 'well'));
});

test('while the settings are read anew systemd knows, also where that fails', async (t) => {
  const { environment, lines } = listening(t);
  const manager = createServiceManager({ environment, clock: new FakeClock(), log: silentLog });
  await manager.ready(() => 'well');
  await t.throwsAsync(
    manager.reload(() => Promise.reject(new Error('not read'))),
    { message: 'not read' },
  );
  const told = lines().map((line) => line.replace(/\d+$/, 'N'));
  t.deepEqual(told.slice(1), [`${pid} RELOADING=1 MONOTONIC_USEC=N`, `${pid} READY=1 STATUS=well`]);
});

test('a start that was locked is ready a second time with another status, and gives one sign of life a time', async (t) => {
  const { environment, lines } = listening(t, { WATCHDOG_USEC: '3000000' });
  const clock = new FakeClock();
  const manager = createServiceManager({ environment, clock, log: silentLog });
  await manager.ready(() => 'locked');
  await manager.ready(() => 'open');
  await clock.pass(1000);
  while (lines().length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  t.deepEqual(lines(), [`${pid} READY=1 STATUS=locked`, `${pid} READY=1 STATUS=open`, `${pid} WATCHDOG=1 STATUS=open`]);
});
