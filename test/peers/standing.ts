// A simulator as a process of its own: it obeys lines on standard input, answers each with one line, and ends with its
// input, with `quit`, or when it is told to. What it wrote goes with it.

import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';

/** What it gives is answered as text or JSON; nothing as `ok`. */
export type Command<S> = (simulator: S, ...words: readonly string[]) => unknown;

export interface Standing<S> {
  readonly simulator: S;
  readonly commands: Readonly<Record<string, Command<S>>>;
  /** Where its files lie. */
  readonly folder: string;
}

const obey = async <S>({ simulator, commands }: Standing<S>, line: string): Promise<string> => {
  const [name = '', ...words] = line.trim().split(/\s+/);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) return `error: commands are ${Object.keys(commands).join(', ')}, quit`;
  try {
    const answer = (await command(simulator, ...words)) ?? 'ok';
    return typeof answer === 'string' ? answer : JSON.stringify(answer);
  } catch (error) {
    return `error: ${error instanceof Error ? error.message : String(error)}`;
  }
};

/** Serves until it is told to end; then the process ends. */
export const stand = async <S extends { close(): Promise<void> }>(standing: Standing<S>): Promise<never> => {
  const stop = async (): Promise<never> => {
    await standing.simulator.close();
    await rm(standing.folder, { recursive: true, force: true });
    return process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  process.once('SIGINT', () => void stop());
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === 'quit') break;
    if (line.trim() !== '') console.log(await obey(standing, line));
  }
  return stop();
};
