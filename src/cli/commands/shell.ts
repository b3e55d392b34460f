// `kmip-edge completion` and `kmip-edge man`: what is generated from the commands themselves.

import { Argument, type Command } from 'commander';
import { call } from '../../admin/api/client.ts';
import { version } from '../../version.ts';
import { bashCompletion, type NameKind, nameKinds } from '../bash-completion.ts';
import { type CommonOptions, type Context, dataDirectoryOf, withCommonOptions } from '../command.ts';
import { commandTree } from '../command-tree.ts';
import { manPage } from '../man-page.ts';
import { printJson } from '../output.ts';

/** Adds the commands; what they print has every command that is in `program` when they run. */
export const addShellCommands = (program: Command, context: Context): void => {
  const group = program.command('completion').description('completion of commands by the shell');

  group
    .command('bash')
    .description('print completion for bash: source <(kmip-edge completion bash)')
    .action(() => context.terminal.out(bashCompletion(commandTree(program))));

  withCommonOptions(group.command('names'))
    .addArgument(new Argument('<kinds>', 'what to name').choices(nameKinds))
    .description('print the names of what is in the running server, for completion')
    .action(async (kind: NameKind, options: CommonOptions) => {
      const names = await namesOf(kind, dataDirectoryOf(options, context));
      if (options.json) printJson(context.terminal, names);
      else if (names.length > 0) context.terminal.out(names.join('\n'));
    });

  program
    .command('man')
    .description('print the manual page: kmip-edge man | man -l -')
    .action(() => context.terminal.out(manPage(commandTree(program), version)));
};

const namesOf = async (kind: NameKind, data: string): Promise<readonly string[]> => {
  const lists = { instances: 'instance.list', clients: 'client.list', tokens: 'token.list' } as const;
  const found: readonly { readonly name: string }[] = await call(data, lists[kind], {});
  return [...new Set(found.map(({ name }) => name))];
};
