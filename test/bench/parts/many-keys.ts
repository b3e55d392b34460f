// What many stored keys change: the cost of a Get of any of them, the memory, and the time to start.

import { cpSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { type Bench, type Figure, median, microseconds, number, type Part } from '../bench.ts';
import { compare, figureOf, type Side } from '../compare.ts';
import { fill } from '../fill.ts';
import { checkAnswer } from '../messages.ts';
import { getOnce, type ServerProcess, serverProcess } from '../pair.ts';
import { costOf, residentMemory } from '../process.ts';
import { readKeys } from '../read-keys.ts';

const few = 100;
/** A quick bench makes do with a twentieth. */
const fullCount = 200_000;
/** Of that many keys, the part whose first Get is measured, each by a message of its own. */
const measuredPart = 1 / 20;
/** How long the others may take to come into the cache, milliseconds. */
const readingTime = 60_000;
const limit = 1.2;
const startLimit = 1000;
const mebibyte = 1024 * 1024;

/** A data directory that holds keys, and a file that names them. */
interface Filled {
  readonly dataDirectory: string;
  readonly uidFile: string;
}

const filled = async (dataDirectory: string, count: number): Promise<Filled> => ({
  dataDirectory,
  uidFile: await fill(dataDirectory, count),
});

/** The data directory of a server that was started once, and a copy. */
const startedOnce = async (bench: Bench): Promise<readonly [string, string]> => {
  const [directory, copy] = [bench.directory(), bench.directory()];
  const daemon = await bench.daemon(directory);
  await daemon.end('SIGTERM');
  cpSync(directory, copy, { recursive: true });
  return [directory, copy];
};

export const manyKeys: Part = async (bench) => {
  const many = bench.quick ? fullCount / 20 : fullCount;
  bench.progress(`filling a database with ${number(many)} keys …`);
  const [one, other] = await startedOnce(bench);
  const [small, large] = [await filled(one, few), await filled(other, many)];
  return [...(await startTimes(bench, large, many)), ...(await gets(bench, small, large, many))];
};

/** Gets each key once, so that the cache holds it; gives what that cost for one key, and how many it got. */
const readAll = async (
  bench: Bench,
  { pid, ...target }: ServerProcess,
  { uidFile }: Filled,
): Promise<{ cpuMicroseconds: number; read: number }> => {
  const uids = readFileSync(uidFile, 'utf8').split('\n');
  const operations = uids.length * measuredPart;
  const inBatches = await readKeys(target, uids.slice(operations), readingTime);
  const client = bench.loadClient();
  const one = { ...target, operation: 'Get', uidFile, order: 'in order', operations } as const;
  const { cpuMicroseconds } = await costOf(pid, () => client.ask(one));
  return { cpuMicroseconds: cpuMicroseconds / operations, read: inBatches + operations };
};

/** Makes a server with few keys as warm as the one that `times` Gets were made of. */
const warmUp = async (server: ServerProcess, { uidFile }: Filled, times: number): Promise<void> => {
  const uids = readFileSync(uidFile, 'utf8').split('\n');
  const overAndOver = Array.from({ length: times }, (_, index) => uids[index % uids.length] ?? '');
  await readKeys(server, overAndOver, readingTime);
};

const gets = async (bench: Bench, small: Filled, large: Filled, many: number): Promise<readonly Figure[]> => {
  const [ofFew, ofMany] = [
    serverProcess(await bench.daemon(small.dataDirectory)),
    serverProcess(await bench.daemon(large.dataDirectory)),
  ];
  bench.progress(`first Get of each of ${number(many)} keys …`);
  const { cpuMicroseconds, read } = await readAll(bench, ofMany, large);
  const memory = residentMemory(ofMany.pid);
  await warmUp(ofFew, small, read);
  const keys = read < many ? `${number(many)} keys, ${number(read)} of them in the cache` : `${number(many)} keys`;

  bench.progress(`Get of any of ${keys} …`);
  // Of all that are stored, as on a real server: one that the time did not suffice for comes from SQLite.
  const client = bench.loadClient();
  const side = ({ pid, ...target }: ServerProcess, { uidFile }: Filled): Side => ({
    pid,
    run: (operations) => client.ask({ ...target, operation: 'Get', uidFile, order: 'random', operations }),
  });
  const compared = await compare(bench.pace, side(ofMany, large), side(ofFew, small));
  return [
    figureOf(`Get with ${keys}, CPU (bare: the same with ${few})`, 'cpuMicroseconds', compared, limit),
    { name: 'First Get of a key, from SQLite, CPU', measured: microseconds(cpuMicroseconds) },
    { name: `Memory with ${number(read)} keys in the cache`, measured: `${number(memory / mebibyte)} MiB` },
  ];
};

const startTimes = async (
  bench: Bench,
  { dataDirectory, uidFile }: Filled,
  many: number,
): Promise<readonly Figure[]> => {
  bench.progress(`start with ${number(many)} keys …`);
  const uid = readFileSync(uidFile, 'utf8').slice(0, 36);
  const rounds = bench.quick ? 3 : 5;
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    const daemon = await bench.daemon(dataDirectory);
    checkAnswer(await getOnce(daemon, uid), 1);
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
