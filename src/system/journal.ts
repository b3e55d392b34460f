// The journal of the machine, as somebody reads it: one part of it, and what is added while they look.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { messageOf } from '../errors.ts';
import type { Machine } from './machine.ts';

/** What there is to read, with what journalctl is told. */
export const journalParts = {
  server: ['--unit', 'kmip-edge.service', '--output', 'cat'],
  appliance: ['--unit', 'kmip-edge-*', '--unit', 'kmip-edge.service', '--output', 'short-iso', '--no-hostname'],
  problems: ['--priority', 'warning', '--output', 'short-iso', '--no-hostname'],
  kernel: ['--dmesg', '--output', 'short-iso', '--no-hostname'],
  all: ['--output', 'short-iso', '--no-hostname'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type JournalPart = keyof typeof journalParts;

/** Starts to read; each line is told once. What it gives stops it. */
export type Follow = (part: JournalPart, onLine: (line: string) => void) => () => void;

/** Lines that are there at first. */
const past = 500;

/** Of what a line may be, characters. */
const longestLine = 4000;

/** Follows with `program`, which is journalctl but in a test. */
export const followWith =
  (program: string): Follow =>
  (part, onLine) => {
    const args = ['--follow', '--quiet', '--no-pager', '--lines', String(past), ...journalParts[part]];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const tell = (line: string): void => onLine(line.length > longestLine ? `${line.slice(0, longestLine)}...` : line);
    createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY }).on('line', tell);
    child.once('error', (error) => tell(`the journal cannot be read: ${messageOf(error)}`));
    return () => void child.kill();
  };

export const follow: Follow = followWith('journalctl');

/** What a supporter needs of a machine whose server does not answer: the last of the journal, and what systemd thinks. */
export const machineReport = async ({ run }: Machine): Promise<string> => {
  const asked: readonly (readonly [program: string, ...args: string[]])[] = [
    ['systemctl', '--no-pager', '--failed'],
    // Unlike status it does not fail for what is not well.
    ['systemctl', '--no-pager', '--all', '--full', 'list-units', 'kmip-edge*', 'data.mount', 'var.mount'],
    ['df', '-h', '/', '/data'],
    ['ip', 'address'],
    ['journalctl', '--no-pager', '--quiet', '--lines', '5000', ...journalParts.all],
  ];
  const parts: string[] = [];
  for (const [program, ...args] of asked) {
    const said = await run(program, args).catch((error: unknown) => `${messageOf(error)}\n`);
    parts.push(`# ${[program, ...args].join(' ')}\n${said}`);
  }
  return parts.join('\n');
};
