// Gives the terminal to another program, such as a shell, and takes it back when that has ended. In between nothing is read
// from it and nothing is drawn on it.

import { spawn } from 'node:child_process';
import { EdgeError, messageOf } from '../errors.ts';
import type { Terminal } from './terminal.ts';

export interface HandedProgram {
  readonly program: string;
  readonly args: readonly string[];
  /** All of its environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Resolves when the program has ended, however. Throws `internal` where it cannot be started. */
export type HandOver = (program: HandedProgram) => Promise<void>;

/** The cursor is seen, and nothing marks what is pasted. */
const plain = '\u001b[?25h\u001b[?2004l';

/** Hands `input`, the terminal's keyboard, over. */
export const handOverOf =
  (terminal: Pick<Terminal, 'suspend' | 'resume'>, input: NodeJS.ReadStream, write: (text: string) => void): HandOver =>
  async ({ program, args, environment }) => {
    terminal.suspend();
    input.pause();
    input.setRawMode(false);
    write(plain);
    try {
      await ended(program, args, environment);
    } finally {
      input.setRawMode(true);
      input.resume();
      terminal.resume();
    }
  };

const ended = (program: string, args: readonly string[], environment: Readonly<Record<string, string>>) =>
  new Promise<void>((resolve, reject) => {
    // Errors too go to the terminal: the console's own go to the journal, and a shell without them is no interactive one.
    const child = spawn(program, [...args], { stdio: ['inherit', 'inherit', 1], env: environment, cwd: '/' });
    child.once('error', (error) => reject(new EdgeError('internal', `${program}: ${messageOf(error)}`)));
    child.once('exit', () => resolve());
  });
