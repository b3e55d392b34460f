// `kmip-edge key`: looking for stored keys, all about one, and revoking or destroying it. Key bytes are never shown.

import { type Command, Option } from 'commander';
import { call } from '../../admin/api/client.ts';
import type { KeyDetail, KeyView } from '../../admin/api/keys.ts';
import { type Input, routes } from '../../admin/api/table.ts';
import { counted } from '../../counted.ts';
import { EdgeError } from '../../errors.ts';
import {
  askServer,
  type CommonOptions,
  type Context,
  dataDirectoryOf,
  nameArgument,
  wholeNumber,
  withCommonOptions,
} from '../command.ts';
import { list, printJson, table } from '../output.ts';

type Wanted = Omit<Input['key.list'], 'limit' | 'cursor'>;
interface ListOptions extends CommonOptions, Wanted {
  readonly limit?: number;
}
interface RevokeOptions extends CommonOptions {
  readonly reason: Input['key.revoke']['reason'];
  readonly message?: string;
}

const { properties } = routes['key.list'].input;
const reasons = routes['key.revoke'].input.properties.reason.enum;
const defaultLimit = 1000;
const mostKeys = 100_000;
const pageLimit = properties.limit.maximum;

const listHelp = `
All that is given has to fit. vCenter writes the host or virtual machine into x-Name, and which of both it is into
x-Component; --name looks into both Name and x-Name.

  kmip-edge key list --instance prod --name esx-01.example.com
  kmip-edge key list --attribute 'x-Component=Virtual Machine' --state Active
  kmip-edge key list --client vcenter --json`;

/** Adds the group to `program`. */
export const addKeyCommands = (program: Command, context: Context): void => {
  const group = program.command('key').description('stored keys; key bytes are never shown');
  const withUid = (name: string): Command =>
    withCommonOptions(group.command(name)).argument('<uid>', 'unique identifier of the key');

  withCommonOptions(group.command('list'))
    .description('list stored keys, oldest first')
    .option('--instance <name>', 'of this service instance only', nameArgument)
    .option('--uid <uid>', 'the key with this unique identifier')
    .option('--name <text>', 'whose Name or x-Name this is')
    .option('--attribute <name=value>', 'that have this attribute with exactly this text')
    .addOption(new Option('--state <state>', 'in this State').choices(properties.state.enum))
    .option('--client <name>', 'last fetched by this client')
    .option('--limit <number>', `at most so many (default: ${defaultLimit})`, wholeNumber(1, mostKeys))
    .addHelpText('after', listHelp)
    .action((options: ListOptions) => listKeys(context, options));

  withUid('show')
    .description('show everything about a key but its bytes')
    .action((uid: string, options: CommonOptions) => askServer(context, options, 'key.show', { uid }, showKey));

  withUid('revoke')
    .description('revoke a key, as KMIP has it: clients do not encrypt with it any more, and can fetch it still')
    .addOption(new Option('--reason <reason>', 'why').choices(reasons).makeOptionMandatory())
    .option('--message <text>', 'in your own words')
    .action((uid: string, { reason, message, ...options }: RevokeOptions) =>
      askServer(context, options, 'key.revoke', { uid, reason, message }, showKey),
    );

  withUid('destroy')
    .description('erase the material of a key for good; an Active key has to be revoked first')
    .option('--confirm <uid>', 'its identifier once more, instead of being asked for it')
    .action((uid: string, options: CommonOptions & { readonly confirm?: string }) => destroy(context, uid, options));
};

const listKeys = async (context: Context, options: ListOptions): Promise<void> => {
  const { data: _, json, limit = defaultLimit, ...wanted } = options;
  const directory = dataDirectoryOf(options, context);
  const keys: KeyView[] = [];
  let total = 0;
  let cursor: string | undefined;
  do {
    const room = Math.min(limit - keys.length, pageLimit);
    const page = await call(directory, 'key.list', { ...wanted, limit: room, cursor });
    keys.push(...page.keys);
    ({ total, next: cursor } = page);
  } while (cursor !== undefined && keys.length < limit);
  if (json) printJson(context.terminal, { keys, total, ...(cursor === undefined ? {} : { next: cursor }) });
  else context.terminal.out(`${keyTable(keys)}\n${footer(keys.length, total, cursor !== undefined)}`);
};

const footer = (shown: number, total: number, more: boolean): string =>
  `${shown} of ${counted(total, 'key')}${more ? '; there may be more that fit: raise --limit' : ''}`;

const keyTable = (keys: readonly KeyView[]): string =>
  table(
    ['uid', 'state', 'algorithm', 'instance', 'created', 'last fetched', 'by', 'names'],
    keys.map((key) => [
      key.uid,
      key.state,
      `${key.algorithm}-${key.length}`,
      key.instance,
      key.initialDate,
      key.fetchedAt ?? '',
      key.fetchedBy ?? '',
      key.names.join(', '),
    ]),
  );

const showKey = (key: KeyDetail): string =>
  list([
    ['key', key.uid],
    ['instance', `${key.instance} (${key.upstream})`],
    ['state', key.state],
    ['kind', `${key.objectType}, ${key.algorithm}-${key.length}, for ${key.usage.join(', ')}`],
    ['created', key.initialDate],
    ...dates.flatMap(([name, field]) => (key[field] === undefined ? [] : [[name, key[field]] as const])),
    ...(key.revocation ? [['revoked', revocationText(key.revocation)] as const] : []),
    ['last change', key.lastChangeDate],
    ['last fetched', key.fetchedAt === undefined ? 'not known' : `${key.fetchedAt} by client '${key.fetchedBy}'`],
    ...key.attributes.map(({ name, index, value }) => [index === 0 ? name : `${name} ${index}`, value] as const),
  ]);

const dates = [
  ['activation', 'activationDate'],
  ['process start', 'processStartDate'],
  ['protect stop', 'protectStopDate'],
  ['deactivation', 'deactivationDate'],
  ['compromise', 'compromiseDate'],
  ['compromised since', 'compromiseOccurrenceDate'],
  ['destroyed', 'destroyDate'],
  ['missing since', 'missingSince'],
] as const satisfies readonly (readonly [string, keyof KeyDetail])[];

const revocationText = ({ reason, message }: NonNullable<KeyDetail['revocation']>): string =>
  message === undefined ? reason : `${reason}: ${message}`;

const destroy = async (
  context: Context,
  uid: string,
  options: CommonOptions & { readonly confirm?: string },
): Promise<void> => {
  const { terminal } = context;
  const directory = dataDirectoryOf(options, context);
  terminal.err(`${showKey(await call(directory, 'key.show', { uid }))}\n`);
  terminal.err('what is encrypted with this key, and nothing else, cannot be opened by anybody once it is destroyed.');
  const confirm = options.confirm ?? (await typedUid(context, uid));
  await askServer(context, options, 'key.destroy', { uid, confirm }, (key) => `key ${key.uid} is ${key.state}`);
};

const typedUid = async ({ terminal }: Context, uid: string): Promise<string> => {
  if (!terminal.ask) {
    throw new EdgeError('missing-data', `destroying key '${uid}' has to be confirmed`, {
      hint: `add --confirm ${uid}`,
    });
  }
  const typed = (await terminal.ask('type the unique identifier to destroy the key: ')).trim();
  if (typed === uid) return typed;
  throw new EdgeError('invalid-field', `'${typed}' is not '${uid}': nothing was done`);
};
