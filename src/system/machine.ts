// The machine as the parts that administer it see it: programs that are run, and files below a root. A test hands in programs
// that only take notes, and a folder; the appliance has its own.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { EdgeError } from '../errors.ts';

export interface RunOptions {
  /** Milliseconds until it is ended; default: 20,000. */
  readonly timeout?: number;
}

/** Runs a program without a shell and gives what it prints. Throws `internal` with its last error line where it fails. */
export type Run = (program: string, args: readonly string[], options?: RunOptions) => Promise<string>;

export interface Machine {
  readonly run: Run;
  /** Stands before every path; empty on the appliance. */
  readonly root: string;
}

/** Paths of the appliance. */
export const places = {
  settings: '/data/settings',
  /** The settings that were applied at the start, and what is tried of others; gone with the power. */
  run: '/run/kmip-edge',
  server: '/data/kmip-edge',
  ssh: '/data/ssh',
  seal: '/data/seal',
  update: '/data/update',
  /** Under it /var. */
  system: '/data/system',
} as const;

/** A path of the appliance on `machine`. */
export const placeOf = ({ root }: Pick<Machine, 'root'>, path: string): string =>
  root === '' ? path : join(root, path);

const usualTime = 20_000;
const largestOutput = 4 * 1024 * 1024;

const run: Run = (program, args, { timeout = usualTime } = {}) =>
  new Promise((resolve, reject) => {
    execFile(program, [...args], { timeout, maxBuffer: largestOutput }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      // The last line of mount says where else to look.
      const said = stderr.split('\n').filter((row) => row.trim() !== '' && !row.includes('dmesg(1)'));
      const last = said.at(-1)?.trim() ?? '';
      const why = error.killed ? `it took more than ${timeout / 1000} s` : last || `it ended with ${error.code ?? '?'}`;
      const isNamed = why.startsWith(`${program}:`);
      reject(new EdgeError('internal', isNamed ? why : `${program}: ${why}`, { cause: error }));
    });
  });

/** The machine that this runs on. */
export const thisMachine = (): Machine => ({ run, root: '' });
