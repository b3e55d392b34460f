// `kmip-edge instance migrate` as its user sees it: a trial, the move with its progress, the report, the end.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { MigrationView } from '../../src/admin/api/migrations.ts';
import { createKey, getKey } from '../custody/requests.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { startKeyProtect } from '../moving/kit.ts';
import { runHere } from './here.ts';

const setUp = async (t: ExecutionContext) => {
  const [server, cloud] = [await startServer(t), await startKeyProtect(t)];
  const folder = temporaryDirectory(t);
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const { url, iamUrl, instanceId, crk, apiKey, caPem } = cloud;
  const destination = [
    ...['--to', 'key-protect', '--url', url, '--iam-url', iamUrl, '--instance-id', instanceId, '--crk', crk],
    ...['--api-key-file', file('key', apiKey), '--ca-file', file('ca.pem', caPem)],
  ];
  const migrate = (...args: readonly string[]) =>
    runHere(['instance', 'migrate', 'default', ...args], { KMIP_EDGE_DATA: server.dataDirectory });
  return { server, cloud, destination, migrate };
};

test('a trial, the move, the report and the end, each with what to do next', async (t) => {
  const { server, destination, migrate } = await setUp(t);
  const client = await server.connect();
  const uids = [await createKey(client), await createKey(client), await createKey(client)];
  const before = await getKey(client, uids[0] ?? '');
  const trial = await migrate(...destination, '--dry-run');
  t.is(trial.code, 0, trial.stderr);
  t.regex(trial.stdout, /state: +dry run done: nothing was changed\n(.*\n)*would move: +3\n/);
  const moved = await migrate(...destination);
  t.is(moved.code, 0, moved.stderr);
  t.regex(moved.stdout, /from: +local\nto: +key-protect\nstate: +done: look at --report, then end it with --finish\n/);
  t.regex(moved.stdout, /moved: +3\nnot moved: +0\nold forms kept: +3\n/);
  const report = await migrate('--report');
  for (const uid of uids) t.regex(report.stdout, new RegExp(`${uid} +yes`));
  const state = JSON.parse((await migrate('--state', '--json')).stdout) as MigrationView;
  t.like(state, { state: 'done', total: 3, moved: 3, formerForms: 3 });
  t.regex((await migrate('--finish')).stdout, /finished; the old wrapped forms are erased/);
  t.deepEqual(await getKey(client, uids[0] ?? ''), before);
  const none = await migrate('--state');
  t.is(none.code, 4);
  t.regex(none.stderr, /no keys of 'default' are moving\nhint: begin with /);
  t.is((await migrate('--rewrap')).code, 0);
});

test('wrong use is refused with what to do, and begins nothing', async (t) => {
  const { destination, migrate, cloud } = await setUp(t);
  for (const args of [[], ['--to', 'local', '--rewrap'], ['--resume', '--stop'], ['--dry-run']]) {
    const wrong = await migrate(...args);
    t.is(wrong.code, 2, args.join(' '));
    t.regex(wrong.stderr, /one of --to, --rewrap, --state, --report, --stop, --resume, --finish is needed/);
  }
  const kmip = await migrate('--to', 'kmip');
  t.is(kmip.code, 2);
  t.regex(kmip.stderr, /takes no keys in.*\nhint: for another address of the same endpoint/);
  t.is((await migrate('--to', 'key-protect')).code, 2);
  cloud.disable(cloud.crk);
  t.not((await migrate(...destination)).code, 0);
  t.is((await migrate('--state')).code, 4);
});
