// Questions on the terminal. Where nobody sits at one, nothing is assumed: the caller says what to give instead.

import { createInterface } from 'node:readline/promises';

/** Asks one question; gives what was typed. */
export type Ask = (question: string) => Promise<string>;

/** The process's terminal, or undefined where input or output is none. */
export const processAsk = (): Ask | undefined => {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await lines.question(question);
    } finally {
      lines.close();
    }
  };
};
