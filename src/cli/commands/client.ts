// `kmip-edge client`: whose certificates may use a service instance.

import type { Command } from 'commander';
import { call } from '../../admin/api/client.ts';
import type { ClientView } from '../../admin/api/clients.ts';
import { routes } from '../../admin/api/table.ts';
import { requireFree, writeClientFiles } from '../client-files.ts';
import {
  askServer,
  type CommonOptions,
  type Context,
  dataDirectoryOf,
  nameArgument,
  readInput,
  wholeNumber,
  withCommonOptions,
} from '../command.ts';
import { list, printJson, table, validityMark } from '../output.ts';

interface ClientOptions extends CommonOptions {
  readonly instance: string;
  readonly name: string;
}

const daysHelp = `
A client is known by its very certificate, so it is served even after that has ended: keys must be there when hosts boot.
Clients themselves may refuse to use one that has ended; 'client list' and 'status' tell 30 days before. To take access
away use 'client remove'.`;

const { days } = routes['client.issue'].input.properties;

/** Adds the group to `program`. */
export const addClientCommands = (program: Command, context: Context): void => {
  const group = program.command('client').description('client certificates: who may use a service instance');

  named(group.command('add'))
    .description('admit a certificate, such as the one that vCenter shows under Trust, vCenter Certificate')
    .requiredOption('--certificate <file>', 'the certificate (PEM)')
    .action((options: ClientOptions & { readonly certificate: string }) => {
      const { instance, name } = options;
      const certificate = readInput('certificate', options.certificate);
      return askServer(context, options, 'client.add', { instance, name, certificate }, showClient);
    });

  named(group.command('issue'))
    .description('make a key pair and certificate for a client and admit it')
    .requiredOption('--out <dir>', 'where client.key, client.pem and ca.pem are written')
    .option(
      '--days <number>',
      'how long its certificate runs (default: 3650); see below',
      wholeNumber(days.minimum, days.maximum),
    )
    .addHelpText('after', daysHelp)
    .action((options: ClientOptions & { readonly out: string; readonly days?: number }) => issue(context, options));

  withCommonOptions(group.command('list'))
    .description('list the clients of all service instances')
    .action((options: CommonOptions) => askServer(context, options, 'client.list', {}, showClients));

  named(group.command('remove'))
    .description("take a client's access away at once; keys stay with the service instance")
    .action((options: ClientOptions) => {
      const { instance, name } = options;
      const show = (client: ClientView): string =>
        `client '${client.name}' of '${client.instance}' has no access any more`;
      return askServer(context, options, 'client.remove', { instance, name }, show);
    });
};

const named = (command: Command): Command =>
  withCommonOptions(command)
    .requiredOption('--instance <name>', 'service instance', nameArgument)
    .requiredOption('--name <name>', 'name of the client', nameArgument);

const issue = async (
  context: Context,
  options: ClientOptions & { readonly out: string; readonly days?: number },
): Promise<void> => {
  const { instance, name, out, days } = options;
  requireFree(out);
  const issued = await call(dataDirectoryOf(options, context), 'client.issue', { instance, name, days });
  writeClientFiles(out, issued);
  if (options.json) printJson(context.terminal, { ...issued.client, out });
  else context.terminal.out(`${showClient(issued.client)}\nwrote ${out}/client.key, client.pem and ca.pem`);
};

const showClient = (client: ClientView): string =>
  list([
    ['client', client.name],
    ['instance', client.instance],
    ['subject', client.subject],
    ['SHA-256', client.sha256],
    ['SHA-1', client.sha1],
    ['valid until', `${client.notAfter}${validityMark(client.validity)}`],
  ]);

const showClients = (clients: readonly ClientView[]): string =>
  table(
    ['instance', 'name', 'valid until', 'SHA-1', 'subject'],
    clients.map(({ instance, name, notAfter, validity, sha1, subject }) => [
      instance,
      name,
      `${notAfter.slice(0, 10)}${validityMark(validity)}`,
      sha1,
      subject,
    ]),
  );
