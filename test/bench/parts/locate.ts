// What finding a key by its Name costs among many, held against a Get on the same server.

import { type Bench, number, type Part } from '../bench.ts';
import { compare, figureOf, type Side } from '../compare.ts';
import { fill } from '../fill.ts';
import { serverProcess } from '../pair.ts';

/** A quick bench makes do with a twentieth. */
const fullCount = 200_000;
const limit = 2;

export const locate: Part = async (bench: Bench) => {
  const many = bench.quick ? fullCount / 20 : fullCount;
  bench.progress(`filling a database with ${number(many)} named keys …`);
  const directory = bench.directory();
  await (await bench.daemon(directory)).end('SIGTERM');
  const uidFile = await fill(directory, many, true);
  const { pid, ...target } = serverProcess(await bench.daemon(directory));
  const client = bench.loadClient();
  const side = (operation: 'Get' | 'Locate'): Side => ({
    pid,
    run: (operations) => client.ask({ ...target, operation, uidFile, order: 'random', operations }),
  });
  bench.progress(`Locate by Name among ${number(many)} keys …`);
  const compared = await compare(bench.pace, side('Locate'), side('Get'));
  return [figureOf(`Locate by Name among ${number(many)} keys, CPU (bare: Get)`, 'cpuMicroseconds', compared, limit)];
};
