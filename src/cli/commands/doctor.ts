// `kmip-edge doctor` and `kmip-edge support-bundle`: what is wrong and what mends it, and what a supporter wants to see.

import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { call, callForStream } from '../../admin/api/client.ts';
import type { DoctorView } from '../../admin/api/doctor.ts';
import { counted } from '../../counted.ts';
import { EdgeError, isKind, messageOf } from '../../errors.ts';
import { type CommonOptions, type Context, dataDirectoryOf, withCommonOptions } from '../command.ts';
import { printJson } from '../output.ts';

/** Adds the commands to `program`. */
export const addDoctorCommands = (program: Command, context: Context): void => {
  withCommonOptions(program.command('doctor'))
    .description('look at everything that may be wrong, and say which command mends it')
    .option('--problems', 'show only what is not well')
    .addHelpText(
      'after',
      '\nWithout a running server it looks at what it can. Ends with code 5 where there is a problem.',
    )
    .action((options: DoctorOptions) => consult(context, options));

  withCommonOptions(program.command('support-bundle'))
    .description('write what a supporter needs to know into one file, without any secret')
    .requiredOption('--out <file>', 'file to write, a tar.gz')
    .action((options: CommonOptions & { readonly out: string }) => bundle(context, options));
};

interface DoctorOptions extends CommonOptions {
  readonly problems?: boolean;
}

const consult = async (context: Context, options: DoctorOptions): Promise<void> => {
  const { terminal } = context;
  const dataDirectory = dataDirectoryOf(options, context);
  const isRunning = await answers(dataDirectory);
  const found = isRunning ? await call(dataDirectory, 'doctor.run', {}) : await withoutServer(dataDirectory);
  const shown = options.problems ? { ...found, results: found.results.filter(isBad) } : found;
  if (options.json) printJson(terminal, { server: isRunning ? 'running' : 'not running', ...shown });
  else terminal.out(showResults(shown, isRunning));
  const problems = found.results.filter(({ state }) => state === 'problem').length;
  if (problems > 0) {
    throw new EdgeError('illegal-operation', `${counted(problems, 'problem')} found`);
  }
};

/** A server that is there and refuses is not one that is not there. */
const answers = async (dataDirectory: string): Promise<boolean> => {
  try {
    await call(dataDirectory, 'health.live', {});
    return true;
  } catch (error) {
    if (isKind(error, 'server-not-running')) return false;
    throw error;
  }
};

const withoutServer = async (dataDirectory: string): Promise<DoctorView> => {
  const { examine } = await import('../../main.ts');
  return examine(dataDirectory);
};

type Result = DoctorView['results'][number];

const isBad = ({ state }: Result): boolean => state === 'problem' || state === 'warning';

const marks: Readonly<Record<Result['state'], string>> = {
  well: '  ok     ',
  warning: 'WARNING  ',
  problem: 'PROBLEM  ',
  'not-checked': '  -      ',
};

const showResults = ({ results }: DoctorView, isRunning: boolean): string => {
  const margin = ' '.repeat(marks.well.length);
  const lines = results.flatMap(({ state, check, what, todo, command }) => [
    `${marks[state]}${check}: ${what}`,
    ...(todo !== undefined && state !== 'well' ? [`${margin}${todo}`] : []),
    ...(command !== undefined && state !== 'well' ? [`${margin}  ${command}`] : []),
  ]);
  const notRunning = 'The server is not running: only what can be seen without it was looked at.';
  return [...(isRunning ? [] : [notRunning, '']), ...lines].join('\n');
};

const bundle = async (context: Context, options: CommonOptions & { readonly out: string }): Promise<void> => {
  const path = resolve(options.out);
  const content = await callForStream(dataDirectoryOf(options, context), 'support.bundle', {});
  try {
    // A file that is there is not written over.
    await pipeline(content, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await rm(path, { force: true });
    throw new EdgeError('illegal-operation', `cannot write ${path}: ${messageOf(error)}`, {
      hint: 'choose a file that is not there yet, in a directory that may be written to',
    });
  }
  if (options.json) printJson(context.terminal, { path });
  else context.terminal.out(`support bundle written to ${path}; look into it before you hand it on: tar tzf ${path}`);
};
