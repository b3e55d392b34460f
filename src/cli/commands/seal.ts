// `kmip-edge seal`: what opens the stored keys, how a locked server is opened, and data that came from another machine.

import type { Command } from 'commander';
import type { SealView } from '../../admin/api/seal.ts';
import { counted } from '../../counted.ts';
import {
  askServer,
  type CommonOptions,
  type Context,
  nameArgument,
  readSecret,
  secretAsker,
  withCommonOptions,
} from '../command.ts';
import { list, table } from '../output.ts';

/** Adds the commands to `program`. */
export const addSealCommands = (program: Command, context: Context): void => {
  const seal = program.command('seal').description('what opens the stored keys');
  withCommonOptions(seal.command('list'))
    .description('show what opens the stored keys, and whose machine they belong to')
    .action((options: CommonOptions) => askServer(context, options, 'seal.show', {}, showSeal));

  withCommonOptions(seal.command('passphrase'))
    .description('set the recovery passphrase, which opens the stored keys when the credential file is lost')
    .requiredOption('--file <file>', 'file that holds the passphrase, at least 12 characters')
    .action((options: CommonOptions & { readonly file: string }) =>
      askServer(
        context,
        options,
        'seal.passphrase',
        { passphrase: readSecret('passphrase', options.file) },
        ({ slots }) => `the recovery passphrase is set; the storage key opens by: ${slots.join(', ')}`,
      ),
    );

  withCommonOptions(seal.command('unlock'))
    .description('open a locked server with the recovery passphrase; this machine opens the keys from then on')
    .option('--file <file>', 'file that holds the passphrase (default: ask for it)')
    .action(async (options: CommonOptions & { readonly file?: string }) =>
      askServer(
        context,
        options,
        'seal.unlock',
        { passphrase: await recoveryPassphrase(context, options.file) },
        () => 'the stored keys are open: the server starts serving them now',
      ),
    );

  addChanges(seal, context);
};

const addChanges = (seal: Command, context: Context): void => {
  const add = seal.command('add').description('add a way to open the stored keys');
  withCommonOptions(add.command('key-protect'))
    .description('let the root key of a service instance open the stored keys too, whenever Key Protect answers')
    .requiredOption('--instance <name>', 'service instance on a root key in Key Protect', nameArgument)
    .option('--api-key-file <file>', 'an API key for this alone (default: that of the service instance)')
    .addHelpText(
      'after',
      '\nThe API key lies in a file beside the data, because it is needed before anything is open. Whoever copies the disk can\nuse it until you revoke it: give one of its own, with the role Reader on this root key alone.',
    )
    .action(({ instance, apiKeyFile, ...options }: AddOptions) => {
      const apiKey = apiKeyFile === undefined ? undefined : readSecret('API key', apiKeyFile);
      return askServer(context, options, 'seal.add-key-protect', { instance, apiKey }, showSeal);
    });

  withCommonOptions(seal.command('remove'))
    .argument('<id>', 'identifier of the slot, as seal list shows it')
    .description('take a way to open the stored keys away')
    .option('--last-by-itself', 'also where nothing opens them without the network or the recovery passphrase then')
    .action((id: string, { lastByItself = false, ...options }: CommonOptions & { readonly lastByItself?: boolean }) =>
      askServer(context, options, 'seal.remove', { id, lastByItself }, showSeal),
    );

  withCommonOptions(seal.command('adopt'))
    .description('say that data of another machine belongs to this one from now on')
    .action((options: CommonOptions) => askServer(context, options, 'seal.adopt', {}, showSeal));
};

interface AddOptions extends CommonOptions {
  readonly instance: string;
  readonly apiKeyFile?: string;
}

const recoveryPassphrase = async (context: Context, file: string | undefined): Promise<string> =>
  file === undefined ? secretAsker(context, 'passphrase')('Recovery passphrase: ') : readSecret('passphrase', file);

const machines: Readonly<Record<SealView['data']['machine'], string>> = {
  own: 'this machine',
  other: "another machine: 'kmip-edge seal adopt' makes them this one's",
  unknown: 'not told',
};

const showSeal = ({ state, problem, hint, slots, data }: SealView): string =>
  [
    list([
      ['stored keys', state === 'open' ? 'open' : `LOCKED: ${problem ?? ''}`],
      ...(hint === undefined ? [] : [['  what to do', hint] as const]),
      ['hold', `${counted(data.keys, 'key')} in ${counted(data.instances, 'service instance')}`],
      ...(data.lastUsed === undefined ? [] : [['used before', data.lastUsed] as const]),
      ['belong to', machines[data.machine]],
    ]),
    table(
      ['id', 'kind', 'opens by itself', 'made', 'what'],
      slots.map(({ id, kind, what, createdAt, byItself, opened }) => [
        id,
        kind,
        `${byItself ? 'yes' : 'no'}${opened ? ', did now' : ''}`,
        createdAt.slice(0, 10),
        what,
      ]),
    ),
  ].join('\n\n');
