// The simulator as a process of its own, for the demo and for benchmarks. It prints one line of JSON with all that a
// client needs, and then obeys lines on standard input; it answers each with `ok` or an error line. Acts on keys take a
// key id, default the first root key.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type KeyProtectSimulator, startKeyProtectSimulator } from './simulator.ts';

type Command = (simulator: KeyProtectSimulator, argument: string) => unknown;

const onKey = (act: 'disable' | 'enable' | 'delete' | 'restore' | 'purge' | 'expire' | 'rotate'): Command => {
  return (simulator, id) => simulator[act](id === '' ? simulator.crk : id);
};

const commands: Readonly<Record<string, Command>> = {
  cut: (simulator) => simulator.cutLink(),
  'cut-iam': (simulator) => simulator.cutLink('iam'),
  disable: onKey('disable'),
  enable: onKey('enable'),
  delete: onKey('delete'),
  undelete: onKey('restore'),
  purge: onKey('purge'),
  expire: onKey('expire'),
  rotate: onKey('rotate'),
  hang: (simulator) => simulator.fault({ kind: 'hang' }),
  slow: (simulator, ms) => simulator.fault({ kind: 'slow', ms: Number(ms) }),
  clear: (simulator) => simulator.clearFaults(),
  advance: (simulator, ms) => simulator.advance(Number(ms)),
  'revoke-tokens': (simulator) => simulator.revokeTokens(),
  restore: (simulator) => simulator.restoreLink(),
};

const obey = async (simulator: KeyProtectSimulator, line: string): Promise<string> => {
  const [name = '', argument = ''] = line.trim().split(/\s+/);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) return `error: commands are ${Object.keys(commands).join(', ')}, quit`;
  try {
    await command(simulator, argument);
    return 'ok';
  } catch (error) {
    return `error: ${error instanceof Error ? error.message : String(error)}`;
  }
};

const run = async (): Promise<void> => {
  const [port, iamPort] = [process.env['KEY_PROTECT_PORT'], process.env['IAM_PORT']].map((text) => Number(text ?? 0));
  const simulator = await startKeyProtectSimulator({ port: port ?? 0, iamPort: iamPort ?? 0 });
  const folder = await mkdtemp(join(tmpdir(), 'key-protect-simulator-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, simulator.caPem);
  const { url, iamUrl, instanceId, apiKey, crk } = simulator;
  console.log(JSON.stringify({ url, iamUrl, caFile, instanceId, apiKey, crk }));
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
