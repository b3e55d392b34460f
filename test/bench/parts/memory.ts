// Memory of a server that has just answered its first Get and has nothing to do: with a local root key, and with Key
// Protect as its upstream (the simulator in a process of its own).

import { setTimeout } from 'node:timers/promises';
import type { Daemon } from '../../kit/daemon.ts';
import { type Bench, type Figure, number, type Part } from '../bench.ts';
import type { Target } from '../load-client.ts';
import { createKey, getOnce, serverProcess } from '../pair.ts';
import { residentMemory } from '../process.ts';
import { onKeyProtect } from '../upstreams.ts';

const megabyte = 1_000_000;
const limit = 120 * megabyte;

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
