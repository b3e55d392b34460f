// `kmip-edge instance`: service instances.

import type { Command } from 'commander';
import type { InstanceView } from '../../admin/api/instances.ts';
import { formatDuration, parseDuration } from '../../config/duration.ts';
import {
  askServer,
  type CommonOptions,
  type Context,
  nameArgument,
  wholeNumber,
  withCommonOptions,
} from '../command.ts';
import { givenTrust } from '../first-contact.ts';
import { list, printJson, table } from '../output.ts';
import { type KeyProtectOptions, keyProtectSettings, withKeyProtectOptions } from '../upstream-options.ts';
import {
  addEndpointCommands,
  createAtEndpoint,
  type EndpointOptions,
  endpointOf,
  withEndpointOptions,
} from './endpoint.ts';
import { addExportCommands } from './instance-export.ts';
import { addLifeCommands, chooseRootKey, noteLocalLease } from './instance-life.ts';
import { addRemoveCommands } from './instance-remove.ts';
import { addMigrateCommand } from './migrate.ts';
import { addRenewCommand } from './renew-identity.ts';

interface CreateOptions extends CommonOptions, KeyProtectOptions, EndpointOptions {
  readonly upstream: string;
  readonly lease?: string;
}

interface UpdateOptions extends CommonOptions, KeyProtectOptions, EndpointOptions {}

/** Adds the group to `program`. */
export const addInstanceCommands = (program: Command, context: Context): void => {
  const group = program.command('instance').description('service instances: one upstream, its clients and their keys');

  const create = group
    .command('create')
    .argument('<name>', 'name of the service instance: letters, digits, dot, dash, underscore', nameArgument)
    .description('create a service instance; it is checked live against its upstream first')
    .requiredOption('--upstream <kind>', 'local (a root key held here), key-protect, or kmip (a KMIP endpoint)');
  withCommonOptions(withEndpointOptions(withKeyProtectOptions(create)))
    .option('--certificate-out <file>', 'KMIP endpoint: where our client certificate is written (default: NAME.pem)')
    .option(
      '--wait <seconds>',
      'KMIP endpoint: how long to wait until it accepts us (default: 300)',
      wholeNumber(0, 3600),
    )
    .option('--lease <time>', "how long keys are served without the upstream: '72 h', '0 s', 'unlimited'")
    .addHelpText('after', kmipHelp)
    .action((name: string, options: CreateOptions) => createInstance(context, name, options));

  const update = group
    .command('update')
    .argument('<name>', 'name of the service instance', nameArgument)
    .description('change credentials or settings of an upstream; they are tried before they count');
  withCommonOptions(withEndpointOptions(withKeyProtectOptions(update))).action((name: string, options: UpdateOptions) =>
    askServer(context, options, 'instance.update', { name, settings: changesOf(context, options) }, showInstance),
  );

  addEndpointCommands(group, context, showInstance);
  addRenewCommand(group, context);
  addMigrateCommand(group, context);
  addLifeCommands(group, context, showInstance);
  addRemoveCommands(group, context, showInstance);
  addExportCommands(group, context);

  withCommonOptions(group.command('list'))
    .description('list the service instances and how their upstreams are')
    .action((options: CommonOptions) => askServer(context, options, 'instance.list', {}, showInstances));
};

const kmipHelp = `
At a KMIP endpoint our client certificate has to be known: it is made here, printed and saved. With --url, --instance-id,
--crk and --api-key-file of Key Protect, whose API key has the role Manager or KmipAdapterManager, the KMIP adapter is made
and the certificate uploaded as well. Without --fingerprint or --ca-file you are shown what the endpoint presents, and asked.`;

const createInstance = async (context: Context, name: string, options: CreateOptions): Promise<void> => {
  const { upstream } = options;
  const lease = options.lease === undefined ? undefined : parseDuration(options.lease, { unlimited: true });
  if (upstream === 'kmip') {
    const instance = await createAtEndpoint(context, name, options, lease);
    if (options.json) printJson(context.terminal, instance);
    else context.terminal.out(showInstance(instance));
    return;
  }
  const asks = upstream === 'key-protect' && options.crk === undefined;
  const crk = asks ? { crk: await chooseRootKey(context, options) } : {};
  const settings = { ...keyProtectSettings(options), ...crk };
  await askServer(context, options, 'instance.create', { name, upstream, settings, lease }, showInstance);
  if (lease !== undefined) noteLocalLease(context, upstream);
};

/** Only what was given changes. */
const changesOf = (context: Context, options: UpdateOptions): Record<string, unknown> => {
  const named = options.region !== undefined || options.address !== undefined || options.fingerprint !== undefined;
  if (!named) return keyProtectSettings(options);
  const endpoint =
    options.region === undefined && options.address === undefined ? {} : { endpoint: endpointOf(options) };
  const trust = givenTrust(context, options);
  return { ...endpoint, ...trust };
};

/** One instance in full. */
export const showInstance = (instance: InstanceView): string =>
  list([
    ['instance', instance.name],
    ['upstream', upstreamText(instance)],
    ['root key', rootKeyText(instance)],
    ['lease', leaseText(instance)],
    ['serving', servingText(instance)],
    ['keys', keysText(instance)],
    ['clients', String(instance.clients)],
    ...instance.alarms.map((alarm) => ['ALARM', alarm] as const),
  ]);

const showInstances = (instances: readonly InstanceView[]): string => {
  const alarms = instances.flatMap(({ name, alarms: all }) => all.map((alarm) => `ALARM ${name}: ${alarm}`));
  return [instanceTable(instances), ...alarms].join('\n');
};

const instanceTable = (instances: readonly InstanceView[]): string =>
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

const servingText = ({ life, serving, removal }: InstanceView): string => {
  if (life === 'suspended') return 'NO: it is suspended';
  if (life === 'removal-pending') return `NO: it is removed, and erased about ${removal?.until ?? 'now'}`;
  if (life === 'erasing') return 'NO: it is being erased';
  return serving ? 'yes' : 'NO: stored keys are not served without the upstream now';
};

const keysText = ({ keys, keysByState }: InstanceView): string => {
  const states = keysByState.map(({ state, keys: count }) => `${count} ${state}`).join(', ');
  return states === '' ? String(keys) : `${keys}: ${states}`;
};

const upstreamText = ({ upstream, upstreamState, problem }: InstanceView): string =>
  problem === undefined ? `${upstream}, ${upstreamState}` : `${upstream}, ${upstreamState}: ${problem}`;

const rootKeyText = ({ rootKey }: InstanceView): string =>
  rootKey.name === undefined ? rootKey.state : `${rootKey.name}, ${rootKey.state}`;

const leaseText = ({ lease: { term, remaining } }: InstanceView): string => {
  if (term === 'unlimited') return 'unlimited';
  return `${typeof remaining === 'number' ? formatDuration(Math.floor(remaining / 1000) * 1000) : remaining} left of ${formatDuration(term)}`;
};
