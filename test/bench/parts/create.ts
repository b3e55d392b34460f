// Durable Create under a local root key, against a bare insert of the same rows; and what group commit makes of many
// clients at once.

import { join } from 'node:path';
import type { Inserts } from '../bare-insert.ts';
import { type Bench, type Figure, microseconds, number, type Part, ratioFigure } from '../bench.ts';
import { type Comparison, compare, type Side } from '../compare.ts';
import type { Load, LoadAnswer } from '../load-client.ts';
import { createRequest } from '../messages.ts';
import { askOnce, createKey, type ServerProcess, serverProcess, startBare } from '../pair.ts';
import type { Worker } from '../process.ts';

const limit = 2;
const connections = 32;

/** A server that answers Create, asked by so many clients at once. */
const asked = (load: Worker<Load, LoadAnswer>, { pid, port, client }: ServerProcess, clients = 1): Side => ({
  pid,
  run: (operations) => load.ask({ port, client, operation: 'Create', operations, connections: clients }),
});

/** What a stopped server leaves: the tables, and a key to copy. */
const database = async (bench: Bench): Promise<string> => {
  const daemon = await bench.daemon(bench.directory());
  await createKey(serverProcess(daemon));
  await daemon.end('SIGTERM');
  return join(daemon.dataDirectory, 'kmip-edge.sqlite');
};

const bareInsert = async (bench: Bench): Promise<Side> => {
  const worker = bench.worker<Inserts, number>('bare-insert.ts');
  const path = await database(bench);
  return { pid: worker.pid, run: (count) => worker.ask({ database: path, count }) };
};

const figure = (name: string, time: 'cpuMicroseconds' | 'wallMicroseconds', compared: Comparison): Figure => {
  const { own, bare, ratio } = compared;
  return ratioFigure(name, ratio[time], limit, microseconds(own[time]), microseconds(bare[time]));
};

export const create: Part = async (bench) => {
  const server = serverProcess(await bench.daemon(bench.directory()));
  const load = bench.loadClient();
  const rounds = bench.quick ? 3 : 5;

  bench.progress(`Create, ${connections} clients …`);
  const insert = await bareInsert(bench);
  const many = await compare(asked(load, server, connections), insert, bench.quick ? 2000 : 6000, rounds);

  bench.progress('Create, one client …');
  // A server that waits for each request is never as warm as a loop of inserts: so is this one not.
  const bareServer = await startBare(bench, server, await askOnce(server, createRequest()), await database(bench));
  const one = await compare(asked(load, server), asked(load, bareServer), bench.quick ? 1000 : 2000, rounds);
  return [
    figure(`Create, durable, ${connections} clients, CPU (bare: inserts without a server)`, 'cpuMicroseconds', many),
    figure(`Create, durable, ${connections} clients, wall time (bare: the same)`, 'wallMicroseconds', many),
    { name: 'Creates a second', measured: number(1e6 / many.own.wallMicroseconds) },
    {
      name: 'Create, durable, one client, CPU (bare: TLS and insert)',
      measured: `${microseconds(one.own.cpuMicroseconds)} (${one.ratio.cpuMicroseconds.toFixed(2)} ×)`,
      bare: microseconds(one.bare.cpuMicroseconds),
    },
    figure('Create, durable, one client, wall time (bare: TLS and insert)', 'wallMicroseconds', one),
    {
      name: 'Create, durable, one client, against inserts without a server',
      measured: `CPU ${(one.own.cpuMicroseconds / many.bare.cpuMicroseconds).toFixed(2)} ×, wall time ${(one.own.wallMicroseconds / many.bare.wallMicroseconds).toFixed(2)} ×`,
    },
  ];
};
