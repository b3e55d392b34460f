// The tree of commands as plain data, for what is generated from it: the completion of a shell and the manual page.

import type { EventEmitter } from 'node:events';
import type { Command, Option } from 'commander';

export interface CommandNode {
  /** The words that lead to it, without the program's own name: `['instance', 'list']`; empty for the program. */
  readonly path: readonly string[];
  readonly description: string;
  readonly usage: string;
  readonly arguments: readonly ArgumentNode[];
  readonly options: readonly OptionNode[];
  /** What --help says after the options. */
  readonly more: string;
  readonly commands: readonly CommandNode[];
}

export interface ArgumentNode {
  readonly name: string;
  readonly description: string;
  readonly many: boolean;
}

export interface OptionNode {
  /** As they are typed: `--data`, or `-V` and `--version`. */
  readonly names: readonly string[];
  /** As --help shows it: `--data <dir>`. */
  readonly flags: string;
  readonly description: string;
  /** The name of its value, or undefined where it takes none. */
  readonly value: string | undefined;
}

/** The tree below `command`. */
export const commandTree = (command: Command, path: readonly string[] = []): CommandNode => {
  const help = command.createHelp();
  return {
    path,
    description: command.description(),
    usage: help.commandUsage(command),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      description: argument.description,
      many: argument.variadic,
    })),
    options: help.visibleOptions(command).map(optionNode),
    more: textAfterHelp(command),
    commands: command.commands.map((child) => commandTree(child, [...path, child.name()])),
  };
};

/** A node and all below it, in the order of --help. */
export const allCommands = (node: CommandNode): readonly CommandNode[] => [node, ...node.commands.flatMap(allCommands)];

const valueName = /[<[]([^>\]]+)[>\]]/;

const optionNode = ({ flags, description, short, long }: Option): OptionNode => ({
  names: [short, long].filter((name) => name !== undefined),
  flags,
  description,
  value: valueName.exec(flags)?.[1],
});

/** The library keeps these texts as listeners of an event. */
const textAfterHelp = (command: Command): string => {
  const texts: string[] = [];
  (command as unknown as EventEmitter).emit('afterHelp', {
    error: false,
    command,
    write: (text: string) => void texts.push(text),
  });
  return texts.join('').trim();
};
