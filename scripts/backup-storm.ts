// Backups and restores under stress: how long a Get takes while a large database is backed up, and SIGKILL at random
// moments of backups and restores. After each kill there is everything or nothing, and the next try succeeds.
// Usage: node scripts/backup-storm.ts [--keys 100000] [--kills 20]

import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { call } from '../src/admin/api/client.ts';
import { Exchange } from '../test/bench/exchange.ts';
import { fill } from '../test/bench/fill.ts';
import { checkAnswer, getRequest } from '../test/bench/messages.ts';
import { command, type Daemon, runCli, startDaemon } from '../test/kit/daemon.ts';
import { type ClientFiles, readClientFiles } from '../test/kit/server.ts';

const { values } = parseArgs({ options: { keys: { type: 'string' }, kills: { type: 'string' } } });
const [keys, kills] = [Number(values.keys ?? 100_000), Number(values.kills ?? 20)];
const root = mkdtempSync(join(tmpdir(), 'kmip-edge-backup-'));
const at = (name: string): string => join(root, name);
const quiet = ['--log-level', 'error'];
const connections = 4;
/** For how long Gets are measured without a backup, milliseconds. */
const restTime = 5000;

const ends: (() => void)[] = [];
const teardown = { teardown: (end: () => void) => void ends.push(end) };

const percentile = (sorted: readonly number[], part: number): number => sorted[Math.floor(sorted.length * part)] ?? 0;

/** Milliseconds of each Get until `until` says that it is enough. */
const measure = async (client: ClientFiles, port: number, uids: readonly string[], until: () => boolean) => {
  const times: number[] = [];
  const lane = async (): Promise<void> => {
    const exchange = await Exchange.open(port, client);
    while (!until()) {
      const request = getRequest(uids[randomInt(uids.length)] ?? '');
      const start = performance.now();
      checkAnswer(await exchange.send(request), 1);
      times.push(performance.now() - start);
    }
    exchange.close();
  };
  await Promise.all(Array.from({ length: connections }, lane));
  const sorted = times.toSorted((one, other) => one - other);
  const [p50, p99, worst] = [percentile(sorted, 0.5), percentile(sorted, 0.99), sorted.at(-1) ?? 0];
  return `${sorted.length} Gets, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, longest ${worst.toFixed(1)} ms`;
};

const rssOf = ({ process }: Daemon): string => {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${process.pid}/status`, 'utf8')) ?? [];
  return `${Math.round(Number(kib) / 1024)} MiB`;
};

const startOn = async (directory: string): Promise<Daemon> => startDaemon(teardown, directory, quiet);

const backUp = async (directory: string, path: string, recipient: string): Promise<void> => {
  await call(directory, 'backup.make', { path, recipients: [recipient] });
  for (;;) {
    const { job } = await call(directory, 'backup.job', {});
    if (job?.problem) throw new Error(job.problem.message);
    if (job && !job.running) return;
    await setTimeout(50);
  }
};

/** Ends a child at a random moment before `longest` milliseconds; gives whether it was still there. */
const killAfter = async (child: ChildProcess, longest: number): Promise<boolean> => {
  const ended = once(child, 'exit');
  await Promise.race([setTimeout(randomInt(longest)), ended]);
  const alive = child.exitCode === null;
  if (alive) child.kill('SIGKILL');
  await ended;
  return alive;
};

const requireCode = (what: string, { code, stderr }: { readonly code: number; readonly stderr: string }): void => {
  if (code !== 0) throw new Error(`${what} ended with ${code}: ${stderr}`);
};

const restoring = (file: string, key: string, directory: string): readonly string[] => [
  ...['restore', file, '--identity-file', key, '--data', directory],
];

/** What is in a directory after a kill: nothing that counts, or all of it. */
const lookInto = async (directory: string, client: ClientFiles, uid: string): Promise<boolean> => {
  if (!existsSync(join(directory, 'kmip-edge.sqlite'))) return false;
  // A restored directory has no client files, which the kit reads.
  mkdirSync(join(directory, 'clients/default'), { recursive: true });
  const files = { 'client.pem': client.certificate, 'client.key': client.privateKey, 'ca.pem': client.authority };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, 'clients/default', name), text);
  const daemon = await startOn(directory);
  const exchange = await Exchange.open(daemon.port, client);
  checkAnswer(await exchange.send(getRequest(uid)), 1);
  exchange.close();
  const left = readdirSync(directory).filter((name) => /\.restore-|\.part$|snapshot/.test(name));
  if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
  await daemon.end('SIGTERM');
  return true;
};

const main = async (): Promise<void> => {
  const data = at('data');
  await (await startOn(data)).end('SIGTERM');
  process.stdout.write(`filling a database with ${keys} keys …\n`);
  const uids = readFileSync(await fill(data, keys), 'utf8')
    .trim()
    .split('\n');
  const [first = ''] = uids;
  const client = readClientFiles(join(data, 'clients/default'));
  const { stdout } = await runCli(['backup', 'keygen', at('private.key')]);
  const recipient = stdout.trim();

  let daemon = await startOn(data);
  const size = Math.round(statSync(join(data, 'kmip-edge.sqlite')).size / 2 ** 20);
  const start = performance.now();
  process.stdout.write(
    `at rest (${rssOf(daemon)}): ${await measure(client, daemon.port, uids, () => performance.now() - start > restTime)}\n`,
  );
  const before = rssOf(daemon);
  let over = false;
  const begun = performance.now();
  const making = backUp(data, at('edge.age'), recipient).finally(() => {
    over = true;
  });
  const during = await measure(client, daemon.port, uids, () => over);
  await making;
  const took = ((performance.now() - begun) / 1000).toFixed(1);
  process.stdout.write(`while ${size} MiB are backed up in ${took} s: ${during}\n`);
  await setTimeout(2000);
  process.stdout.write(`memory ${before} before, ${rssOf(daemon)} afterwards\n`);

  const counts = { backups: 0, whole: 0, restores: 0, complete: 0 };
  for (let kill = 0; kill < kills; kill += 1) {
    const path = at(`killed-${kill}.age`);
    const made = call(data, 'backup.make', { path, recipients: [recipient] }).catch(() => undefined);
    await Promise.race([made, setTimeout(100)]);
    await setTimeout(randomInt(Number(took) * 1000 + 200));
    await daemon.end('SIGKILL');
    counts.backups += 1;
    if (existsSync(path)) {
      requireCode(
        'the check of a backup',
        await runCli([...restoring(path, at('private.key'), at('nowhere')), '--check']),
      );
      counts.whole += 1;
    }
    daemon = await startOn(data);
    await setTimeout(500);
    const left = readdirSync(data).filter((name) => /snapshot/.test(name));
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
    rmSync(`${path}.part`, { force: true });
  }
  await daemon.end('SIGTERM');

  for (let kill = 0; kill < kills; kill += 1) {
    const directory = at(`restored-${kill}`);
    const args = [...command, ...restoring(at('edge.age'), at('private.key'), directory)];
    await killAfter(spawn(process.execPath, args, { stdio: 'ignore' }), Number(took) * 2000 + 2000);
    counts.restores += 1;
    if (await lookInto(directory, client, first)) counts.complete += 1;
    else requireCode('the restore after a kill', await runCli(restoring(at('edge.age'), at('private.key'), directory)));
    rmSync(directory, { recursive: true });
  }
  process.stdout.write(
    `${counts.backups} kills of backups (${counts.whole} were whole by then), ${counts.restores} of restores (${counts.complete} complete): everything or nothing each time\n`,
  );
};

try {
  await main();
} finally {
  for (const end of ends) end();
  rmSync(root, { recursive: true, force: true });
}
