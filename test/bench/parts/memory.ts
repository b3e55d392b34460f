// Memory of a server that has just answered its first Get and has nothing to do: with a local root key, and with Key
// Protect as its upstream (the simulator in a process of its own).

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { call } from '../../../src/cli/api-client.ts';
import type { Daemon } from '../../kit/daemon.ts';
import { type Bench, type Figure, number, type Part } from '../bench.ts';
import type { Target } from '../load-client.ts';
import { createKey, getOnce, serverProcess } from '../pair.ts';
import { residentMemory } from '../process.ts';

const megabyte = 1_000_000;
const limit = 120 * megabyte;
const simulator = join(import.meta.dirname, '../../peers/key-protect/main.ts');

/** Gets a key, then lets the server be for a while. */
const idleMemory = async (bench: Bench, name: string, daemon: Daemon, target: Target): Promise<Figure> => {
  await getOnce(target, await createKey(target));
  await setTimeout(bench.quick ? 1000 : 5000);
  const memory = residentMemory(serverProcess(daemon).pid);
  return {
    name,
    measured: `${number(memory / megabyte)} MB`,
    target: `< ${limit / megabyte} MB`,
    ofTarget: memory / limit,
  };
};

interface Simulator {
  readonly url: string;
  readonly iamUrl: string;
  readonly caFile: string;
  readonly instanceId: string;
  readonly apiKey: string;
  readonly crk: string;
}

const startSimulator = async (bench: Bench): Promise<Simulator> => {
  const child = spawn(process.execPath, [simulator], { stdio: ['pipe', 'pipe', 'inherit'] });
  bench.defer(() => child.stdin.end('quit\n'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return JSON.parse(line.toString()) as Simulator;
};

/** A service instance on the simulator, and a client of it. */
const onKeyProtect = async (bench: Bench, { dataDirectory, port }: Daemon): Promise<Target> => {
  const { url, iamUrl, caFile, instanceId, apiKey, crk } = await startSimulator(bench);
  const settings = { url, iamUrl, instanceId, crk, apiKey, caBundle: readFileSync(caFile, 'utf8') };
  await call(dataDirectory, 'instance.create', { name: 'cloud', upstream: 'key-protect', settings });
  const issued = await call(dataDirectory, 'client.issue', { instance: 'cloud', name: 'bench' });
  const { certificatePem: certificate, privateKeyPem: privateKey, authorityPem: authority } = issued;
  return { port, client: { certificate, privateKey, authority } };
};

export const memory: Part = async (bench) => {
  bench.progress('memory …');
  // Started once before: the first start also makes certificates.
  const [local, cloud] = [bench.directory(), bench.directory()];
  const [first, firstCloud] = await Promise.all([bench.daemon(local), bench.daemon(cloud)]);
  await first.end('SIGTERM');
  const { client } = await onKeyProtect(bench, firstCloud);
  await firstCloud.end('SIGTERM');
  const [daemon, cloudDaemon] = await Promise.all([bench.daemon(local), bench.daemon(cloud)]);
  return Promise.all([
    idleMemory(bench, 'Memory when idle, local root key', daemon, daemon),
    idleMemory(bench, 'Memory when idle, Key Protect', cloudDaemon, { port: cloudDaemon.port, client }),
  ]);
};
