// A program in a real terminal of 80 columns and 25 rows, by Debian's `script`; what it draws is kept as a screen.

import { spawn } from 'node:child_process';
import type { ExecutionContext } from 'ava';
import { ScreenModel } from './screen.ts';

export interface Pty {
  readonly screen: ScreenModel;
  /** All that was written to the terminal. */
  written(): string;
  readonly send: (text: string) => void;
  /** Cuts the line, as pulling the plug of a modem does; gives the process that was on it. */
  hangUp(): number;
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** Runs `words` until the test ends. */
export const runInTerminal = (
  t: Pick<ExecutionContext, 'teardown'>,
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Pty => {
  const line = `stty rows 25 cols 80; echo pid=$$; exec ${words.map(quoted).join(' ')}`;
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    stdio: 'pipe',
    env: { ...process.env, ...environment },
  });
  t.teardown(() => void child.kill('SIGKILL'));
  const screen = new ScreenModel(80, 25);
  let written = '';
  child.stdout.on('data', (chunk: Buffer) => {
    written += chunk.toString();
    screen.take(chunk.toString());
  });
  return {
    screen,
    written: () => written,
    send: (text) => void child.stdin.write(text),
    hangUp: () => {
      child.kill('SIGKILL');
      return Number(/pid=(\d+)/.exec(written)?.[1]);
    },
  };
};
