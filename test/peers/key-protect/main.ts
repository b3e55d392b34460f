// The simulator as a process of its own, for the demo and for benchmarks. It prints one line of JSON with all that a
// client needs, and then obeys lines on standard input; it answers each with `ok` or an error line. Acts on keys take a
// key id, default the first root key.

import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, stand } from '../standing.ts';
import { type KeyProtectSimulator, startKeyProtectSimulator } from './simulator.ts';

const onKey = (
  act: 'disable' | 'enable' | 'delete' | 'restore' | 'purge' | 'expire' | 'rotate',
): Command<KeyProtectSimulator> => {
  return (simulator, id = simulator.crk) => void simulator[act](id);
};

const commands: Readonly<Record<string, Command<KeyProtectSimulator>>> = {
  cut: (simulator) => simulator.cutLink(),
  'cut-iam': (simulator) => simulator.cutLink('iam'),
  disable: onKey('disable'),
  enable: onKey('enable'),
  delete: onKey('delete'),
  undelete: onKey('restore'),
  purge: onKey('purge'),
  expire: onKey('expire'),
  rotate: onKey('rotate'),
  hang: (simulator) => void simulator.fault({ kind: 'hang' }),
  slow: (simulator, ms) => void simulator.fault({ kind: 'slow', ms: Number(ms) }),
  clear: (simulator) => simulator.clearFaults(),
  advance: (simulator, ms) => simulator.advance(Number(ms)),
  'revoke-tokens': (simulator) => simulator.revokeTokens(),
  restore: (simulator) => simulator.restoreLink(),
};

const run = async (): Promise<void> => {
  const [port, iamPort] = [process.env['KEY_PROTECT_PORT'], process.env['IAM_PORT']].map((text) => Number(text ?? 0));
  const simulator = await startKeyProtectSimulator({ port: port ?? 0, iamPort: iamPort ?? 0 });
  const folder = await mkdtemp(join(tmpdir(), 'key-protect-simulator-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, simulator.caPem);
  const { url, iamUrl, instanceId, apiKey, crk } = simulator;
  console.log(JSON.stringify({ url, iamUrl, caFile, instanceId, apiKey, crk }));
  await stand({ simulator, commands, folder });
};

await run();
