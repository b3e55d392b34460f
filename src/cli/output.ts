// What the command line prints: tables for people, JSON for programs, problems on standard error with what to do.

import type { CertificateView } from '../admin/api/clients.ts';
import { EdgeError, type ErrorKind, errorKinds, messageOf } from '../errors.ts';
import { type Ask, processAsk } from './ask.ts';
import { processAskSecret } from './ask-secret.ts';

/** Where a command writes; tests hand in their own. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Draws over the line that stands there; undefined ends the line. Absent where nobody watches. */
  readonly redraw?: ((line: string | undefined) => void) | undefined;
  /** Absent where nobody can be asked. */
  readonly ask?: Ask | undefined;
  /** The same for a secret, without echo. */
  readonly askSecret?: Ask | undefined;
}

/**
 * Names, certificates and answers of others may hold sequences that a terminal obeys, and characters that turn the order of a
 * line around (as in Unicode TR 36). Line ends and tabs stay.
 */
const obeyed = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** `text` without what a terminal obeys. */
export const bareText = (text: string): string =>
  text.replace(obeyed, (sign) => (sign === '\n' || sign === '\t' ? sign : '\ufffd'));

const escapedSign = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A value as JSON on `indent`; the same value to a program, and harmless on a terminal. */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(obeyed, (sign) => (sign === '\n' ? sign : escapedSign(sign)));

const clearLine = '\r\x1b[K';

const redrawError = (line: string | undefined): void => {
  const width = process.stderr.columns || 80;
  process.stderr.write(line === undefined ? '\n' : clearLine + bareText(line).slice(0, width - 1));
};

export const processTerminal: Terminal = {
  out: (text) => void process.stdout.write(`${bareText(text)}\n`),
  err: (text) => void process.stderr.write(`${bareText(text)}\n`),
  redraw: process.stderr.isTTY ? redrawError : undefined,
  ask: processAsk(),
  askSecret: processAskSecret(),
};

export const printJson = (terminal: Terminal, value: unknown): void => terminal.out(jsonText(value, 2));

/** Rows under their headings, columns as wide as their widest cell. */
export const table = (headings: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(headings.map((heading) => heading.toUpperCase())), ...rows.map(line)].join('\n');
};

/** `name: value` lines with the values under one another. */
export const list = (entries: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${`${name}:`.padEnd(width + 2)}${value}`).join('\n');
};

/** What is to be read after the date on which a certificate ends. */
export const validityMark = ({ validity, daysLeft }: Pick<CertificateView, 'validity' | 'daysLeft'>): string =>
  ({ valid: '', ending: ` ENDS IN ${daysLeft} DAYS`, ended: ' HAS ENDED' })[validity];

/** Prints a failure and gives the exit code of its kind. */
export const reportFailure = (terminal: Terminal, error: unknown, json: boolean): number => {
  const kind: ErrorKind = error instanceof EdgeError ? error.kind : 'internal';
  const hint = error instanceof EdgeError ? error.hint : undefined;
  const message = messageOf(error);
  if (json) terminal.err(jsonText(hint === undefined ? { kind, message } : { kind, message, hint }));
  else {
    terminal.err(`kmip-edge: ${message}`);
    if (hint !== undefined) terminal.err(`hint: ${hint}`);
  }
  return errorKinds[kind].exit;
};
