// A command line run in the test's own process, which is much quicker than in one of its own.

import type { Terminal } from '../../src/cli/output.ts';
import { run } from '../../src/cli/run.ts';
import type { CliResult } from '../kit/daemon.ts';

/** Who can be asked. */
export type Asked = Pick<Terminal, 'ask' | 'askSecret'>;

/** Whoever answers every question with this; nobody where it is undefined. */
export const answering = (answer: string | undefined): Asked =>
  answer === undefined ? {} : { ask: async () => answer };

/** Runs one `kmip-edge` command to its end; it prints into the result, and has nobody to ask unless told. */
export const runHere = async (
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  asked: Asked = {},
): Promise<CliResult> => {
  const [out, err]: [string[], string[]] = [[], []];
  const print = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const code = await run(args, { terminal: { ...print, ...asked }, environment });
  const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
  return { code, stdout: joined(out), stderr: joined(err) };
};
