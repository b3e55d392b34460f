// `kmip-edge config`: the settings of the running server, and a configuration file to begin with.

import type { Command } from 'commander';
import { call } from '../../admin/api/client.ts';
import type { SettingView } from '../../admin/api/settings.ts';
import { configTemplate } from '../../config/template.ts';
import { EdgeError } from '../../errors.ts';
import { askServer, type CommonOptions, type Context, dataDirectoryOf, withCommonOptions } from '../command.ts';
import { list, printJson, table } from '../output.ts';

const setHelp = `
Several are changed together, as those that need one another must be:

  kmip-edge config set backup.destination /mnt/backup backup.passphraseFile /etc/kmip-edge/backup.passphrase`;

/** Adds the group `config`. */
export const addConfigCommands = (program: Command, context: Context): void => {
  const group = program.command('config').description('the settings of the server');

  group
    .command('template')
    .description('print a configuration file with every setting, its meaning and its default')
    .action(() => context.terminal.out(configTemplate()));

  withCommonOptions(group.command('list').argument('[beginning]', 'only names that begin with this'))
    .description('list the settings, their values and where those come from')
    .action(async (beginning: string | undefined, options: CommonOptions) => {
      const answer = await call(dataDirectoryOf(options, context), 'setting.list', {});
      const settings = answer.settings.filter(({ name }) => name.startsWith(beginning ?? ''));
      if (options.json) return printJson(context.terminal, settings);
      const rows = settings.map(({ name, value, source, running }) => [
        name,
        value === '' ? '-' : value,
        running === undefined ? source : `${source}; runs with ${running === '' ? 'none' : running}`,
      ]);
      context.terminal.out(
        [table(['setting', 'value', 'from'], rows), ...restartLine(answer.restartNeeded)].join('\n'),
      );
    });

  withCommonOptions(group.command('get').argument('<name>', 'name of the setting'))
    .description('show one setting and what it may be')
    .action(async (name: string, options: CommonOptions) => {
      const { settings } = await call(dataDirectoryOf(options, context), 'setting.list', {});
      const found = settings.find((setting) => setting.name === name);
      if (!found) {
        throw new EdgeError('item-not-found', `'${name}' is not a setting`, {
          hint: 'kmip-edge config list shows them',
        });
      }
      if (options.json) printJson(context.terminal, found);
      else context.terminal.out(showSetting(found));
    });

  withCommonOptions(group.command('set').argument('<name-and-value...>', 'name and value, several in a row'))
    .description('change settings of the running server')
    .addHelpText('after', setHelp)
    .action((words: readonly string[], options: CommonOptions) =>
      askServer(context, options, 'setting.set', { changes: pairsOf(words) }, showChanged),
    );

  withCommonOptions(group.command('unset').argument('<name...>', 'names of settings'))
    .description('let the defaults of settings count again')
    .action((names: readonly string[], options: CommonOptions) =>
      askServer(context, options, 'setting.unset', { names }, showChanged),
    );
};

const pairsOf = (words: readonly string[]) => {
  if (words.length % 2 !== 0) throw new EdgeError('invalid-field', `'${words.at(-1)}' has no value`);
  return words.flatMap((name, index) => (index % 2 === 0 ? [{ name, value: words[index + 1] ?? '' }] : []));
};

const showSetting = ({ name, value, default: preset, help, allowed, source, running, atOnce }: SettingView): string =>
  list([
    ['setting', name],
    ['value', value === '' ? 'none' : value],
    ...(running === undefined ? [] : [['runs with', running === '' ? 'none' : running] as const]),
    ['from', source],
    ['default', preset === '' ? 'none' : preset],
    ['may be', allowed],
    ['counts', atOnce ? 'at once' : 'from the next start'],
    ['meaning', help],
  ]);

const restartLine = (restartNeeded: boolean): readonly string[] =>
  restartNeeded ? ['What runs with another value counts from the next start of the server.'] : [];

const showChanged = ({
  settings,
  restartNeeded,
}: {
  readonly settings: readonly SettingView[];
  readonly restartNeeded: boolean;
}): string =>
  [
    ...settings.map(({ name, value, source }) => `${name} is ${value === '' ? 'empty' : value} (${source})`),
    restartNeeded ? 'It counts from the next start of the server.' : 'It counts from now on.',
  ].join('\n');
