// What finding keys costs among many: by Name, held against a Get on the same server, and by what no index leads to, which
// looks at every key.

import { readFileSync } from 'node:fs';
import { type Bench, number, type Part } from '../bench.ts';
import { compare, figureOf, type Side } from '../compare.ts';
import { Exchange } from '../exchange.ts';
import { fill } from '../fill.ts';
import type { Target } from '../load-client.ts';
import { checkAnswer, getRequest, locateByDateRequest } from '../messages.ts';
import { askOnce, serverProcess } from '../pair.ts';
import { costOf } from '../process.ts';

/** A quick bench makes do with a twentieth. */
const fullCount = 200_000;
const limit = 2;
/** Milliseconds: one page of a search, and what a busy machine adds. */
const waitLimit = 100;

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
  bench.progress(`Locate by Activation Date among ${number(many)} keys …`);
  const scan = () => askOnce(target, locateByDateRequest());
  await scan();
  const { cpuMicroseconds, wallMicroseconds } = await costOf(pid, scan);
  const waited = await longestWait(target, uidFile, scan);
  return [
    figureOf(`Locate by Name among ${number(many)} keys, CPU (bare: Get)`, 'cpuMicroseconds', compared, limit),
    {
      name: `Locate that looks at ${number(many)} keys, CPU`,
      measured: `${number(cpuMicroseconds / 1000)} ms (${number(wallMicroseconds / 1000)} ms in all)`,
    },
    {
      name: 'Longest wait of a Get meanwhile',
      measured: `${number(waited)} ms`,
      target: `≤ ${waitLimit} ms`,
      ofTarget: waited / waitLimit,
    },
  ];
};

/** What the slowest of the Gets took that were made while `scan` ran, milliseconds. */
const longestWait = async (target: Target, uidFile: string, scan: () => Promise<unknown>): Promise<number> => {
  const request = getRequest(readFileSync(uidFile, 'utf8').slice(0, 36));
  const exchange = await Exchange.open(target.port, target.client);
  checkAnswer(await exchange.send(request), 1);
  let scanning = true;
  const ended = scan().finally(() => {
    scanning = false;
  });
  let longest = 0;
  while (scanning) {
    const began = performance.now();
    checkAnswer(await exchange.send(request), 1);
    longest = Math.max(longest, performance.now() - began);
  }
  exchange.close();
  await ended;
  return longest;
};
