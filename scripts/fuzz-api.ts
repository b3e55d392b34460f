// A long run over the management API with random input, from its own description, against a running server of its own.
// Fails where an answer is an internal error, no problem document, not as the table says, or late; the seed says it again.
// Usage: node scripts/fuzz-api.ts [--seconds 60] [--seed N]

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzzAll, ownToken, routeNames } from '../test/admin/fuzz-kit.ts';
import { withHttps } from '../test/kit/https.ts';
import { createMemoryLog } from '../test/kit/memory-log.ts';
import { startServer } from '../test/kit/server.ts';
import { temporaryDirectory } from '../test/kit/temporary.ts';
import { randomFrom } from '../test/kmip/mutate.ts';

const quick = { 'upstream.attemptTimeout': '100 ms', 'upstream.totalTimeout': '200 ms' } as const;
/** Requests to each route in one round; each round has a server of its own, so that what it holds stays small. */
const times = 20;

const options = () => {
  const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } });
  const seconds = Number(values.seconds ?? 60);
  const seed = Number(values.seed ?? Date.now() % 0x1_0000_0000);
  if (!(seconds > 0) || !Number.isInteger(seed)) throw new Error('--seconds and --seed take numbers');
  return { seconds, seed };
};

const round = async (seed: number): Promise<readonly string[]> => {
  const endings: (() => unknown)[] = [];
  const owner = { teardown: (end: () => unknown) => void endings.push(end) };
  try {
    const log = createMemoryLog();
    const server = await startServer(owner, { log, settings: { ...withHttps, ...quick } });
    const { token } = await server.api('token.create', { name: ownToken, role: 'administrator', lifetime: 86_400_000 });
    const directory = join(temporaryDirectory(owner), 'places');
    mkdirSync(directory);
    const places = { directory, certificate: server.client.certificate, names: [] };
    const problems = await fuzzAll({ port: server.running.https.port, token, places }, times, randomFrom(seed));
    const logged = log.lines.filter(({ event }) => event === 'management request failed');
    return [...problems, ...logged.map(({ fields }) => JSON.stringify(fields))];
  } finally {
    for (const end of endings.reverse()) await end();
  }
};

const { seconds, seed } = options();
const end = performance.now() + seconds * 1000;
let rounds = 0;
for (; performance.now() < end && !process.exitCode; rounds += 1) {
  const problems = await round(seed + rounds);
  if (problems.length === 0) continue;
  console.error(`--seed ${seed + rounds} finds:\n${problems.join('\n')}`);
  process.exitCode = 1;
}
console.log(`${rounds * routeNames.length * times} requests to ${routeNames.length} routes, first seed ${seed}`);
