// The simulator as a process: what it prints is enough to use it, and it obeys lines.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { systemClock } from '../../src/clock.ts';
import { silentLog } from '../../src/log.ts';
import { Secret } from '../../src/secret.ts';
import { createKeyProtectRootKey } from '../../src/upstream/key-protect/root-key.ts';
import { refusalOf } from '../kit/refusal.ts';

const program = fileURLToPath(new URL('../peers/key-protect/main.ts', import.meta.url));

test('the simulator runs as a process that is told what to do', async (t) => {
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.kill());
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  const tell = async (line: string): Promise<string> => {
    child.stdin.write(`${line}\n`);
    return next();
  };
  const { url, iamUrl, caFile, instanceId, apiKey, crk } = JSON.parse(await next());
  const caBundle = readFileSync(caFile, 'utf8');
  const parts = { apiKey: new Secret(apiKey), clock: systemClock, log: silentLog, timings: { retries: 0 } };
  const rootKey = createKeyProtectRootKey({ url, iamUrl, instanceId, crk, caBundle, ...parts });
  t.teardown(() => rootKey.close());
  t.is((await rootKey.status()).state, 'active');
  t.is(await tell('disable'), 'ok');
  t.is((await rootKey.status()).state, 'suspended');
  t.is(await tell('enable'), 'ok');
  t.is(await tell('rotate'), 'ok');
  t.is(await tell('cut'), 'ok');
  await refusalOf(t, rootKey.status(), 'upstream-unreachable');
  t.is(await tell('restore'), 'ok');
  t.is((await rootKey.status()).state, 'active');
  t.is(await tell('delete'), 'ok');
  t.is((await rootKey.status()).state, 'destroyed');
  t.regex(await tell('dance'), /^error: commands are cut, /);
  child.stdin.write('quit\n');
  t.is(await ended, 0);
  t.false(existsSync(caFile));
});
