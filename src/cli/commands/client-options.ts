// What every command about one client takes.

import type { Command } from 'commander';
import { type CommonOptions, nameArgument, withCommonOptions } from '../command.ts';

export interface ClientOptions extends CommonOptions {
  readonly instance: string;
  readonly name: string;
}

/** Adds --instance and --name. */
export const named = (command: Command): Command =>
  withCommonOptions(command)
    .requiredOption('--instance <name>', 'service instance', nameArgument)
    .requiredOption('--name <name>', 'name of the client', nameArgument);
