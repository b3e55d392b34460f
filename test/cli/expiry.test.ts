// Certificates that end: they are shown in time, and a pinned client is served nevertheless.

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { ClientView } from '../../src/admin/api/clients.ts';
import type { StatusView } from '../../src/admin/api/status.ts';
import { createKey, getKey } from '../custody/requests.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { readClientFiles, startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { runHere } from './here.ts';

const day = 86_400_000;

test('a client certificate that ends is marked in list and status, and served to its end and after', async (t) => {
  // The past of this machine, so that what is issued for ten days has really ended now.
  const clock = new FakeClock(Date.now() - 40 * day);
  const server = await startServer(t, { clock });
  const out = join(temporaryDirectory(t), 'out');
  mkdirSync(out);
  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runHere([...args, '--data', server.dataDirectory]);
    t.is(code, 0, stderr);
    return stdout;
  };
  const issue = (name: string, days: number) =>
    run('client', 'issue', '--instance', 'default', '--name', name, '--days', String(days), '--out', join(out, name));
  const marks = async () => {
    const clients = JSON.parse(await run('client', 'list', '--json')) as readonly ClientView[];
    return Object.fromEntries(clients.map(({ name, validity }) => [name, validity]));
  };
  const warned = async () => {
    const { endings } = JSON.parse(await run('status', '--json')) as StatusView;
    return endings.map(({ name }) => name).sort();
  };

  t.regex(await issue('short', 10), /valid until: .* ENDS IN \d DAYS/);
  await issue('long', 90);
  t.deepEqual(await marks(), { default: 'valid', long: 'valid', short: 'ending' });
  t.deepEqual(await warned(), ['short']);

  clock.setWall(Date.now());
  t.deepEqual(await marks(), { default: 'valid', long: 'ending', short: 'ended' });
  t.deepEqual(await warned(), ['long', 'short']);
  const list = await run('client', 'list');
  t.regex(list, /short +\S+ +\S+ HAS ENDED/);
  t.regex(list, /long +\S+ +\S+ ENDS IN 49 DAYS/);
  t.regex(await run('status'), /'short' of 'default', valid until .* HAS ENDED/);

  t.true(existsSync(join(out, 'short', 'client.pem')));
  const client = await server.connect(readClientFiles(join(out, 'short')));
  t.is((await getKey(client, await createKey(client))).length, 32);
});

test('the help of client issue says what the end of a certificate means', async (t) => {
  const { stdout } = await runHere(['client', 'issue', '--help']);
  t.regex(stdout.replaceAll(/\s+/g, ' '), /served even after that has ended/);
});
