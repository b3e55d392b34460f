// Durable Create under a local root key, against a bare insert of the same rows; and what group commit makes of many
// clients at once.

import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Inserts } from '../bare-insert.ts';
import { type Bench, number, type Part } from '../bench.ts';
import { compare, figureOf, type Side } from '../compare.ts';
import type { Load } from '../load-client.ts';
import { createRequest } from '../messages.ts';
import { askOnce, createKey, type ServerProcess, serverProcess, startBare } from '../pair.ts';
import type { Worker } from '../process.ts';

const limit = 2;
const connections = 32;

/** A server that answers Create, asked by so many clients at once. */
const asked = (load: Worker<Load, number>, { pid, port, client }: ServerProcess, clients = 1): Side => ({
  pid,
  run: (operations) => load.ask({ port, client, operation: 'Create', operations, connections: clients }),
});

/** Two of what a stopped server leaves: the tables, and a key to copy. */
const databases = async (bench: Bench): Promise<readonly [string, string]> => {
  const daemon = await bench.daemon(bench.directory());
  await createKey(serverProcess(daemon));
  await daemon.end('SIGTERM');
  const database = join(daemon.dataDirectory, 'kmip-edge.sqlite');
  const copy = `${database}-copy`;
  copyFileSync(database, copy);
  return [database, copy];
};

const bareInsert = (bench: Bench, database: string): Side => {
  const worker = bench.worker<Inserts, number>('bare-insert.ts');
  return { pid: worker.pid, run: (count) => worker.ask({ database, count }) };
};

export const create: Part = async (bench) => {
  const server = serverProcess(await bench.daemon(bench.directory()));
  const load = bench.loadClient();

  bench.progress(`Create, ${connections} clients …`);
  const [alone, ofServer] = await databases(bench);
  const many = await compare(bench.pace, asked(load, server, connections), bareInsert(bench, alone));

  bench.progress('Create, one client …');
  // A server that waits for each request is never as warm as a loop of inserts: so is this one not.
  const bareServer = await startBare(bench, server, await askOnce(server, createRequest()), ofServer);
  const one = await compare(bench.pace, asked(load, server), asked(load, bareServer));
  return [
    figureOf(
      `Create, durable, ${connections} clients, CPU (bare: inserts without a server)`,
      'cpuMicroseconds',
      many,
      limit,
    ),
    figureOf(`Create, durable, ${connections} clients, wall time (bare: the same)`, 'wallMicroseconds', many, limit),
    { name: 'Creates a second', measured: number(1e6 / many.own.wallMicroseconds) },
    figureOf('Create, durable, one client, CPU (bare: TLS and insert)', 'cpuMicroseconds', one),
    figureOf('Create, durable, one client, wall time (bare: TLS and insert)', 'wallMicroseconds', one, limit),
    {
      name: 'Create, durable, one client, against inserts without a server',
      measured: `CPU ${(one.own.cpuMicroseconds / many.bare.cpuMicroseconds).toFixed(2)} ×, wall time ${(one.own.wallMicroseconds / many.bare.wallMicroseconds).toFixed(2)} ×`,
    },
  ];
};
