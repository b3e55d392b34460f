// A command line run in the test's own process, which is much quicker than in one of its own.

import type { Ask } from '../../src/cli/ask.ts';
import { run } from '../../src/cli/run.ts';
import type { CliResult } from '../kit/daemon.ts';

/** Runs one `kmip-edge` command to its end; it prints into the result, and asks `ask`, or else has nobody to ask. */
export const runHere = async (
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  ask?: Ask,
): Promise<CliResult> => {
  const [out, err]: [string[], string[]] = [[], []];
  const print = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const terminal = { ...print, ...(ask ? { ask } : {}) };
  const code = await run(args, { terminal, environment });
  const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
  return { code, stdout: joined(out), stderr: joined(err) };
};
