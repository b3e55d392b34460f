// The simulator as a process of its own, for the demo and for benchmarks. It prints one line of JSON with all that a
// client needs, and then obeys lines on standard input; it answers each with one line: `ok`, JSON, or an error.

import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, stand } from '../standing.ts';
import { makeServerTls } from './certificates.ts';
import { plainFaults } from './faults.ts';
import { type RegionalSimulator, startRegionalSimulator } from './simulator.ts';
import { operationNames } from './tags.ts';

/** `FAULT [OPERATION [TIMES]]`, such as `cut-after Create 1`. */
const fault: Command<RegionalSimulator> = (simulator, kind, on, times) => {
  const known = plainFaults.find((name) => name === kind);
  const operation = operationNames.find((name) => name === on) ?? 'all';
  if (known === undefined) throw new Error(`faults are ${plainFaults.join(', ')}`);
  simulator.fault({ kind: known }, { on: operation, ...(times !== undefined && { times: Number(times) }) });
};

const commands: Readonly<Record<string, Command<RegionalSimulator>>> = {
  fault,
  slow: (simulator, ms) => void simulator.fault({ kind: 'slow', ms: Number(ms) }),
  late: (simulator, ms) => void simulator.fault({ kind: 'late', ms: Number(ms) }),
  clear: (simulator) => simulator.clearFaults(),
  admit: (simulator, file = '') => void simulator.admit(readFileSync(file, 'utf8')),
  cut: (simulator) => simulator.cut(),
  stop: (simulator) => simulator.stop(),
  start: (simulator) => simulator.start(),
  'new-certificate': (simulator) => simulator.start(makeServerTls()),
  make: (simulator) => simulator.makeKey().uid,
  revoke: (simulator, uid = '') => simulator.revokeKey(uid),
  destroy: (simulator, uid = '') => simulator.destroyKey(uid),
  forget: (simulator, uid = '') => simulator.forgetKey(uid),
  keys: (simulator) => simulator.keys().map(({ uid, state }) => ({ uid, state })),
  counts: ({ received, executed }) => ({ received, executed }),
};

/** Writes what a client needs into files, and gives their paths. */
const writeFiles = async (folder: string, { tls, client }: RegionalSimulator) => {
  const files = {
    caFile: [join(folder, 'ca.pem'), tls.caPem],
    certificateFile: [join(folder, 'client.pem'), client.certificatePem],
    keyFile: [join(folder, 'client.key'), client.privateKeyPem],
  } as const;
  for (const [path, text] of Object.values(files)) await writeFile(path, text, { mode: 0o600 });
  return Object.fromEntries(Object.entries(files).map(([name, [path]]) => [name, path]));
};

const run = async (): Promise<void> => {
  const simulator = await startRegionalSimulator({ port: Number(process.env['REGIONAL_KMIP_PORT'] ?? 0) });
  const folder = await mkdtemp(join(tmpdir(), 'regional-kmip-simulator-'));
  const files = await writeFiles(folder, simulator);
  const { host, port, fingerprint } = simulator;
  console.log(JSON.stringify({ address: `${host}:${port}`, fingerprint: fingerprint.sha256, ...files }));
  await stand({ simulator, commands, folder });
};

await run();
