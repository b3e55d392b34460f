// A bounded fuzz run over everything that decodes KMIP: real messages, damaged from a seed. Fails where an input brings
// anything but a proper refusal, takes long, or makes the heap grow; the input is then saved as hex.
// Usage: node scripts/fuzz.ts [--seconds 60] [--seed N]

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FrameReader } from '../src/kmip/frame.ts';
import { Tag } from '../src/kmip/tags.ts';
import { exercise, type Outcome, unlessRefused } from '../test/kmip/exercise.ts';
import { mutate, type Random, randomFrom } from '../test/kmip/mutate.ts';
import { sampleMessages } from '../test/kmip/sample-messages.ts';

/** One input may take no longer than this. */
const slowMilliseconds = 200;
/** The heap may grow by no more than this over the run. */
const heapGrowth = 128 * 1024 * 1024;
/** Inputs between two looks at the clock's progress line and the heap. */
const round = 5000;

interface Totals {
  inputs: number;
  items: number;
  messages: number;
  slowest: number;
}

const options = () => {
  const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } });
  const seconds = Number(values.seconds ?? 60);
  const seed = Number(values.seed ?? Date.now() % 0x1_0000_0000);
  if (!(seconds > 0) || !Number.isInteger(seed)) throw new Error('--seconds and --seed take numbers');
  return { seconds, seed };
};

/** Imported late, because the loader needs ava, which only test files may import outside of its own runner. */
const seedMessages = (): readonly Buffer[] => sampleMessages();

const save = (bytes: Buffer): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'kmip-fuzz-')), 'input.hex');
  writeFileSync(file, `${bytes.toString('hex')}\n`);
  return file;
};
