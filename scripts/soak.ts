// Lives through bad days in short: a server in front of a KMIP endpoint, clients that make, change, read and destroy keys,
// and meanwhile a link that breaks in every way, others who change keys at the endpoint, and kill -9. A model of what
// clients were told checks every answer; at the end everything is compared, and read once more with the endpoint gone.
// Usage: node scripts/soak.ts [--minutes 10] [--seed N]

import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Sqlite from 'better-sqlite3';
import { call } from '../src/admin/api/client.ts';
import { connectKmip, type KmipClient } from '../src/cli/kmip-client.ts';
import { messageOf } from '../src/errors.ts';
import { describeKey, getKey } from '../test/custody/requests.ts';
import { type Daemon, startDaemon } from '../test/kit/daemon.ts';
import type { ClientFiles } from '../test/kit/server.ts';
import { randomFrom } from '../test/kmip/mutate.ts';
import { startRegionalSimulator } from '../test/peers/regional-kmip/simulator.ts';
import { settingsFor } from '../test/regional/kit.ts';
import { ownOn } from '../test/regional/soak/owners.ts';
import { readOn, tryOn } from '../test/regional/soak/readers.ts';
import { breakLink, changeElsewhere, endServer } from '../test/regional/soak/trouble.ts';
import { isDestroyed, now, truthOf, type World } from '../test/regional/soak/world.ts';

const name = 'region';
const directory = mkdtempSync(join(tmpdir(), 'kmip-edge-soak-'));
const data = join(directory, 'data');
const configFile = join(directory, 'config.yaml');
const children = new Set<ChildProcess>();
const crew = { owners: 5, readers: 3, strangers: 1 };

/** What takes minutes at a user's takes seconds here. */
const config = `
upstream: { pollInterval: 5 s, attemptTimeout: 500 ms, totalTimeout: 1500 ms }
regional: { freshness: 2 s, checkTimeout: 300 ms, syncInterval: 5 s }
log: { level: warn }
`;

const options = () => {
  const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } });
  const [minutes, seed] = [values.minutes ?? 10, values.seed ?? Date.now() % 0x1_0000_0000].map(Number);
  if (!(minutes !== undefined && minutes > 0) || !Number.isInteger(seed)) {
    throw new Error('--minutes and --seed take numbers');
  }
  return { minutes, seed: seed ?? 0 };
};

/** The server, ended and started again; who wants to reach it waits until it is there. */
class Server {
  #running: Promise<Daemon> | undefined;
  readonly output: string[] = [];

  async start(): Promise<Daemon> {
    this.#running = startDaemon({ teardown: () => {} }, data, ['--config', configFile]);
    const daemon = await this.#running;
    children.add(daemon.process);
    daemon.process.once('exit', () => children.delete(daemon.process));
    return daemon;
  }

  async again(signal: NodeJS.Signals): Promise<void> {
    const ended = this.end(signal);
    // Who comes now waits for the next one.
    this.#running = ended.then(() => this.start());
    await this.#running;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const daemon = await this.#running;
    const ended = await daemon?.end(signal);
    this.output.push(daemon?.output() ?? '');
    if (signal === 'SIGTERM' && ended !== 0)
      throw new Error(`the server ended with ${ended} when it was asked to stop`);
  }

  async reach(files: ClientFiles): Promise<KmipClient> {
    for (;;) {
      const daemon = await this.#running;
      try {
        return await connectKmip({ host: '127.0.0.1', port: daemon?.port ?? 0, ...files });
      } catch {
        await setTimeout(100);
      }
    }
  }
}

const issue = async (instance: string): Promise<ClientFiles> => {
  const issued = await call(data, 'client.issue', { instance, name: `soak-${instance}` });
  return { certificate: issued.certificatePem, privateKey: issued.privateKeyPem, authority: issued.authorityPem };
};

const prepare = async (server: Server, seed: number) => {
  writeFileSync(configFile, config);
  const simulator = await startRegionalSimulator();
  await server.start();
  await call(data, 'instance.create', {
    name,
    upstream: 'kmip',
    settings: settingsFor(simulator),
    lease: 72 * 3_600_000,
  });
  const [own, strange] = [await issue(name), await issue('default')];
  const world: World = {
    simulator,
    random: randomFrom(seed),
    entries: new Map(),
    denied: new Map(),
    losses: [],
    counts: {},
    reach: () => server.reach(own),
    linkSince: now(),
    serverSince: now(),
    ends: 0,
    over: false,
  };
  const again = async (signal: NodeJS.Signals): Promise<void> => {
    world.ends += 1;
    world.serverSince = undefined;
    const soon = now() + 1_000;
    for (const entry of world.entries.values()) {
      // Its copy may not have been written yet.
      if (entry.servedFrom !== undefined && entry.servedFrom > soon - 1_000) entry.servedFrom = undefined;
    }
    await server.again(signal);
    world.serverSince = now();
  };
  return { world, again, stranger: () => server.reach(strange) };
};

const told = ({ counts, entries, losses }: World): string => {
  const acts = Object.entries(counts).map(([what, many]) => `${many} ${what}`);
  return `${entries.size} keys; ${acts.join(', ')}; ${losses.length} losses`;
};

const showProgress = async (world: World): Promise<void> => {
  while (!world.over) {
    await setTimeout(process.stdout.isTTY ? 1_000 : 30_000, undefined, { ref: false });
    process.stdout.write(process.stdout.isTTY ? `\r${told(world)} ` : `${told(world)}\n`);
  }
};

const run = async (): Promise<number> => {
  const { minutes, seed } = options();
  console.log(`seed ${seed}, ${minutes} minutes`);
  const server = new Server();
  const { world, again, stranger } = await prepare(server, seed);
  const pause = (ms: number) => setTimeout(ms);
  const each = (many: number, act: () => Promise<void>) => Array.from({ length: many }, act);
  const work = [
    ...each(crew.owners, () => ownOn(world, pause)),
    ...each(crew.readers, () => readOn(world, pause)),
    ...each(crew.strangers, () => tryOn(world, stranger, pause)),
    breakLink(world, pause),
    changeElsewhere(world, pause),
    endServer(world, again, pause),
  ];
  void showProgress(world);
  const end = setTimeout(minutes * 60_000).then(() => {
    world.over = true;
  });
  await Promise.all([...work, end]);
  console.log(`\n${told(world)}`);
  await again('SIGKILL');
  await compareAll(world, 'with the endpoint');
  await endWithoutOrphans(world);
  await call(data, 'instance.sync', { name });
  await world.simulator.stop();
  await again('SIGKILL');
  await compareAll(world, 'without the endpoint');
  await server.end('SIGTERM');
  checkIntegrity(world);
  for (const loss of world.losses.slice(0, 50)) console.log(`LOST: ${loss}`);
  writeFileSync(join(directory, 'output'), server.output.join('\n'));
  const verdict =
    world.losses.length === 0 ? 'every answer was right' : `${world.losses.length} losses; see ${directory}`;
  console.log(`seed ${seed}: ${verdict}`);
  return world.losses.length === 0 ? 0 : 1;
};

/** Every key that was acknowledged is as the endpoint has it, with its bytes. */
const compareAll = async (world: World, how: string): Promise<void> => {
  const client = await world.reach();
  for (const { uid, bytes } of world.entries.values()) {
    const key = truthOf(world, uid);
    try {
      const { state } = await describeKey(client, uid);
      if (Number(state) !== key.state) world.losses.push(`${how}: ${uid} is in state ${state}, not ${key.state}`);
      const found = await getKey(client, uid).catch((error: unknown) => messageOf(error));
      const right = isDestroyed(key.state) ? /is destroyed/.test(String(found)) : bytes.equals(Buffer.from(found));
      if (!right)
        world.losses.push(`${how}: ${uid} in state ${key.state}: ${typeof found === 'string' ? found : 'wrong'}`);
    } catch (error) {
      world.losses.push(`${how}: ${uid}: ${messageOf(error)}`);
    }
  }
  client.close();
};

/** Each living key at the endpoint is one that we serve: what creates have left behind is destroyed. */
const endWithoutOrphans = async (world: World): Promise<void> => {
  const client = await world.reach();
  const unknown = () =>
    world.simulator.keys().filter(({ uid, state }) => !world.entries.has(uid) && !isDestroyed(state));
  const began = unknown().length;
  const isServed = (uid: string): Promise<boolean> =>
    getKey(client, uid).then(
      () => true,
      () => false,
    );
  const orphans = async (): Promise<readonly string[]> => {
    const left: string[] = [];
    for (const { uid } of unknown()) if (!(await isServed(uid))) left.push(uid);
    return left;
  };
  const end = now() + 60_000;
  let left = await orphans();
  for (; left.length > 0 && now() < end; left = await orphans()) await setTimeout(500);
  for (const uid of left) world.losses.push(`${uid} is left at the endpoint and nobody knows of it`);
  const gone = world.simulator.keys().filter(({ uid, state }) => !world.entries.has(uid) && isDestroyed(state)).length;
  console.log(
    `keys that no client was told of: ${gone} destroyed, ${unknown().length} served, ${began} before the end`,
  );
  client.close();
};

const checkIntegrity = (world: World): void => {
  const database = new Sqlite(join(data, 'kmip-edge.sqlite'));
  const answer = database.pragma('integrity_check', { simple: true });
  if (answer !== 'ok') world.losses.push(`integrity_check says ${String(answer)}`);
  database.close();
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
  console.error(`soak failed: ${messageOf(error)}; the data: ${directory}`);
  end(1);
}
