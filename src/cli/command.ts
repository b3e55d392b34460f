// What every command has in common: where the data lies, how it prints, how it fails.

import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { call } from '../admin/api/client.ts';
import { type Input, type Output, type RouteName, routes } from '../admin/api/table.ts';
import { EdgeError, messageOf } from '../errors.ts';
import type { Ask } from './ask.ts';
import { printJson, type Terminal } from './output.ts';

/** What a command runs with. */
export interface Context {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
}

/** Options that every command takes. */
export interface CommonOptions {
  readonly data?: string;
  readonly json?: boolean;
}

const largestInput = 64 * 1024;

export const dataDirectoryOf = ({ data }: CommonOptions, { environment }: Context): string =>
  resolve(data ?? environment['KMIP_EDGE_DATA'] ?? 'data');

/** Adds --data and --json. */
export const withCommonOptions = (command: Command): Command =>
  command
    .option('--data <dir>', 'data directory of the server (default: $KMIP_EDGE_DATA, else ./data)')
    .option('--json', 'print JSON');

/** Asks the running server and prints its answer: as JSON if asked, else as `show` has it. */
export const askServer = async <R extends RouteName>(
  context: Context,
  options: CommonOptions,
  route: R,
  input: Input[R],
  show: (answer: Output[R]) => string,
): Promise<void> => {
  const answer = await call(dataDirectoryOf(options, context), route, input);
  if (options.json) printJson(context.terminal, answer);
  else context.terminal.out(show(answer));
};

const namePattern = new RegExp(routes['instance.create'].input.properties.name.pattern);

/** Reads the name of a service instance or a client, as the management API takes them. */
export const nameArgument = (text: string): string => {
  if (namePattern.test(text)) return text;
  throw new InvalidArgumentError(
    'A name has 1 to 64 letters, digits, dots, dashes and underscores, and begins with a letter or a digit.',
  );
};

/** Reads a whole number between two bounds. */
export const wholeNumber =
  (minimum: number, maximum: number) =>
  (text: string): number => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= minimum && number <= maximum) return number;
    throw new InvalidArgumentError(`A whole number from ${minimum} to ${maximum} is needed.`);
  };

/** Of an option that may be given several times, everything. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Who can be asked for `what`, a secret. Throws `missing-data` where there is nobody, as in a script. */
export const secretAsker = ({ terminal }: Context, what: string): Ask => {
  if (terminal.askSecret) return terminal.askSecret;
  throw new EdgeError('missing-data', `there is no terminal to ask for the ${what}`, {
    hint: 'give it in a file: --file FILE',
  });
};

/** A file that the user named. Throws `invalid-field` where it cannot be read or is far too large to be what is meant. */
export const readInput = (what: string, path: string): string => {
  try {
    const { size } = statSync(path);
    if (size > largestInput) throw new Error(`it has ${size} bytes`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new EdgeError('invalid-field', `cannot read the ${what} from ${path}: ${messageOf(error)}`);
  }
};

/** The certificate in a file: PEM as it is, DER in base64. Throws as {@link readInput}. */
export const readCertificateFile = (what: string, path: string): string => {
  const text = readInput(what, path);
  // DER begins with a SEQUENCE of two length bytes; text that does not say so is left to the server.
  return text.startsWith('0\u0082') || text.startsWith('0\ufffd') ? readFileSync(path, 'base64') : text;
};

/** A secret on one line of a file: the line without its end. */
export const readSecret = (what: string, path: string): string => {
  const secret = readInput(what, path).trim();
  if (secret === '') throw new EdgeError('invalid-field', `the ${what} file ${path} is empty`);
  return secret;
};
