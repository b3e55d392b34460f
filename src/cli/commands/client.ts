// `kmip-edge client`: whose certificates may use a service instance.

import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { call } from '../../admin/api/client.ts';
import type { ClientView } from '../../admin/api/clients.ts';
import { routes } from '../../admin/api/table.ts';
import { EdgeError, messageOf } from '../../errors.ts';
import { requireFree, writeClientFiles } from '../client-files.ts';
import {
  askServer,
  type CommonOptions,
  type Context,
  dataDirectoryOf,
  readCertificateFile,
  readInput,
  wholeNumber,
  withCommonOptions,
} from '../command.ts';
import { list, printJson, table, validityMark } from '../output.ts';
import { type ClientOptions, named } from './client-options.ts';
import { addRootCommands } from './client-root.ts';

interface SignOptions extends ClientOptions {
  readonly csr: string;
  readonly out: string;
  readonly days?: number;
  readonly keepOld?: boolean;
}

const daysHelp = `
A client is known by its very certificate, so it is served even after that has ended: keys must be there when hosts boot.
Clients themselves may refuse to use one that has ended; 'client list' and 'status' tell 60 days before. To take access
away use 'client remove'.`;

const signHelp = `
The certificate gets our own subject and purposes; of the request only the key counts (RSA from 2048 bits, EC on P-256 or
P-384), and it must be signed by that key. A newer request for the same client replaces the older one: what was signed
before stops at once, or with --keep-old when you say 'client drop-old', so that hosts can change one after the other.`;

const { days } = routes['client.issue'].input.properties;

/** Adds the group to `program`. */
export const addClientCommands = (program: Command, context: Context): void => {
  const group = program.command('client').description('client certificates: who may use a service instance');

  named(group.command('add'))
    .description('admit a certificate, such as the one that vCenter shows under Trust, vCenter Certificate')
    .requiredOption('--certificate <file>', 'the certificate (PEM or DER); of a chain the first')
    .action((options: ClientOptions & { readonly certificate: string }) => {
      const { instance, name } = options;
      const certificate = readCertificateFile('certificate', options.certificate);
      return askServer(context, options, 'client.add', { instance, name, certificate }, showClient);
    });

  withDays(named(group.command('issue')))
    .description('make a key pair and certificate for a client and admit it')
    .requiredOption('--out <dir>', 'where client.key, client.pem and ca.pem are written')
    .addHelpText('after', daysHelp)
    .action((options: ClientOptions & { readonly out: string; readonly days?: number }) => issue(context, options));

  withDays(named(group.command('sign')))
    .description('sign the request that vCenter makes under Trust, New Certificate Signing Request, and admit it')
    .requiredOption('--csr <file>', 'the signing request (PEM)')
    .requiredOption('--out <file>', 'where the signed certificate is written')
    .option('--keep-old', "admit the certificate before too, until 'client drop-old'")
    .addHelpText('after', signHelp)
    .action((options: SignOptions) => sign(context, options));

  named(group.command('drop-old'))
    .description('admit the certificate that a client had before no more, at once')
    .action((options: ClientOptions) => {
      const { instance, name } = options;
      return askServer(context, options, 'client.drop-old', { instance, name }, showClient);
    });

  named(group.command('certificate'))
    .description('print the certificate of a client')
    .action((options: ClientOptions) => {
      const { instance, name } = options;
      const show = ({ certificatePem }: { readonly certificatePem: string }): string => certificatePem.trimEnd();
      return askServer(context, options, 'client.certificate', { instance, name }, show);
    });

  withCommonOptions(group.command('list'))
    .description('list the clients of all service instances, and whom their roots admitted')
    .action((options: CommonOptions) => askServer(context, options, 'client.list', {}, showClients));

  named(group.command('remove'))
    .description("take a client's access away at once; keys stay with the service instance")
    .action((options: ClientOptions) => {
      const { instance, name } = options;
      const show = (client: ClientView): string =>
        `client '${client.name}' of '${client.instance}' has no access any more`;
      return askServer(context, options, 'client.remove', { instance, name }, show);
    });

  addRootCommands(group, context);
};

const withDays = (command: Command): Command =>
  command.option(
    '--days <number>',
    'how long its certificate runs (default: 3650); see below',
    wholeNumber(days.minimum, days.maximum),
  );

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

/** What was signed can be had again, so a file that is there is no loss. */
const sign = async (context: Context, options: SignOptions): Promise<void> => {
  const { instance, name, out, days, keepOld } = options;
  const request = readInput('signing request', options.csr);
  const wanted = { instance, name, request, days, keepOld };
  const { client, certificatePem } = await call(dataDirectoryOf(options, context), 'client.sign', wanted);
  try {
    writeFileSync(out, certificatePem, { flush: true });
  } catch (error) {
    throw new EdgeError(
      'invalid-field',
      `the certificate is signed, but cannot be written to ${out}: ${messageOf(error)}`,
      {
        hint: `have it with: kmip-edge client certificate --instance ${instance} --name ${name}`,
      },
    );
  }
  if (options.json) printJson(context.terminal, { ...client, out });
  else
    context.terminal.out(
      `${showClient(client)}\nwrote ${out}: upload it to vCenter, Trust, Upload Signed CSR Certificate`,
    );
};

const showClient = (client: ClientView): string =>
  list([
    ['client', client.name],
    ['instance', client.instance],
    ['trust', client.trust],
    ['subject', client.subject],
    ['SHA-256', client.sha256],
    ['SHA-1', client.sha1],
    ['valid until', `${client.notAfter}${validityMark(client)}`],
    ...(client.former ? [['admitted too', `the certificate before, SHA-1 ${client.former.sha1}`] as const] : []),
  ]);

const showClients = (clients: readonly ClientView[]): string =>
  table(
    ['instance', 'name', 'trust', 'valid until', 'SHA-1', 'subject', 'seen'],
    clients.map((client) => [
      client.instance,
      client.name,
      client.former ? `${client.trust}, and the one before` : client.trust,
      `${client.notAfter.slice(0, 10)}${validityMark(client)}`,
      client.sha1,
      client.subject,
      client.lastSeen === undefined ? '' : `${client.lastSeen.slice(0, 16)} ${client.address ?? ''}`,
    ]),
  );
