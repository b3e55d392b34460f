// Programs of the system, run to their end.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Run } from './trial.ts';

const mostOutput = 4 * 1024 * 1024;
const started = promisify(execFile);

/** Runs a program without a shell and gives what it printed. Throws for an exit code that is not 0, and after `timeout` ms. */
export const runProgram: Run = async (program, args, timeout) => {
  const running = started(program, [...args], { timeout, maxBuffer: mostOutput });
  // A program that reads its input, as `openssl s_client` does, would wait for more of it.
  running.child.stdin?.end();
  return (await running).stdout;
};
