// `kmip-edge instance export | import`: all keys of a service instance in one encrypted file, and back into another one.

import { createWriteStream, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import { call, callForStream } from '../../admin/api/client.ts';
import type { ImportView } from '../../admin/api/instances.ts';
import { EdgeError, type ErrorKind, errorKinds } from '../../errors.ts';
import {
  type CommonOptions,
  type Context,
  collect,
  dataDirectoryOf,
  nameArgument,
  readInput,
  readSecret,
  withCommonOptions,
} from '../command.ts';
import { printJson } from '../output.ts';
import { createProgress } from '../progress.ts';

interface ExportOptions extends CommonOptions {
  readonly out: string;
  readonly passphraseFile?: string;
  readonly recipient?: readonly string[];
}

interface ImportOptions extends CommonOptions {
  readonly into: string;
  readonly passphraseFile?: string;
  readonly identityFile?: string;
}

/** Milliseconds. */
const pollPause = 200;

const exportHelp = `
The file holds the bytes of every key, so whoever has it and the passphrase, or the private key, needs neither kmip-edge nor
Key Protect. Keep both apart from each other. It is in the age format.

  kmip-edge instance export prod --out prod.age --passphrase-file passphrase
  kmip-edge instance export prod --out prod.age --recipient age1…`;

const importHelp = `
The service instance has to be there, and its upstream has to take keys in: Key Protect or a local root key. Identifiers,
states, dates and attributes are as they were, so vCenter finds its keys once its certificate is added as a client. An
import that was cut short is gone on with by running it again.

  kmip-edge instance import prod.age --into prod-2 --passphrase-file passphrase`;

/** Adds the commands to the group. */
export const addExportCommands = (group: Command, context: Context): void => {
  withCommonOptions(group.command('export'))
    .argument('<name>', 'name of the service instance', nameArgument)
    .description('write all keys of a service instance, with their bytes, into one encrypted file')
    .requiredOption('--out <file>', 'where the file is written')
    .option('--passphrase-file <file>', 'file that holds a passphrase for it, at least 12 characters')
    .option('--recipient <key>', 'public key of age that closes it; may be given again', collect)
    .addHelpText('after', exportHelp)
    .action((name: string, options: ExportOptions) => exportKeys(context, name, options));

  withCommonOptions(group.command('import'))
    .argument('<file>', "the file, on the server's machine")
    .description('bring the keys of such a file into a service instance')
    .requiredOption('--into <name>', 'service instance that takes them in', nameArgument)
    .option('--passphrase-file <file>', 'file that holds the passphrase')
    .option('--identity-file <file>', 'file that holds the private key, as age-keygen writes it')
    .addHelpText('after', importHelp)
    .action((file: string, options: ImportOptions) => importKeys(context, file, options));
};

const exportKeys = async (context: Context, name: string, options: ExportOptions): Promise<void> => {
  const { out, passphraseFile, recipient: recipients } = options;
  const passphrase = passphraseFile === undefined ? undefined : readSecret('passphrase', passphraseFile);
  const input = { name, passphrase, recipients: recipients && [...recipients] };
  const answer = await callForStream(dataDirectoryOf(options, context), 'instance.export', input);
  const file = createWriteStream(out, { flags: 'wx', mode: 0o600, flush: true });
  let isOurs = false;
  file.once('open', () => {
    isOurs = true;
  });
  try {
    await pipeline(answer, file);
  } catch (error) {
    // A part of an export is of no use to anybody.
    if (isOurs) rmSync(out, { force: true });
    throw exportError(error as NodeJS.ErrnoException, out);
  }
  const { bytesWritten: bytes } = file;
  if (options.json) printJson(context.terminal, { out, bytes });
  else context.terminal.out(`${out}: all keys of '${name}', ${bytes} bytes`);
};

const exportError = ({ code, message }: NodeJS.ErrnoException, out: string): EdgeError => {
  if (code === 'EEXIST') return new EdgeError('already-exists', `${out} is there already`);
  if (code === 'ECONNRESET') {
    const text = 'the export ended early, because a key could not be opened or the server ended';
    return new EdgeError('upstream-unreachable', text, { hint: 'the log of the server says which' });
  }
  return new EdgeError('invalid-field', `cannot write ${out}: ${code ?? message}`);
};

const importKeys = async (context: Context, file: string, options: ImportOptions): Promise<void> => {
  const { into: name, passphraseFile, identityFile } = options;
  const directory = dataDirectoryOf(options, context);
  const begun = await call(directory, 'instance.import', {
    name,
    path: resolve(file),
    passphrase: passphraseFile === undefined ? undefined : readSecret('passphrase', passphraseFile),
    identities: identityFile === undefined ? undefined : readInput('identity file', identityFile),
  });
  const { problem, ...state } = await watch(context, options, directory, begun);
  if (problem) {
    const kind: ErrorKind = Object.hasOwn(errorKinds, problem.kind) ? (problem.kind as ErrorKind) : 'internal';
    throw new EdgeError(kind, problem.message, problem.hint === undefined ? {} : { hint: problem.hint });
  }
  if (options.json) printJson(context.terminal, state);
  else context.terminal.out(`${state.imported} keys imported into '${name}', ${state.present} were there already`);
};

const watch = async (
  context: Context,
  options: CommonOptions,
  directory: string,
  begun: ImportView,
): Promise<ImportView> => {
  const progress = createProgress(context.terminal, 'import', { quiet: options.json });
  let state = begun;
  try {
    while (state.running) {
      progress.show({ done: state.imported + state.present, total: state.total });
      await setTimeout(pollPause);
      const { import: next } = await call(directory, 'instance.import.state', {});
      if (next?.id !== begun.id) throw new EdgeError('internal', 'the server was started anew: import the file again');
      state = next;
    }
    return state;
  } finally {
    progress.end();
  }
};
