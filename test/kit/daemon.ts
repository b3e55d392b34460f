// The server as a process of its own, started as a user starts it; killed after the test. For what only a real process
// can show: kill -9, signals, its output, its command line.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type ClientFiles, readClientFiles } from './server.ts';

const program = join(import.meta.dirname, '../../src/cli/kmip-edge.js');
/** The options for Node in the program's first line, with which users start it. */
const nodeOptions = /^#!.* node(.*)$/m.exec(readFileSync(program, 'utf8'))?.[1]?.trim().split(' ') ?? [];
/** Node's arguments that run `kmip-edge`. */
export const command: readonly string[] = [...nodeOptions, program];

export interface Daemon {
  readonly process: ChildProcess;
  readonly port: number;
  readonly dataDirectory: string;
  readonly client: ClientFiles;
  /** All that it printed on standard output and standard error until now. */
  output(): string;
  /** Sends a signal and waits for the end; gives the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

/** Starts `kmip-edge serve` on a free loopback port and waits until it says that it is ready; `stderr` is where it logs. */
export const startDaemon = async (
  t: Pick<ExecutionContext, 'teardown'>,
  dataDirectory: string,
  extra: readonly string[] = [],
  stderr: 'pipe' | number = 'pipe',
): Promise<Daemon> => {
  const child = spawn(
    process.execPath,
    [...command, 'serve', '--data', dataDirectory, '--listen', '127.0.0.1:0', '--admin-listen', 'off', ...extra],
    {
      stdio: ['ignore', 'pipe', stderr],
    },
  );
  t.teardown(() => void child.kill('SIGKILL'));
  let printed = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const ready = /^kmip-edge ready on .*:(\d+)$/m.exec(printed);
      if (ready) resolve(Number(ready[1]));
    });
    child.once('exit', (code) => reject(new Error(`serve ended with ${code} before it was ready:\n${printed}`)));
  });
  return {
    process: child,
    port,
    dataDirectory,
    client: readClientFiles(join(dataDirectory, 'clients', 'default')),
    output: () => printed,
    async end(signal) {
      const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
      child.kill(signal);
      const [code, endedBy] = await ended;
      return code ?? endedBy ?? 0;
    },
  };
};

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one `kmip-edge` command to its end. */
export const runCli = (args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  new Promise((resolve) => {
    const options = { env: { ...process.env, ...environment }, timeout: 30_000 };
    execFile(process.execPath, [...command, ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
  });
