// A machine that is a folder and a list of the programs that were run on it.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Machine } from '../../src/system/machine.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

export interface FakeMachine extends Machine {
  /** What was run, one line each. */
  readonly commands: string[];
  /** What a program prints whose line begins with the name; an error is thrown. */
  readonly answers: Map<string, string | Error>;
}

export const fakeMachine = (t: ExecutionContext): FakeMachine => {
  const root = temporaryDirectory(t);
  for (const path of ['data/settings', 'data/ssh', 'data/seal', 'run/kmip-edge', 'sys/class/net/ens192']) {
    mkdirSync(join(root, path), { recursive: true });
  }
  const commands: string[] = [];
  const answers = new Map<string, string | Error>();
  const run = async (program: string, args: readonly string[]): Promise<string> => {
    const line = [program, ...args].join(' ');
    commands.push(line);
    const [, answer = ''] = [...answers].find(([beginning]) => line.startsWith(beginning)) ?? [];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { root, run, commands, answers };
};
