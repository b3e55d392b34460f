// Moves many keys from a KMIP endpoint to Key Protect while the server is killed again and again, and checks that each
// identifier still gives the same bytes: first from the copies, then from the new root key alone, with the old endpoint
// gone. Usage: node scripts/move-storm.ts [--keys 10000] [--kills 8]

import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Sqlite from 'better-sqlite3';
import { call } from '../src/admin/api/client.ts';
import { connectKmip } from '../src/cli/kmip-client.ts';
import { messageOf } from '../src/errors.ts';
import { settingsFor as keyProtectSettings } from '../test/custody/kit.ts';
import { getKey } from '../test/custody/requests.ts';
import { type Daemon, startDaemon } from '../test/kit/daemon.ts';
import { makeTlsMaterial } from '../test/peers/key-protect/certificates.ts';
import { startKeyProtectSimulator } from '../test/peers/key-protect/simulator.ts';
import { startRegionalSimulator } from '../test/peers/regional-kmip/simulator.ts';
import { settingsFor as endpointSettings } from '../test/regional/kit.ts';

const name = 'region';
const directory = mkdtempSync(join(tmpdir(), 'kmip-edge-move-'));
const children = new Set<ChildProcess>();
const connections = 8;

const options = () => {
  const { values } = parseArgs({ options: { keys: { type: 'string' }, kills: { type: 'string' } } });
  const [keys = 0, kills = 0] = [values.keys ?? 10_000, values.kills ?? 8].map(Number);
  if (!Number.isInteger(keys) || keys < 1 || !Number.isInteger(kills) || kills < 0) {
    throw new Error('--keys and --kills take whole numbers');
  }
  return { keys, kills };
};

const start = async (): Promise<Daemon> => {
  const daemon = await startDaemon({ teardown: () => {} }, directory, ['--log-level', 'error']);
  children.add(daemon.process);
  daemon.process.once('exit', () => children.delete(daemon.process));
  return daemon;
};

/** Reads every key over several connections; gives what is not as it was. */
const compare = async (daemon: Daemon, keys: ReadonlyMap<string, Buffer>): Promise<readonly string[]> => {
  const { certificatePem, privateKeyPem, authorityPem } = await call(directory, 'client.issue', {
    instance: name,
    name: `reader-${randomInt(2 ** 40)}`,
  });
  const files = { certificate: certificatePem, privateKey: privateKeyPem, authority: authorityPem };
  const left = keys[Symbol.iterator]();
  const wrong: string[] = [];
  const read = async (): Promise<void> => {
    const client = await connectKmip({ host: '127.0.0.1', port: daemon.port, ...files });
    for (const [uid, bytes] of left) {
      const found = await getKey(client, uid).catch((error: unknown) => messageOf(error));
      if (typeof found === 'string' || !found.equals(bytes)) wrong.push(`${uid}: ${String(found)}`);
    }
    client.close();
  };
  await Promise.all(Array.from({ length: connections }, read));
  return wrong;
};

const progress = async (): Promise<string> => {
  const { state, moved, total, notMoved } = await call(directory, 'instance.migrate.state', { name });
  return `${state}: ${moved} of ${total} keys, ${notMoved} not moved`;
};

/** Waits until this share of the keys has moved, or the move has ended. */
const movedSome = async (share: number): Promise<void> => {
  for (;;) {
    const { state, moved, total } = await call(directory, 'instance.migrate.state', { name });
    if (state !== 'running' || moved >= total * share) return;
    await setTimeout(20);
  }
};

/** Kills the server `kills` times while keys move, and lets them move to the end. */
const stormyMove = async (first: Daemon, kills: number): Promise<Daemon> => {
  let daemon = first;
  for (let kill = 0; kill < kills; kill += 1) {
    // The first while the keys at the endpoint are still being looked up, the others while they move.
    await movedSome(kill / (kills + 1));
    await setTimeout(randomInt(0, 300));
    await daemon.end('SIGKILL');
    daemon = await start();
    console.log(`killed; ${await progress()}`);
  }
  while ((await call(directory, 'instance.migrate.state', { name })).state === 'running') await setTimeout(500);
  console.log(await progress());
  return daemon;
};

const run = async (): Promise<number> => {
  const { keys: count, kills } = options();
  const [endpoint, cloud] = [
    await startRegionalSimulator(),
    await startKeyProtectSimulator({ tls: makeTlsMaterial() }),
  ];
  const keys = new Map<string, Buffer>();
  for (let n = 0; n < count; n += 1) {
    const { uid, material } = endpoint.makeKey();
    if (material) keys.set(uid, Buffer.from(material));
  }
  let daemon = await start();
  await call(directory, 'instance.create', { name, upstream: 'kmip', settings: endpointSettings(endpoint) });
  await call(directory, 'instance.migrate', { name, to: 'key-protect', settings: keyProtectSettings(cloud) });
  const began = performance.now();
  daemon = await stormyMove(daemon, kills);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  await endpoint.close();
  const problems = [...(await compare(daemon, keys))];
  const { keys: report } = await call(directory, 'instance.migrate.report', { name });
  problems.push(...report.filter(({ moved }) => !moved).map(({ uid, problem }) => `${uid} is not moved: ${problem}`));
  if (report.length !== count) problems.push(`${report.length} keys in the report, ${count} were there`);
  await call(directory, 'instance.migrate.finish', { name });
  await daemon.end('SIGTERM');
  const database = new Sqlite(join(directory, 'kmip-edge.sqlite'));
  database.exec("UPDATE material SET sealed = x''");
  database.close();
  daemon = await start();
  problems.push(...(await compare(daemon, keys)));
  await daemon.end('SIGTERM');
  await cloud.close();
  console.log(`${count} keys moved in ${seconds} s with ${kills} kills; ${problems.length} are not as they were`);
  for (const problem of problems.slice(0, 20)) console.log(`WRONG: ${problem}`);
  return problems.length === 0 ? 0 : 1;
};

const end = (code: number): never => {
  for (const child of children) child.kill('SIGKILL');
  if (code === 0) rmSync(directory, { recursive: true, force: true });
  process.exit(code);
};

process.once('SIGINT', () => end(130));
try {
  end(await run());
} catch (error) {
  console.error(`move-storm failed: ${messageOf(error)}; the data: ${directory}`);
  end(1);
}
