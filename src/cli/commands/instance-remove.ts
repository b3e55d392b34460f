// `kmip-edge instance remove | restore | use`: all keys of a service instance go together, after a wait, and not before
// somebody has seen what still needs them and typed the name.

import type { Command } from 'commander';
import { call } from '../../admin/api/client.ts';
import type { InstanceView, InUseView } from '../../admin/api/instances.ts';
import { formatDuration } from '../../config/duration.ts';
import { counted } from '../../counted.ts';
import { EdgeError } from '../../errors.ts';
import {
  askServer,
  type CommonOptions,
  type Context,
  dataDirectoryOf,
  nameArgument,
  withCommonOptions,
} from '../command.ts';
import { printJson, table } from '../output.ts';

interface RemoveOptions extends CommonOptions {
  readonly confirm?: string;
}

const help = `
It is shown what still uses the keys, and the name is asked for; a script gives it with --confirm NAME. From then on nothing
of the instance is served, and everything is kept for the time that the setting removal.wait says (default 7 days, while the
server runs): 'instance restore NAME' takes the removal back. After that its keys are erased, all of them, with its clients
and credentials, and there is no way back but a recovery export: 'instance export NAME --out FILE' makes one.`;

/** Adds the commands to the group. */
export const addRemoveCommands = (group: Command, context: Context, show: (instance: InstanceView) => string): void => {
  const command = (name: string): Command =>
    withCommonOptions(group.command(name)).argument('<name>', 'name of the service instance', nameArgument);

  command('remove')
    .description('remove a service instance with all its keys, after a waiting time')
    .option('--confirm <name>', 'its name once more, instead of being asked for it', nameArgument)
    .addHelpText('after', help)
    .action((name: string, options: RemoveOptions) => remove(context, name, options));

  command('restore')
    .description('take a removal back while its waiting time runs')
    .action((name: string, options: CommonOptions) => askServer(context, options, 'instance.restore', { name }, show));

  command('use')
    .description('show which keys of a service instance were fetched in the last 30 days, and by which clients')
    .action((name: string, options: CommonOptions) => askServer(context, options, 'instance.use', { name }, showUse));
};

const remove = async (context: Context, name: string, options: RemoveOptions): Promise<void> => {
  const { terminal } = context;
  const data = dataDirectoryOf(options, context);
  const instance = (await call(data, 'instance.list', {})).find((candidate) => candidate.name === name);
  // The server knows best what to say of a name that is none.
  const use = await call(data, 'instance.use', { name });
  if (instance) terminal.err(warningOf(instance, use));
  const confirm = options.confirm ?? (await typedName(context, name));
  const removed = await call(data, 'instance.remove', { name, confirm });
  if (options.json) printJson(terminal, removed);
  else terminal.out(removalText(removed));
};

const typedName = async ({ terminal }: Context, name: string): Promise<string> => {
  if (!terminal.ask) {
    throw new EdgeError('missing-data', `removing '${name}' has to be confirmed`, { hint: `add --confirm ${name}` });
  }
  const typed = (await terminal.ask('type the name of the service instance to remove it: ')).trim();
  if (typed === name) return typed;
  throw new EdgeError('invalid-field', `'${typed}' is not '${name}': nothing was done`);
};

/** What goes, and where else the keys are. */
const warningOf = (instance: InstanceView, use: InUseView): string =>
  [
    `service instance '${instance.name}' has ${counted(instance.keys, 'key')} and ${counted(instance.clients, 'client')}.`,
    elsewhere(instance),
    use.total === 0
      ? `none of its keys was fetched in the last ${use.days} days, as far as is known since ${use.knownSince}.`
      : showUse(use),
  ].join('\n');

const elsewhere = ({ upstream }: InstanceView): string => {
  if (upstream === 'kmip') {
    return 'its keys stay at the KMIP endpoint, which holds them: only what is known of them here goes.';
  }
  const root = upstream === 'key-protect' ? 'Key Protect has the root key, not the keys' : 'its root key is held here';
  return `its wrapped keys exist here alone (${root}): what is encrypted with them cannot be opened afterwards.`;
};

const showUse = (use: InUseView): string => {
  const shown = use.keys.map(({ uid, state, fetchedAt, client, name = '', component = '' }) => [
    uid,
    state,
    fetchedAt,
    client,
    component,
    name,
  ]);
  const more = use.total - use.keys.length;
  return [
    `${counted(use.total, 'key')} of '${use.instance}' fetched in the last ${use.days} days (known since ${use.knownSince})`,
    ...(use.total === 0 ? [] : [table(['key', 'state', 'last fetched', 'by client', 'x-component', 'x-name'], shown)]),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...use.clients.map(
      ({ client, keys, fetchedAt }) => `client '${client}': ${counted(keys, 'key')}, last ${fetchedAt}`,
    ),
  ].join('\n');
};

const removalText = ({ name, life, removal }: InstanceView): string => {
  if (life === 'erasing' || !removal || removal.remaining === 0) return `the keys of '${name}' are being erased`;
  return [
    `'${name}' serves nothing any more and is erased in ${formatDuration(Math.ceil(removal.remaining / 1000) * 1000)}, about ${removal.until}.`,
    `until then: kmip-edge instance restore ${name}`,
  ].join('\n');
};
