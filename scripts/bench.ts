// Measures the server against what Node and SQLite cost alone, all in processes of their own on loopback, and holds the
// figures against their targets. Fails where one is missed, by more than the factor --slack allows for a noisy machine.
// Usage: node scripts/bench.ts [--only get|handshake|keys|locate|create|regional|memory|page|pykmip] [--quick] [--slack 1.5] [--json FILE]

import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Bench, type Figure, type Part } from '../test/bench/bench.ts';
import { audit } from '../test/bench/parts/audit.ts';
import { create } from '../test/bench/parts/create.ts';
import { getOnOpenConnection, getWithHandshake } from '../test/bench/parts/get.ts';
import { locate } from '../test/bench/parts/locate.ts';
import { manyKeys } from '../test/bench/parts/many-keys.ts';
import { memory } from '../test/bench/parts/memory.ts';
import { page } from '../test/bench/parts/page.ts';
import { pykmip } from '../test/bench/parts/pykmip.ts';
import { regional } from '../test/bench/parts/regional.ts';

const parts: Readonly<Record<string, Part>> = {
  get: getOnOpenConnection,
  handshake: getWithHandshake,
  keys: manyKeys,
  locate,
  create,
  regional,
  audit,
  memory,
  page,
  pykmip,
};

/** No bench takes longer, milliseconds: something hangs then. */
const patienceOf = (quick: boolean): number => (quick ? 120_000 : 600_000);

const options = () => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      json: { type: 'string' },
      quick: { type: 'boolean', default: false },
      slack: { type: 'string', default: '1' },
    },
  });
  const { only, json, quick } = values;
  const slack = Number(values.slack);
  if (!(slack >= 1)) throw new Error('--slack takes a factor from 1');
  if (only !== undefined && !Object.hasOwn(parts, only)) {
    throw new Error(`--only takes one of: ${Object.keys(parts).join(', ')}`);
  }
  return { names: only === undefined ? Object.keys(parts) : [only], json, quick, slack };
};

const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, OpenSSL ${process.versions.openssl}`;

const verdict = ({ ofTarget }: Figure): string => {
  if (ofTarget === undefined) return '';
  return ofTarget <= 1 ? 'yes' : '**no**';
};

const table = (figures: readonly Figure[]): string =>
  [
    ['what', 'kmip-edge', 'bare', 'target', 'met'],
    ['---', '---', '---', '---', '---'],
    ...figures.map((figure) => [figure.name, figure.measured, figure.bare ?? '', figure.target ?? '', verdict(figure)]),
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

const measure = async (name: string, part: Part, quick: boolean): Promise<readonly Figure[]> => {
  const bench = new Bench(quick);
  const began = performance.now();
  try {
    return await part(bench);
  } finally {
    bench.close();
    bench.progress(`${name}: ${seconds(performance.now() - began)}`);
  }
};

const { names, json, quick, slack } = options();
const patience = patienceOf(quick);
setTimeout(() => {
  console.error(`the bench took longer than ${seconds(patience)}`);
  process.exit(1);
}, patience).unref();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const figures: Figure[] = [];
for (const name of names) {
  const part = parts[name];
  if (part) figures.push(...(await measure(name, part, quick)));
}
console.log(`\n${machine()}\n\n${table(figures)}`);
if (json !== undefined) writeFileSync(json, `${JSON.stringify({ machine: machine(), figures }, undefined, 2)}\n`);
process.exitCode = figures.some(({ ofTarget = 0 }) => ofTarget > slack) ? 1 : 0;
