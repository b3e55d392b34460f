// `kmip-edge client trust-root` and its like: authorities of others, such as vCenter's root CA, and whom they may vouch for.

import type { Command } from 'commander';
import type { RootView } from '../../admin/api/roots.ts';
import {
  askServer,
  type CommonOptions,
  type Context,
  collect,
  readCertificateFile,
  withCommonOptions,
} from '../command.ts';
import { list, validityMark } from '../output.ts';
import { type ClientOptions, named } from './client-options.ts';

interface ListOptions extends ClientOptions {
  readonly subject?: readonly string[];
  readonly keyFingerprint?: readonly string[];
  readonly intermediates?: string;
}

const help = `
A root never stands for all that it signs: name each client, by its whole subject in the order of the certificate ('C=US,
O=Example, CN=vc01.example.com', as the log and 'client list' show it; nothing less matches), or by the SHA-256 fingerprint
of its public key. The log tells both of a client that was turned away. A subject counts while the certificate is valid; a
key on the list is served after its certificate has ended, as a pinned certificate is. Root and intermediates must be valid
either way. Revocation lists are not fetched: take a client off with 'client disallow'.`;

/** Adds the commands to the group `client`. */
export const addRootCommands = (group: Command, context: Context): void => {
  withLists(named(group.command('trust-root')))
    .description("trust a root, such as vCenter's root CA certificate, for the clients on a list")
    .requiredOption('--certificate <file>', 'certificate of the root (PEM or DER)')
    .option(
      '--intermediates <file>',
      'authorities between the root and its clients (PEM), where clients do not send them',
    )
    .addHelpText('after', help)
    .action((options: ListOptions & { readonly certificate: string }) => {
      const { instance, name } = options;
      const certificate = readCertificateFile('certificate', options.certificate);
      return askServer(context, options, 'root.trust', { instance, name, certificate, ...listsOf(options) }, showRoot);
    });

  withLists(named(group.command('allow')))
    .description('add clients to the list of a root')
    .option('--intermediates <file>', 'further authorities between the root and its clients (PEM)')
    .action((options: ListOptions) => {
      const { instance, name } = options;
      return askServer(context, options, 'root.allow', { instance, name, ...listsOf(options) }, showRoot);
    });

  withLists(named(group.command('disallow')))
    .description('take clients off the list of a root; they are cut off at once')
    .action((options: ListOptions) => {
      const { instance, name } = options;
      const { subjects, keyFingerprints } = listsOf(options);
      return askServer(context, options, 'root.disallow', { instance, name, subjects, keyFingerprints }, showRoot);
    });

  withCommonOptions(group.command('roots'))
    .description('list the roots and whom they vouch for')
    .action((options: CommonOptions) =>
      askServer(context, options, 'root.list', {}, (roots) => roots.map(showRoot).join('\n\n') || 'no root is trusted'),
    );

  named(group.command('untrust-root'))
    .description('trust a root no more; its clients are cut off at once, keys stay with the service instance')
    .action((options: ClientOptions) => {
      const { instance, name } = options;
      const show = (root: RootView): string => `root '${root.name}' of '${root.instance}' vouches for nobody any more`;
      return askServer(context, options, 'root.remove', { instance, name }, show);
    });
};

const withLists = (command: Command): Command =>
  command
    .option('--subject <subject>', 'whole subject of a client; may be given several times', collect)
    .option('--key-fingerprint <hex>', "SHA-256 of a client's public key; may be given several times", collect);

const listsOf = ({ subject, keyFingerprint, intermediates }: ListOptions) => ({
  subjects: subject,
  keyFingerprints: keyFingerprint,
  intermediates: intermediates === undefined ? undefined : readCertificateFile('intermediates', intermediates),
});

const showRoot = (root: RootView): string =>
  list([
    ['root', root.name],
    ['instance', root.instance],
    ['subject', root.subject],
    ['SHA-256', root.sha256],
    ['valid until', `${root.notAfter}${validityMark(root)}`],
    ...root.intermediates.map((one) => ['through', `${one.subject}${validityMark(one)}`] as const),
    ...root.subjects.map((subject) => ['vouches for', subject] as const),
    ...root.keyFingerprints.map((fingerprint) => ['vouches for key', fingerprint] as const),
  ]);
