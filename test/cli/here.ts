// A command line run in the test's own process, which is much quicker than in one of its own.

import { run } from '../../src/cli/run.ts';
import type { CliResult } from '../kit/daemon.ts';

/** Runs one `kmip-edge` command to its end; it prints into the result. */
export const runHere = async (args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<CliResult> => {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const code = await run(args, { terminal, environment });
  const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
  return { code, stdout: joined(out), stderr: joined(err) };
};
