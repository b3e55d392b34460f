// What the audit costs a Get: a server that records every read against one that records none, both ours.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, type Figure, microseconds, type Part } from '../bench.ts';
import { type Comparison, compare, type Side } from '../compare.ts';
import { createKey, serverProcess } from '../pair.ts';

const limit = 1.1;
const connections = 8;

/** Starts a server; what it gives makes a side with so many connections. */
const start = async (bench: Bench, reads: boolean): Promise<(connections: number) => Side> => {
  const directory = bench.directory();
  const config = `${directory}.yaml`;
  writeFileSync(config, `audit:\n  reads: ${reads}\n`);
  const daemon = await bench.daemon(directory, ['--config', config, '--admin-listen', 'off']);
  const { pid, ...target } = serverProcess(daemon);
  const uidFile = join(daemon.dataDirectory, 'bench-uids');
  writeFileSync(uidFile, await createKey(target));
  const client = bench.loadClient();
  const load = { ...target, operation: 'Get', uidFile, order: 'in order' } as const;
  return (count) => ({ pid, run: (operations) => client.ask({ ...load, connections: count, operations }) });
};

const figure = (name: string, { own, bare, ratio }: Comparison): Figure => ({
  name,
  measured: `${microseconds(own.cpuMicroseconds)} (${ratio.cpuMicroseconds.toFixed(2)} ×)`,
  bare: `${microseconds(bare.cpuMicroseconds)} without`,
});

export const audit: Part = async (bench): Promise<readonly Figure[]> => {
  bench.progress('Get with and without its audit record …');
  const [recorded, unrecorded] = [await start(bench, true), await start(bench, false)];
  const one = await compare(bench.pace, recorded(1), unrecorded(1));
  const busy = await compare(bench.pace, recorded(connections), unrecorded(connections));
  const target = { target: `≤ ${limit.toFixed(2)} ×`, ofTarget: one.ratio.cpuMicroseconds / limit };
  return [
    { ...figure('Get with its audit record, CPU', one), ...target },
    figure(`Get with its audit record, ${connections} at once, CPU`, busy),
  ];
};
