// Asks for a secret on the terminal, of which nothing is shown while it is typed.

import { StringDecoder } from 'node:string_decoder';
import type { ReadStream } from 'node:tty';
import { EdgeError } from '../errors.ts';
import type { Ask } from './ask.ts';

const longest = 4096;
const [interrupt, endOfInput, backspace, erase, eraseLine] = ['\u0003', '\u0004', '\b', '\u007f', '\u0015'];

/** The process's terminal, or undefined where input or output is none. */
export const processAskSecret = (): Ask | undefined => {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) return undefined;
  return async (question) => {
    const line = readHidden(stdin);
    // Only now: what is typed before the terminal is quiet would be shown.
    stderr.write(question);
    try {
      return await line;
    } finally {
      stderr.write('\n');
    }
  };
};

/** One line, as it is typed without echo. */
const readHidden = (input: ReadStream): Promise<string> =>
  new Promise((resolve, reject) => {
    const line = new HiddenLine();
    const take = (chunk: Buffer): void => {
      const state = line.take(chunk);
      if (state === 'more') return;
      input.off('data', take);
      input.setRawMode(false);
      input.pause();
      if (state === 'done') resolve(line.text);
      else reject(new EdgeError('missing-data', 'nothing was typed'));
    };
    input.setRawMode(true);
    input.on('data', take);
    input.resume();
  });

/** What a terminal in raw mode leaves to the program: the ends of a line, and taking back what was typed. */
export class HiddenLine {
  readonly #decoder = new StringDecoder('utf8');
  #typed: string[] = [];

  get text(): string {
    return this.#typed.join('');
  }

  /** Takes what came; what follows the end of the line is dropped. */
  take(chunk: Buffer): 'more' | 'done' | 'stopped' {
    for (const character of this.#decoder.write(chunk)) {
      if (character === '\r' || character === '\n') return 'done';
      if (character === interrupt || character === endOfInput) return 'stopped';
      if (character === backspace || character === erase) this.#typed.pop();
      else if (character === eraseLine) this.#typed = [];
      else if (this.#typed.length < longest) this.#typed.push(character);
    }
    return 'more';
  }
}
