// The server as a process: killed at any moment, and on a disk with no room left.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { call } from '../../src/admin/api/client.ts';
import { connectKmip } from '../../src/cli/kmip-client.ts';
import { startDaemon } from '../kit/daemon.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { createKey } from '../operations/exchange.ts';
import type { Report } from './full-disk-trail.ts';

test('after kill -9 every change that was answered is in the trail, and the trail verifies', async (t) => {
  const data = join(temporaryDirectory(t), 'data');
  const made: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const daemon = await startDaemon(t, data);
    const { client: files, port } = daemon;
    const clients = await Promise.all(
      Array.from({ length: 4 }, () => connectKmip({ host: '127.0.0.1', port, ...files })),
    );
    const work = clients.map(async (client) => {
      for (;;) {
        const uid = await createKey(client);
        made.push(uid);
        await client.request('Get', { UniqueIdentifier: uid });
      }
    });
    const ended = Promise.allSettled(work);
    await new Promise((resolve) => setTimeout(resolve, 300 + round * 150));
    await daemon.end('SIGKILL');
    await ended;
  }
  const daemon = await startDaemon(t, data);
  const created = new Set<string>();
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page: Awaited<ReturnType<typeof creates>> = await creates(data, after);
    for (const { key } of page.records) created.add(key ?? '');
    after = page.next;
  }
  t.true(made.length > 10);
  t.deepEqual(
    made.filter((uid) => !created.has(uid)),
    [],
  );
  let view = await call(data, 'audit.verify', {});
  while (view.running) view = (await call(data, 'audit.status', {})).verification ?? view;
  t.deepEqual(view.report?.findings, []);
  t.is(await daemon.end('SIGTERM'), 0);
});

const creates = (data: string, after: number) => call(data, 'audit.list', { event: 'Create', after, limit: 1000 });

test('on a full disk a change whose record cannot be stored is not made, reads go on, and an alarm says so', async (t) => {
  const path = join(temporaryDirectory(t), 'store.sqlite');
  const writer = join(import.meta.dirname, 'full-disk-trail.ts');
  const { stdout } = await promisify(execFile)('bash', [
    '-c',
    `ulimit -f 500 && exec "$0" "$1" "$2"`,
    process.execPath,
    writer,
    path,
  ]);
  const report = JSON.parse(stdout) as Report;
  t.true(report.acknowledged.length > 0);
  t.true(report.refused.length > 0);
  t.deepEqual(
    report.recorded.filter((uid) => report.refused.includes(uid)),
    [],
    'what was refused has no record of success',
  );
  t.deepEqual(
    report.acknowledged.filter((uid) => !report.recorded.includes(uid)),
    [],
    'what was acknowledged has one',
  );
  t.true(report.readsGoOn);
  t.regex(report.alarms.join(), /no audit record could be stored since/);
  t.true(readFileSync(path).length > 0);
});
