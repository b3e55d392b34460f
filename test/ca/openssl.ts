// The openssl command as the second opinion on our certificates, in a folder that goes away with the test.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ExecutionContext } from 'ava';

export interface Bench {
  readonly folder: string;
  /** Runs openssl in the folder and gives what it printed. */
  openssl(...args: readonly string[]): Promise<string>;
  /** Writes a file into the folder and gives its name. */
  file(name: string, text: string): Promise<string>;
}

/** A folder with openssl in it. */
export const openBench = async (t: Pick<ExecutionContext, 'teardown'>): Promise<Bench> => {
  const folder = await mkdtemp(join(tmpdir(), 'kmip-edge-ca-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return {
    folder,
    openssl: async (...args) => (await promisify(execFile)('openssl', args, { cwd: folder })).stdout,
    file: async (name, text) => {
      await writeFile(join(folder, name), text, { mode: 0o600 });
      return name;
    },
  };
};
