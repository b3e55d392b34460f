// What many stored keys change: the cost of a Get of any of them, the memory, and the time to start.

import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { type Bench, type Figure, median, microseconds, number, type Part, ratioFigure } from '../bench.ts';
import { compare } from '../compare.ts';
import { fill } from '../fill.ts';
import type { Load } from '../load-client.ts';
import { checkAnswer } from '../messages.ts';
import { getOnce, type ServerProcess, serverProcess } from '../pair.ts';
import { costOf, residentMemory } from '../process.ts';

const few = 100;
/** A quick bench makes do with a tenth. */
const fullCount = 200_000;
const limit = 1.2;
const startLimit = 1000;
const mebibyte = 1024 * 1024;

/** A data directory that holds `count` keys and a file that names them. */
const filled = async (bench: Bench, count: number): Promise<{ dataDirectory: string; uidFile: string }> => {
  const dataDirectory = bench.directory();
  const daemon = await bench.daemon(dataDirectory);
  await daemon.end('SIGTERM');
  return { dataDirectory, uidFile: await fill(dataDirectory, count) };
};

export const manyKeys: Part = async (bench) => {
  const many = bench.quick ? fullCount / 10 : fullCount;
  bench.progress(`filling a database with ${number(many)} keys …`);
  const [small, large] = [await filled(bench, few), await filled(bench, many)];
  return [...(await startTimes(bench, large, many)), ...(await gets(bench, small, large, many))];
};

type Filled = Awaited<ReturnType<typeof filled>>;

const gets = async (bench: Bench, small: Filled, large: Filled, many: number): Promise<readonly Figure[]> => {
  const client = bench.loadClient();
  const ask = ({ pid: _pid, ...target }: ServerProcess, uidFile: string, operations: number, rest: Partial<Load>) =>
    client.ask({ ...target, operation: 'Get', uidFile, operations, ...rest });
  const [ofFew, ofMany] = [
    serverProcess(await bench.daemon(small.dataDirectory)),
    serverProcess(await bench.daemon(large.dataDirectory)),
  ];
  bench.progress(`first Get of each of ${number(many)} keys …`);
  await ask(ofFew, small.uidFile, few, { order: 'in order' });
  await ask(ofMany, large.uidFile, few, { order: 'in order' });
  const cold = await costOf(ofMany.pid, () => ask(ofMany, large.uidFile, many, { order: 'in order', connections: 4 }));
  const memory = residentMemory(ofMany.pid);

  bench.progress(`Get of any of ${number(many)} keys …`);
  const side = (server: ServerProcess, uidFile: string) => ({
    pid: server.pid,
    run: (operations: number) => ask(server, uidFile, operations, { order: 'random' }),
  });
  const { own, bare, ratio } = await compare(
    side(ofMany, large.uidFile),
    side(ofFew, small.uidFile),
    bench.quick ? 15_000 : 30_000,
    bench.quick ? 3 : 5,
  );
  return [
    ratioFigure(
      `Get with ${number(many)} keys, CPU (bare: the same with ${few})`,
      ratio.cpuMicroseconds,
      limit,
      microseconds(own.cpuMicroseconds),
      microseconds(bare.cpuMicroseconds),
    ),
    { name: 'First Get of a key, from SQLite, CPU', measured: microseconds(cold.cpuMicroseconds / many) },
    { name: `Memory with ${number(many)} keys in the cache`, measured: `${number(memory / mebibyte)} MiB` },
  ];
};

const startTimes = async (
  bench: Bench,
  { dataDirectory, uidFile }: Filled,
  many: number,
): Promise<readonly Figure[]> => {
  bench.progress(`start with ${number(many)} keys …`);
  const uid = readFileSync(uidFile, 'utf8').slice(0, 36);
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const began = performance.now();
    const daemon = await bench.daemon(dataDirectory);
    checkAnswer(await getOnce(daemon, uid), true);
    times.push(performance.now() - began);
    await daemon.end('SIGTERM');
    await setTimeout(100);
  }
  const time = median(times);
  return [
    {
      name: `Start with ${number(many)} keys to the first answered Get`,
      measured: `${number(time)} ms`,
      target: `< ${number(startLimit)} ms`,
      ofTarget: time / startLimit,
    },
  ];
};
