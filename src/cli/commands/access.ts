// `kmip-edge password` and `kmip-edge token`: how people and programs sign in to the web page and the management API.

import { type Command, InvalidArgumentError } from 'commander';
import type { TokenView } from '../../admin/api/access.ts';
import { routes } from '../../admin/api/table.ts';
import { parseDuration } from '../../config/duration.ts';
import { EdgeError } from '../../errors.ts';
import {
  askServer,
  type CommonOptions,
  type Context,
  nameArgument,
  readSecret,
  secretAsker,
  withCommonOptions,
} from '../command.ts';
import { list, table } from '../output.ts';

const { lifetime, role: roleRow } = routes['token.create'].input.properties;
const day = 24 * 60 * 60_000;

/** Adds the commands to `program`. */
export const addAccessCommands = (program: Command, context: Context): void => {
  const password = program.command('password').description('the administrator password of the web page');
  withCommonOptions(password.command('set'))
    .description('set the administrator password, at least 12 characters; everybody who is signed in is signed out')
    .option('--file <file>', 'file that holds the password (default: ask for it)')
    .action(async (options: CommonOptions & { readonly file?: string }) =>
      askServer(
        context,
        options,
        'password.set',
        { password: options.file === undefined ? await askTwice(context) : readSecret('password', options.file) },
        () => 'the administrator password is set; whoever was signed in has to sign in again',
      ),
    );

  const token = program.command('token').description('tokens with which programs use the management API');
  withCommonOptions(token.command('create'))
    .argument('<name>', 'name of the token', nameArgument)
    .description('make a token and show it, once')
    .requiredOption('--role <role>', roleRow.enum.join(', '), roleArgument)
    .requiredOption('--expires <duration>', "how long it counts, such as '90 d', at most 1825 d", lifetimeArgument)
    .action((name: string, { role, expires, ...options }: CreateOptions) =>
      askServer(context, options, 'token.create', { name, role, lifetime: expires }, (made) =>
        [
          list([
            ['token', made.token],
            ['role', made.role],
            ['ends', made.expiresAt],
          ]),
          'It is not shown again. Programs send it as: Authorization: Bearer TOKEN',
        ].join('\n'),
      ),
    );

  withCommonOptions(token.command('list'))
    .description('list the tokens, when they end and when each was last used')
    .action((options: CommonOptions) => askServer(context, options, 'token.list', {}, showTokens));

  withCommonOptions(token.command('revoke'))
    .argument('<name>', 'name of the token', nameArgument)
    .description('take a token away at once')
    .action((name: string, options: CommonOptions) =>
      askServer(context, options, 'token.revoke', { name }, (gone) => `token '${gone.name}' is revoked`),
    );
};

type TokenRole = (typeof roleRow.enum)[number];

interface CreateOptions extends CommonOptions {
  readonly role: TokenRole;
  readonly expires: number;
}

const roleArgument = (text: string): TokenRole => {
  const role = roleRow.enum.find((one) => one === text);
  if (role) return role;
  throw new InvalidArgumentError(`It must be one of ${roleRow.enum.join(', ')}.`);
};

/** Milliseconds. */
const lifetimeArgument = (text: string): number => {
  const ms = durationOf(text);
  if (ms >= lifetime.minimum && ms <= lifetime.maximum) return ms;
  throw new InvalidArgumentError(`A duration from '1 min' to '${lifetime.maximum / day} d' is needed, such as '90 d'.`);
};

const durationOf = (text: string): number => {
  try {
    return Number(parseDuration(text));
  } catch {
    return Number.NaN;
  }
};

const askTwice = async (context: Context): Promise<string> => {
  const ask = secretAsker(context, 'password');
  const first = await ask('New administrator password: ');
  const second = await ask('The same again: ');
  if (first === second) return first;
  throw new EdgeError('invalid-field', 'the two passwords are not the same');
};

const showTokens = (tokens: readonly TokenView[]): string =>
  table(
    ['name', 'role', 'ends', 'last used', 'made by'],
    tokens.map(({ name, role, expiresAt, state, lastUsedAt, createdBy }) => [
      name,
      role,
      `${expiresAt.slice(0, 10)}${state === 'ended' ? ' HAS ENDED' : ''}`,
      lastUsedAt ?? 'never',
      createdBy,
    ]),
  );
