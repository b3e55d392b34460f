// `kmip-edge instance`: service instances.

import type { Command } from 'commander';
import type { InstanceView } from '../../admin/api.ts';
import { formatDuration, parseDuration } from '../../config/duration.ts';
import {
  askServer,
  type CommonOptions,
  type Context,
  nameArgument,
  readInput,
  readSecret,
  withCommonOptions,
} from '../command.ts';
import { list, table } from '../output.ts';
import { addMigrateCommand } from './migrate.ts';

interface CreateOptions extends CommonOptions {
  readonly upstream: string;
  readonly url?: string;
  readonly iamUrl?: string;
  readonly instanceId?: string;
  readonly crk?: string;
  readonly apiKeyFile?: string;
  readonly keyRing?: string;
  readonly caFile?: string;
  readonly aad: boolean;
  readonly lease?: string;
}

/** Adds the group to `program`. */
export const addInstanceCommands = (program: Command, context: Context): void => {
  const group = program.command('instance').description('service instances: one upstream, its clients and their keys');

  withCommonOptions(group.command('create'))
    .argument('<name>', 'name of the service instance: letters, digits, dot, dash, underscore', nameArgument)
    .description('create a service instance; it is checked live against its upstream first')
    .requiredOption('--upstream <kind>', 'local (a root key held here) or key-protect')
    .option('--url <url>', 'Key Protect: a region such as us-south or private.us-south, or the URL of an endpoint')
    .option('--iam-url <url>', 'Key Protect: IAM endpoint (default: the one that goes with the region)')
    .option('--instance-id <guid>', 'Key Protect: GUID of the Key Protect instance')
    .option('--crk <id>', 'Key Protect: identifier or alias of the customer root key')
    .option('--api-key-file <file>', 'Key Protect: file that holds an API key with the service role Reader')
    .option('--key-ring <id>', 'Key Protect: key ring of the root key')
    .option('--ca-file <file>', "Key Protect: CA bundle to trust instead of the system's (PEM)")
    .option('--no-aad', 'Key Protect: do not bind wrapped keys to their identifiers (endpoints without AAD)')
    .option('--lease <time>', "how long keys are served without the upstream: '72 h', '0 s', 'unlimited'")
    .action((name: string, options: CreateOptions) =>
      askServer(
        context,
        options,
        'instance.create',
        {
          name,
          upstream: options.upstream,
          settings: settingsOf(options),
          lease: options.lease === undefined ? undefined : parseDuration(options.lease, { unlimited: true }),
        },
        showInstance,
      ),
    );

  addMigrateCommand(group, context);

  withCommonOptions(group.command('list'))
    .description('list the service instances and how their upstreams are')
    .action((options: CommonOptions) => askServer(context, options, 'instance.list', {}, showInstances));
};

const settingsOf = (options: CreateOptions): Record<string, unknown> => {
  const { url, iamUrl, instanceId, crk, keyRing, apiKeyFile, caFile } = options;
  const given = {
    url,
    iamUrl,
    instanceId,
    crk,
    keyRing,
    apiKey: apiKeyFile === undefined ? undefined : readSecret('API key', apiKeyFile),
    caBundle: caFile === undefined ? undefined : readInput('CA bundle', caFile),
    aad: options.aad ? undefined : false,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
};

/** One instance in full. */
export const showInstance = (instance: InstanceView): string =>
  list([
    ['instance', instance.name],
    ['upstream', upstreamText(instance)],
    ['root key', rootKeyText(instance)],
    ['lease', leaseText(instance)],
    ['serving', instance.serving ? 'yes' : 'NO: stored keys are not served without the upstream now'],
    ['keys', String(instance.keys)],
    ['clients', String(instance.clients)],
  ]);

const showInstances = (instances: readonly InstanceView[]): string =>
  table(
    ['name', 'upstream', 'root key', 'lease', 'keys', 'clients'],
    instances.map((instance) => [
      instance.name,
      upstreamText(instance),
      rootKeyText(instance),
      leaseText(instance),
      String(instance.keys),
      String(instance.clients),
    ]),
  );

const upstreamText = ({ upstream, upstreamState, problem }: InstanceView): string =>
  problem === undefined ? `${upstream}, ${upstreamState}` : `${upstream}, ${upstreamState}: ${problem}`;

const rootKeyText = ({ rootKey }: InstanceView): string =>
  rootKey.name === undefined ? rootKey.state : `${rootKey.name}, ${rootKey.state}`;

const leaseText = ({ lease: { term, remaining } }: InstanceView): string => {
  if (term === 'unlimited') return 'unlimited';
  return `${typeof remaining === 'number' ? formatDuration(Math.floor(remaining / 1000) * 1000) : remaining} left of ${formatDuration(term)}`;
};
