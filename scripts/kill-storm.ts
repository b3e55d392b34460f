// Kills the server with SIGKILL at random moments, under a storm of changes and during its first start, and checks after
// each restart that everything acknowledged is there. Two servers at a time, each on a data directory of its own.
// Usage: node scripts/kill-storm.ts [--kills 200] [--first-starts 20] [--lanes 2]

import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Sqlite from 'better-sqlite3';
import { messageOf } from '../src/errors.ts';
import { newLedger, readBack, stormAndKill } from '../test/custody/storm.ts';
import { startDaemon } from '../test/kit/daemon.ts';

const connections = 4;
const longestStorm = 250;
const root = mkdtempSync(join(tmpdir(), 'kmip-edge-kill-'));
const quiet = ['--log-level', 'error'];
const children = new Set<ChildProcess>();
const teardown = { teardown: () => {} };

const counts = { kills: 0, firstStarts: 0, acts: 0, keys: 0, readings: 0 };
const losses: string[] = [];

const options = () => {
  const { values } = parseArgs({
    options: { kills: { type: 'string' }, 'first-starts': { type: 'string' }, lanes: { type: 'string' } },
  });
  const [kills, firstStarts, lanes] = [values.kills ?? 200, values['first-starts'] ?? 20, values.lanes ?? 2].map(
    Number,
  );
  if (![kills, firstStarts, lanes].every((value) => Number.isInteger(value) && (value ?? -1) >= 0)) {
    throw new Error('--kills, --first-starts and --lanes take whole numbers');
  }
  return { kills: kills ?? 0, firstStarts: firstStarts ?? 0, lanes: lanes || 1 };
};

const start = async (directory: string) => {
  const daemon = await startDaemon(teardown, directory, quiet);
  children.add(daemon.process);
  daemon.process.once('exit', () => children.delete(daemon.process));
  return daemon;
};

const progress = (): void => {
  if (!process.stdout.isTTY && (counts.kills + counts.firstStarts) % 20 !== 0) return;
  const { kills, firstStarts, acts, keys } = counts;
  const line = `${kills} kills, ${firstStarts} of a first start, ${acts} acts on ${keys} keys, ${losses.length} losses`;
  process.stdout.write(process.stdout.isTTY ? `\r${line} ` : `${line}\n`);
};

/** Storms one server again and again; every key is read back after the kill that followed its last change, and at the end. */
const stormLane = async (lane: number, kills: number): Promise<void> => {
  const directory = join(root, `storm-${lane}`);
  const ledger = newLedger();
  let daemon = await start(directory);
  for (let kill = 0; kill < kills; kill += 1) {
    const before = { acts: ledger.acts, keys: ledger.entries.size };
    await stormAndKill(daemon, ledger, connections, randomInt(10, longestStorm));
    daemon = await start(directory);
    counts.readings += await readBack(daemon, ledger, kill === kills - 1);
    counts.kills += 1;
    counts.acts += ledger.acts - before.acts;
    counts.keys += ledger.entries.size - before.keys;
    losses.push(...ledger.losses.splice(0));
    progress();
  }
  await daemon.end('SIGKILL');
  checkIntegrity(directory);
};

const checkIntegrity = (directory: string): void => {
  const database = new Sqlite(join(directory, 'kmip-edge.sqlite'));
  const answer = database.pragma('integrity_check', { simple: true });
  const orphans = database.pragma('foreign_key_check') as readonly unknown[];
  if (answer !== 'ok' || orphans.length > 0) losses.push(`${directory}: integrity_check says ${String(answer)}`);
  database.close();
};

/** Kills a server that is starting on an empty directory, up to three times in a row; the next start has to work. */
const firstStartLane = async (lane: number, kills: number): Promise<void> => {
  for (let kill = 0; kill < kills; ) {
    const directory = join(root, `first-${lane}-${kill}`);
    for (let times = randomInt(1, 4); times > 0 && kill < kills; times -= 1, kill += 1) {
      await killWhileStarting(directory);
      counts.firstStarts += 1;
    }
    await firstUse(directory);
    progress();
  }
};

const killWhileStarting = async (directory: string): Promise<void> => {
  const main = join(import.meta.dirname, '../src/cli/kmip-edge.js');
  const child = spawn(
    process.execPath,
    [main, 'serve', '--data', directory, '--listen', '127.0.0.1:0', '--admin-listen', 'off', ...quiet],
    {
      stdio: 'ignore',
    },
  );
  children.add(child);
  const ended = once(child, 'exit');
  // Nothing is written in the first moments, while modules are loaded.
  await Promise.race([setTimeout(randomInt(250, 1100)), ended]);
  child.kill('SIGKILL');
  await ended;
  children.delete(child);
};

const firstUse = async (directory: string): Promise<void> => {
  try {
    const ledger = newLedger();
    await stormAndKill(await start(directory), ledger, 1, 50);
    const daemon = await start(directory);
    await readBack(daemon, ledger, true);
    await daemon.end('SIGKILL');
    losses.push(...ledger.losses);
  } catch (error) {
    losses.push(`a killed first start was not mended by the next: ${messageOf(error)}`);
  }
};

const share = (total: number, lanes: number, lane: number): number => Math.floor((total + lane) / lanes);

const run = async (): Promise<number> => {
  const { kills, firstStarts, lanes } = options();
  const began = performance.now();
  const all = Array.from({ length: lanes }, (_, lane) => lane);
  await Promise.all(all.map((lane) => stormLane(lane, share(kills, lanes, lane))));
  const storming = (performance.now() - began) / 1000;
  await Promise.all(all.map((lane) => firstStartLane(lane, share(firstStarts, lanes, lane))));
  console.log(
    `\n${counts.kills} kills in ${storming.toFixed(1)} s (${(storming / Math.max(1, counts.kills)).toFixed(2)} s each), ` +
      `${counts.firstStarts} of a first start; ${counts.acts} acts on ${counts.keys} keys, ${counts.readings} readings back`,
  );
  for (const loss of losses.slice(0, 50)) console.log(`LOST: ${loss}`);
  console.log(
    losses.length === 0 ? 'nothing that was acknowledged is lost' : `${losses.length} losses; the data: ${root}`,
  );
  return losses.length === 0 ? 0 : 1;
};

const end = (code: number): never => {
  for (const child of children) child.kill('SIGKILL');
  if (code === 0) rmSync(root, { recursive: true, force: true });
  process.exit(code);
};

process.once('SIGINT', () => end(130));
try {
  end(await run());
} catch (error) {
  console.error(`kill-storm failed: ${messageOf(error)}; the data: ${root}`);
  end(1);
}
