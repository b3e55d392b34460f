// `kmip-edge restore`: needs no running server, and is the one command that opens a data directory itself.

import { resolve } from 'node:path';
import type { Command } from 'commander';
import { EdgeError } from '../../errors.ts';
import type { RestoreReport } from '../../main.ts';
import { Secret } from '../../secret.ts';
import {
  type CommonOptions,
  type Context,
  dataDirectoryOf,
  readInput,
  readSecret,
  withCommonOptions,
} from '../command.ts';
import { list, printJson } from '../output.ts';
import { createProgress } from '../progress.ts';

interface RestoreOptions extends CommonOptions {
  readonly passphraseFile?: string;
  readonly identityFile?: string;
  readonly check?: boolean;
}

/** Names that are shown of what is damaged. */
const shownDamaged = 20;

const help = `
Stop the old server for good first: two with the same keys and certificates know nothing of each other's new keys. Keys that
were made after the backup are not inside; those at a KMIP endpoint are found there again. Keys that were destroyed after the
backup are inside, and can be served again: destroy them again.`;

/** Adds the command. */
export const addRestoreCommand = (program: Command, context: Context): void => {
  withCommonOptions(program.command('restore').argument('<file>', 'the backup'))
    .description('put a backup into an empty data directory; start the server afterwards')
    .option('--passphrase-file <file>', 'file that holds the passphrase of the backup')
    .option('--identity-file <file>', 'file that holds the private key of age')
    .option('--check', 'only see whether the backup is sound and could be restored')
    .addHelpText('after', help)
    .action((file: string, options: RestoreOptions) => restoreFrom(context, file, options));
};

const restoreFrom = async (context: Context, file: string, options: RestoreOptions): Promise<void> => {
  const { terminal } = context;
  const key = keyOf(options);
  const { restore } = await import('../../main.ts');
  const progress = createProgress(terminal, 'restore', { quiet: options.json });
  const dataDirectory = dataDirectoryOf(options, context);
  const report = await restore({
    file: resolve(file),
    key,
    dataDirectory,
    environment: context.environment,
    checkOnly: options.check ?? false,
    progress: (done, total) => progress.show({ done, total }),
  }).finally(() => progress.end());
  if (options.json) printJson(terminal, report);
  else terminal.out(showReport(report, options.check ?? false, startText(dataDirectory, context)));
  if (report.damaged.length > 0) {
    const names = report.damaged.slice(0, shownDamaged).join(', ');
    throw new EdgeError('data-damaged', `${report.damaged.length} records do not open: ${names}`, {
      hint: 'they were damaged before the backup was made, everything else is sound; an older backup may have them whole',
    });
  }
};

const keyOf = ({ passphraseFile, identityFile }: RestoreOptions) => {
  if (passphraseFile !== undefined && identityFile === undefined) {
    return { passphrase: new Secret(readSecret('passphrase', passphraseFile)) };
  }
  if (identityFile !== undefined && passphraseFile === undefined) {
    return { identities: new Secret(readInput('private key', identityFile)) };
  }
  throw new EdgeError('invalid-field', 'either --passphrase-file or --identity-file is needed');
};

const showReport = (report: RestoreReport, checked: boolean, start: string): string => {
  const { manifest, instances, clients, keys, damaged, settings } = report;
  const facts = list([
    ['as of', manifest.createdAt],
    ['made by', `kmip-edge ${manifest.version} (appliance ${manifest.appliance})`],
    ['instances', instances.join(', ')],
    ['clients', String(clients)],
    ['keys', String(keys)],
    ['damaged', String(damaged.length)],
    ['settings', settingsText[settings]],
  ]);
  return [facts, ...(checked ? checkedText(report) : restoredText(manifest.createdAt, start))].join('\n');
};

const settingsText: Readonly<Record<RestoreReport['settings'], string>> = {
  none: 'none inside',
  restored: 'inside',
  kept: 'inside, not used: the data directory has its own',
};

const checkedText = ({ free }: RestoreReport): readonly string[] => [
  free
    ? 'It can be restored; nothing was changed.'
    : 'It is sound; nothing was changed. This data directory has data already: a restore needs an empty one.',
];

/** A service that is started without its sockets would take the ports that belong to them. */
const startUnits = 'systemctl start kmip-edge-kmip.socket kmip-edge-page.socket kmip-edge';

/** Names the directory where a server that is started without one would take another. */
const startText = (directory: string, context: Context): string => {
  if (directory !== dataDirectoryOf({}, context)) return `Start it with 'kmip-edge serve --data ${directory}'.`;
  if (context.environment['KMIP_EDGE_DATA'] === undefined) return "Start it with 'kmip-edge serve'.";
  return `Start it with 'kmip-edge serve', on the appliance with '${startUnits}'.`;
};

const restoredText = (createdAt: string, start: string): readonly string[] => [
  `Restored. ${start}`,
  `All is as it was at ${createdAt}: keys that were destroyed after that are there again and can be served;`,
  'destroy them again. Keys that were made after that are not there.',
];
