// `kmip-edge instance lease | rename | suspend | resume | crks`: what changes about an instance that is there, and which
// root keys there are for one to be.

import type { Command } from 'commander';
import { call } from '../../admin/api/client.ts';
import type { InstanceView, RootKeyView } from '../../admin/api/instances.ts';
import { parseDuration } from '../../config/duration.ts';
import { EdgeError } from '../../errors.ts';
import {
  askServer,
  type CommonOptions,
  type Context,
  dataDirectoryOf,
  nameArgument,
  readInput,
  readSecret,
  withCommonOptions,
} from '../command.ts';
import { printJson, table } from '../output.ts';
import type { KeyProtectOptions } from '../upstream-options.ts';

type Show = (instance: InstanceView) => string;
export type Access = Partial<Omit<KeyProtectOptions, 'crk'>>;

/** Adds the commands to the group. */
export const addLifeCommands = (group: Command, context: Context, show: Show): void => {
  const command = (name: string): Command =>
    withCommonOptions(group.command(name)).argument('<name>', 'name of the service instance', nameArgument);

  command('lease')
    .argument('<time>', "how long keys are served without the upstream: '72 h', '0 s', 'unlimited'")
    .description('change the offline policy; with 0 s the copies that are held here are erased')
    .action(async (name: string, time: string, options: CommonOptions) => {
      const lease = parseDuration(time, { unlimited: true });
      const instance = await call(dataDirectoryOf(options, context), 'instance.lease', { name, lease });
      if (options.json) printJson(context.terminal, instance);
      else context.terminal.out(show(instance));
      noteLocalLease(context, instance.upstream);
    });

  command('rename')
    .argument('<to>', 'its new name', nameArgument)
    .description('give a service instance another name; clients and keys stay')
    .action((name: string, to: string, options: CommonOptions) =>
      askServer(context, options, 'instance.rename', { name, to }, show),
    );

  command('suspend')
    .description('stop serving the keys of a service instance, at once and until it is resumed')
    .action((name: string, options: CommonOptions) => askServer(context, options, 'instance.suspend', { name }, show));

  command('resume')
    .description('serve the keys of a suspended service instance again')
    .action((name: string, options: CommonOptions) => askServer(context, options, 'instance.resume', { name }, show));

  withCommonOptions(group.command('crks'))
    .description('list the root keys of a Key Protect instance that an API key may see')
    .requiredOption('--url <url>', 'a region such as us-south or private.us-south, or the URL of an endpoint')
    .requiredOption('--instance-id <guid>', 'GUID of the Key Protect instance')
    .requiredOption('--api-key-file <file>', 'file that holds an API key')
    .option('--iam-url <url>', 'IAM endpoint (default: the one that goes with the region)')
    .option('--key-ring <id>', 'key ring of the root keys')
    .option('--ca-file <file>', "CA bundle to trust instead of the system's (PEM)")
    .action((options: CommonOptions & Access) =>
      askServer(context, options, 'instance.crks', keyProtectAccess(options), showRootKeys),
    );
};

/** Says of a lease that nothing counts yet that it does not, on standard error: what is printed may be read by a program. */
export const noteLocalLease = ({ terminal }: Context, upstream: string): void => {
  if (upstream !== 'local') return;
  terminal.err(
    'note: a local root key is always in reach: the lease counts once the keys have moved to an upstream that may not be',
  );
};

/** Which Key Protect instance, and by which API key. Throws `missing-data` for what is not given. */
export const keyProtectAccess = (options: Access) => {
  const { url, iamUrl, instanceId, apiKeyFile, keyRing, caFile } = options;
  if (url === undefined || instanceId === undefined || apiKeyFile === undefined) {
    throw new EdgeError('missing-data', 'key-protect needs --url, --instance-id, --api-key-file');
  }
  const caBundle = caFile === undefined ? undefined : readInput('CA bundle', caFile);
  return { url, iamUrl, instanceId, apiKey: readSecret('API key', apiKeyFile), keyRing, caBundle };
};

const showRootKeys = (keys: readonly RootKeyView[]): string =>
  keys.length === 0
    ? 'the API key sees no root key in this Key Protect instance'
    : table(
        ['name', 'id', 'state', 'imported', 'rotated'],
        keys.map(({ name, id, state, imported, rotatedAt }) => [
          name ?? '',
          id,
          state,
          imported === undefined ? '' : imported ? 'yes' : 'no',
          rotatedAt?.slice(0, 10) ?? 'never',
        ]),
      );

/**
 * Has the root key chosen on the terminal, of those that Key Protect lists; gives its id. Throws `missing-data` where
 * nobody can be asked, and `upstream-refused` where there is none to choose.
 */
export const chooseRootKey = async (context: Context, options: CommonOptions & Access): Promise<string> => {
  const { ask, err } = context.terminal;
  if (!ask) {
    throw new EdgeError('missing-data', 'key-protect needs --crk', {
      hint: "see which root keys there are with 'kmip-edge instance crks'",
    });
  }
  const keys = await call(dataDirectoryOf(options, context), 'instance.crks', keyProtectAccess(options));
  const active = keys.filter(({ state }) => state === 'active');
  if (active.length === 0) {
    throw new EdgeError('upstream-refused', 'the API key sees no active root key in this Key Protect instance', {
      hint: 'create one in Key Protect, preferably from imported material that you keep a backup of',
    });
  }
  err(active.map(({ name, id }, index) => `${index + 1}  ${name ?? 'without a name'}  ${id}`).join('\n'));
  const typed = (await ask(`root key, 1 to ${active.length}: `)).trim();
  const chosen = active[Number(typed) - 1] ?? active.find(({ id, name }) => id === typed || name === typed);
  if (chosen) return chosen.id;
  throw new EdgeError('invalid-field', `there is no root key '${typed}' in the list`);
};
