// A client that others wrote in Go, ovh/kmip-go, against the server as a process of its own, in each version that it speaks.
// Needs Go and its module proxy, so it is no part of npm test; without Go it says so and fails.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startDaemon } from '../test/kit/daemon.ts';

const versions = ['1.0', '1.1', '1.2', '1.3', '1.4'];
const source = join(import.meta.dirname, '..', 'test', 'clients', 'kmip-go');
/** Milliseconds. */
const patience = { build: 300_000, round: 120_000 };

const start = promisify(execFile);
const run = async (command: string, args: readonly string[], cwd: string, timeout: number): Promise<void> => {
  const { stdout } = await start(command, args, { cwd, timeout });
  process.stdout.write(stdout);
};

const directory = mkdtempSync(join(tmpdir(), 'kmip-go-'));
const endings: (() => unknown)[] = [() => rmSync(directory, { recursive: true })];
try {
  const client = join(directory, 'client');
  await run('go', ['build', '-o', client, '.'], source, patience.build);
  const daemon = await startDaemon({ teardown: (end) => void endings.push(end) }, join(directory, 'data'));
  const file = (name: string): string => join(daemon.dataDirectory, 'clients', 'default', name);
  for (const version of versions) {
    const args = [`127.0.0.1:${daemon.port}`, file('client.pem'), file('client.key'), file('ca.pem'), version];
    await run(client, args, directory, patience.round);
  }
} finally {
  for (const end of endings.reverse()) await end();
}
