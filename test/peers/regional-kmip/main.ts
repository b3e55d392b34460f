// The simulator as a process of its own, for the demo and for benchmarks. It prints one line of JSON with all that a
// client needs, and then obeys lines on standard input; it answers each with one line: `ok`, JSON, or an error.

import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeServerTls } from './certificates.ts';
import { plainFaults } from './faults.ts';
import { type RegionalSimulator, startRegionalSimulator } from './simulator.ts';
import { operationNames } from './tags.ts';

type Command = (simulator: RegionalSimulator, ...words: readonly string[]) => unknown;

/** `FAULT [OPERATION [TIMES]]`, such as `cut-after Create 1`. */
const fault: Command = (simulator, kind, on, times) => {
  const known = plainFaults.find((name) => name === kind);
  const operation = operationNames.find((name) => name === on) ?? 'all';
  if (known === undefined) throw new Error(`faults are ${plainFaults.join(', ')}`);
  simulator.fault({ kind: known }, { on: operation, ...(times !== undefined && { times: Number(times) }) });
};

const commands: Readonly<Record<string, Command>> = {
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

const obey = async (simulator: RegionalSimulator, line: string): Promise<string> => {
  const [name = '', ...words] = line.trim().split(/\s+/);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) return `error: commands are ${Object.keys(commands).join(', ')}, quit`;
  try {
    const answer = (await command(simulator, ...words)) ?? 'ok';
    return typeof answer === 'string' ? answer : JSON.stringify(answer);
  } catch (error) {
    return `error: ${error instanceof Error ? error.message : String(error)}`;
  }
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
  const stop = async (): Promise<never> => {
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
    return process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  process.once('SIGINT', () => void stop());
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === 'quit') break;
    if (line.trim() !== '') console.log(await obey(simulator, line));
  }
  await stop();
};

await run();
