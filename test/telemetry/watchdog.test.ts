// A service manager's watchdog, in the small: it starts the service anew when the signs of life stop, as systemd does.

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { temporaryDirectory } from '../kit/temporary.ts';

const limit = 1500;

/** Starts the program whenever it has ended, and ends it when it gives no sign of life in time. */
const supervise = (t: ExecutionContext) => {
  const folder = temporaryDirectory(t);
  const told = join(folder, 'told');
  writeFileSync(join(folder, 'systemd-notify'), `#!/bin/sh\necho "$@" >>${told}\n`);
  chmodSync(join(folder, 'systemd-notify'), 0o755);
  const env = {
    ...process.env,
    PATH: `${folder}:${process.env['PATH']}`,
    NOTIFY_SOCKET: '/run/none',
    WATCHDOG_USEC: String(limit * 1000),
  };
  const linesOf = ({ pid }: ChildProcess): readonly string[] =>
    existsSync(told)
      ? readFileSync(told, 'utf8')
          .split('\n')
          .filter((line) => line.startsWith(`--pid=${pid} `))
      : [];
  const children: ChildProcess[] = [];
  let kills = 0;
  const start = (): ChildProcess => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'hanging.ts')], { env, stdio: 'ignore' });
    children.push(child);
    let seen = 0;
    let quietSince = Number.POSITIVE_INFINITY;
    const look = setInterval(() => {
      const { length } = linesOf(child);
      if (length > seen) quietSince = performance.now();
      seen = length;
      if (performance.now() - quietSince < limit) return;
      kills += 1;
      clearInterval(look);
      child.kill('SIGKILL');
      child.once('exit', start);
    }, 50);
    t.teardown(() => {
      clearInterval(look);
      child.removeAllListeners('exit');
      child.kill('SIGKILL');
    });
    return child;
  };
  start();
  return { children, linesOf, kills: () => kills };
};

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
};

test('an event loop that hangs gives no sign of life, and the service is started anew', async (t) => {
  const { children, linesOf, kills } = supervise(t);
  const [first] = children;
  if (!first) throw new Error('nothing was started');
  // The signs of life are what keeps it alive, not that it was ready.
  await until(() => linesOf(first).filter((line) => line.includes('WATCHDOG=1')).length >= 4);
  t.is(kills(), 0);
  first.kill('SIGUSR2');
  await until(() => children.length === 2);
  t.is(kills(), 1);
  const second = children[1];
  await until(() => second !== undefined && linesOf(second).some((line) => line.includes('READY=1')));
  t.pass();
});
