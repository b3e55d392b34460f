// One fuzz run, in a process of its own, which writes where it is into a file: see scripts/fuzz.ts.

import { mkdtempSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { FrameReader } from '../../src/kmip/frame.ts';
import { Tag } from '../../src/kmip/tags.ts';
import { writeJson } from '../../src/kmip/text/json.ts';
import { writeXml } from '../../src/kmip/text/xml.ts';
import { decodeItem } from '../../src/kmip/ttlv.ts';
import { exercise, unlessRefused } from '../kmip/exercise.ts';
import { mutate, type Random, randomFrom } from '../kmip/mutate.ts';
import { sampleMessages } from '../kmip/sample-messages.ts';
import { haveShared, sharedMessages } from '../kmip/shared-messages.ts';
import { exerciseKey, type KeySeed, keySeeds, someKey } from './keys.ts';
import { LiveTarget, requestsAmong } from './live.ts';

/** One input may take no longer than this, of the processor's time: a message, and all that is done with a key. */
const slowMilliseconds = 200;
const slowKeyMilliseconds = 1000;
/** The heap may grow by no more than this between the warm-up and the end. */
const heapGrowth = 64 * 1024 * 1024;
/** Inputs between two looks at the clock and the heap. */
const round = 5000;

interface Totals {
  inputs: number;
  items: number;
  messages: number;
  /** Keys and certificates, and how many of them were read. */
  keys: number;
  readable: number;
  slowest: number;
}

const options = () => {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string' },
      'cpu-minutes': { type: 'string' },
      seed: { type: 'string' },
      mark: { type: 'string' },
    },
  });
  const minutes = values['cpu-minutes'];
  const seconds = Number(minutes === undefined ? (values.seconds ?? 60) : Number(minutes) * 60);
  const seed = Number(values.seed ?? Date.now() % 0x1_0000_0000);
  if (!(seconds > 0) || !Number.isInteger(seed)) throw new Error('--seconds, --cpu-minutes and --seed take numbers');
  const time = minutes === undefined ? wallSeconds : cpuSeconds;
  return { seconds, seed, time, mark: createMark(values.mark ?? '/dev/null') };
};

type Mark = (what: string, seed: number) => void;

/** Writes where the run is: for who reads it when there is nothing else left to read. */
const createMark = (file: string): Mark => {
  const descriptor = openSync(file, 'w');
  return (what, seed) => void writeSync(descriptor, `${what} --seed ${seed}`.padEnd(60), 0);
};

const wallSeconds = (): number => performance.now() / 1000;

/** Of this process, which the server and its clients are too. */
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
};

const seedMessages = (): readonly Buffer[] => [
  ...sampleMessages(),
  ...sampleMessages().flatMap((bytes) =>
    [writeXml(decodeItem(bytes)), writeJson(decodeItem(bytes))].map((text) => Buffer.from(text)),
  ),
  ...(haveShared ? sharedMessages().map(({ bytes }) => bytes) : []),
];

const save = (bytes: Buffer): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'kmip-fuzz-')), 'input.hex');
  writeFileSync(file, `${bytes.toString('hex')}\n`);
  return file;
};

/** The input as a stream in pieces, after which the messages that come out of it are decoded too. */
const exerciseStream = (bytes: Buffer, random: Random): void => {
  const reader = new FrameReader({ rootTag: random(2) === 0 ? Tag.RequestMessage : Tag.ResponseMessage });
  unlessRefused(() => {
    for (let at = 0; at < bytes.length; ) {
      const end = at + 1 + random(bytes.length);
      reader.push(bytes.subarray(at, end));
      for (let next = reader.next(); next !== undefined; next = reader.next()) exercise(next);
      at = end;
    }
  });
};

/** One input; throws what must not happen. */
const runOne = (bytes: Buffer, random: Random, totals: Totals): void => {
  const began = process.cpuUsage();
  const { item, message } = exercise(bytes);
  exerciseStream(bytes, random);
  const { user, system } = process.cpuUsage(began);
  const took = (user + system) / 1000;
  totals.inputs++;
  if (item) totals.items++;
  if (message) totals.messages++;
  totals.slowest = Math.max(totals.slowest, took);
  if (took > slowMilliseconds) throw new Error(`an input of ${bytes.length} bytes took ${took.toFixed(0)} ms`);
};

const runRound = (seeds: readonly Buffer[], first: number, mark: Mark, totals: Totals): void => {
  for (let seed = first; seed < first + round; seed++) {
    mark('a message', seed);
    const random = randomFrom(seed);
    const bytes = mutate(seeds, random);
    try {
      runOne(bytes, random, totals);
    } catch (error) {
      console.error(`\ninput saved as ${save(bytes)}; again with: npm run fuzz -- --seconds 1 --seed ${seed}`);
      throw error;
    }
  }
};

/** Keys in a round: they take as long as a round of the decoders, and OpenSSL most of it. */
const keyRound = 250;

const runKeyRound = (seeds: readonly KeySeed[], first: number, mark: Mark, totals: Totals): void => {
  for (let seed = first; seed < first + keyRound; seed++) {
    mark('a key', seed);
    const key = someKey(seeds, randomFrom(seed));
    try {
      const began = process.threadCpuUsage();
      if (exerciseKey(key)) totals.readable++;
      totals.keys++;
      const { user, system } = process.threadCpuUsage(began);
      const took = (user + system) / 1000;
      if (took > slowKeyMilliseconds) throw new Error(`a ${key.kind} of ${key.bytes.length} bytes took ${took} ms`);
    } catch (error) {
      console.error(`\nthe key: seed ${seed}, a ${key.kind} in ${key.format}, saved as ${save(key.bytes)}`);
      throw error;
    }
  }
};

/** Inputs for the live server in a round: they take as long as a round of the decoders. */
const liveRound = 400;

const runLiveRound = async (target: LiveTarget, first: number, mark: Mark): Promise<void> => {
  await target.plant();
  for (let seed = first; seed < first + liveRound; seed++) {
    mark('the live server', seed);
    let sent: Buffer = Buffer.alloc(0);
    try {
      await target.run(randomFrom(seed), (bytes) => {
        sent = bytes;
      });
    } catch (error) {
      console.error(`\nthe live server: seed ${seed}, input saved as ${save(sent)}`);
      throw error;
    }
  }
};

/** What is let go of with an object, buffers among it, is freed a turn after the object is found to be unused. */
const heapUsed = async (): Promise<number> => {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.();
    await setTimeout(50);
  }
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
};

const line = ({ inputs, items, messages, keys, readable, slowest }: Totals): string =>
  `${inputs} inputs, ${items} well-formed, ${messages} accepted, slowest ${slowest.toFixed(1)} ms; ` +
  `${keys} keys, ${readable} read`;

const live = ({ asked, answered, succeeded, texts, dearest }: LiveTarget['totals']): string =>
  `live: ${asked} asked, ${answered} answered, ${succeeded} done, ${texts} as text, dearest ${dearest.toFixed(0)} ms`;

const isTerminal = process.stdout.isTTY;
/** Milliseconds between two lines of a log, which keeps them all. */
const quiet = 60_000;

const main = async (owner: { teardown(end: () => unknown): void }): Promise<void> => {
  const { seconds, seed, time, mark } = options();
  const seeds = seedMessages();
  const totals: Totals = { inputs: 0, items: 0, messages: 0, keys: 0, readable: 0, slowest: 0 };
  const keys = keySeeds();
  console.log(
    `seed ${seed}, ${seeds.length} messages to begin with, ${seconds} s of ${time === cpuSeconds ? 'CPU' : 'the clock'}`,
  );
  const end = time() + seconds;
  const target = await LiveTarget.open(owner, requestsAmong(seeds));
  runRound(seeds, seed, mark, totals);
  runKeyRound(keys, seed, mark, totals);
  // What the first rounds bring into memory is there to stay: code, statements, the cache of keys.
  for (let warm = 0; warm < 3; warm++) await runLiveRound(target, seed + warm * liveRound, mark);
  const heapBefore = await heapUsed();
  let shownAt = performance.now();
  for (let next = seed + round; time() < end; next += round) {
    runRound(seeds, next, mark, totals);
    runKeyRound(keys, next, mark, totals);
    await runLiveRound(target, next, mark);
    if (performance.now() < shownAt + (isTerminal ? 0 : quiet)) continue;
    shownAt = performance.now();
    process.stdout.write(`${line(totals)}; ${live(target.totals)}${isTerminal ? '\r' : '\n'}`);
  }
  if (!(await target.isWell())) throw new Error('the server does not give out keys any more');
  const grown = (await heapUsed()) - heapBefore;
  if (grown > heapGrowth) throw new Error(`the heap grew by ${grown} bytes`);
  const growth = `memory ${grown < 0 ? '' : '+'}${(grown / 1024 / 1024).toFixed(1)} MiB`;
  console.log(`${line(totals)}\n${live(target.totals)}, ${growth}`);
};

const endings: (() => unknown)[] = [];
try {
  await main({ teardown: (end) => void endings.push(end) });
} finally {
  for (const end of endings.reverse()) await end();
}
