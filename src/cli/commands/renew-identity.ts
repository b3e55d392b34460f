// `kmip-edge instance renew-identity`: another key and certificate by which a KMIP endpoint is to know us, made beside the
// ones in use and put in their place when the endpoint takes them. Every step can be repeated: the command goes on where it
// was left.

import type { Command } from 'commander';
import { call } from '../../admin/api/client.ts';
import type { AdapterPlace, IdentityView, RenewalView } from '../../admin/api/renewals.ts';
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
import { list, printJson } from '../output.ts';
import { defaultWait, saveCertificate, untilAccepted } from './endpoint.ts';
import { type Access, keyProtectAccess } from './instance-life.ts';

interface RenewOptions extends CommonOptions, Access {
  readonly certificateOut?: string;
  readonly wait?: number;
  readonly abandon?: boolean;
  readonly state?: boolean;
}

const help = `
With --url, --instance-id and --api-key-file of Key Protect, whose API key has the role Manager or KmipAdapterManager, the new
certificate is uploaded to the KMIP adapter that has the one in use, and the former one is taken off it afterwards. Without
them you do both by hand, and are told when. The certificate in use stays so until the endpoint takes the new one, which is
then used in one step: no request is refused. After an interruption or a failure repeat the command, and it goes on; --abandon
gives the new one up.`;

/** Adds the command to the group. */
export const addRenewCommand = (group: Command, context: Context): void => {
  withCommonOptions(group.command('renew-identity'))
    .argument('<name>', 'name of the service instance', nameArgument)
    .description('renew the client certificate by which the KMIP endpoint of an instance knows us')
    .option('--url <url>', 'Key Protect: a region such as us-south or private.us-south, or the URL of an endpoint')
    .option('--instance-id <guid>', 'Key Protect: GUID of the Key Protect instance')
    .option('--api-key-file <file>', 'Key Protect: file that holds an API key')
    .option('--iam-url <url>', 'Key Protect: IAM endpoint (default: the one that goes with the region)')
    .option('--ca-file <file>', "Key Protect: CA bundle to trust instead of the system's (PEM)")
    .option('--certificate-out <file>', 'where the new certificate is written (default: NAME-XXXXXXXX.pem)')
    .option('--wait <seconds>', 'how long to wait until it is accepted (default: 300)', wholeNumber(0, 3600))
    .option('--state', 'show how far a renewal is, and do nothing')
    .option('--abandon', 'erase the new key and certificate, which are not in use yet')
    .addHelpText('after', help)
    .action(async (name: string, options: RenewOptions) => {
      if (options.state && options.abandon) {
        throw new EdgeError('invalid-field', '--state and --abandon cannot be given together');
      }
      if (options.state) await askServer(context, options, 'renewal.state', { name }, showRenewal);
      else if (options.abandon) await abandon(context, name, options);
      else await renew(context, name, options);
    });
};

const accessOf = ({ url, iamUrl, instanceId, apiKeyFile, caFile }: RenewOptions) => {
  const given = { url, iamUrl, instanceId, apiKeyFile, caFile };
  const asked = Object.values(given).some((value) => value !== undefined);
  return asked ? keyProtectAccess(given as Access) : undefined;
};

const renew = async (context: Context, name: string, options: RenewOptions): Promise<void> => {
  const { terminal } = context;
  const data = dataDirectoryOf(options, context);
  const access = accessOf(options);
  const begun = await call(data, 'renewal.begin', { name });
  if (begun.next) {
    await bringIn(context, data, begun, begun.next, options);
    terminal.err('The endpoint takes the new certificate, and it is in use now.');
  }
  const { former } = await call(data, 'renewal.state', { name });
  if (former) {
    if (access) terminal.err(offText(await call(data, 'renewal.remove', { name, ...access }), former));
    else terminal.err(`${byHand(former)}: it is of no use any more.`);
  }
  const ended = await call(data, 'renewal.finish', { name });
  terminal.err("Backups from before hold the former key: make a new one ('kmip-edge backup FILE').");
  if (options.json) printJson(terminal, ended);
  else terminal.out(showRenewal(ended));
};

/** Has the new certificate known at the endpoint, and put in use. */
const bringIn = async (
  context: Context,
  data: string,
  { name }: RenewalView,
  next: IdentityView,
  options: RenewOptions,
): Promise<void> => {
  const { terminal } = context;
  const access = accessOf(options);
  const file = options.certificateOut ?? `${name}-${plain(next).slice(0, 8)}.pem`;
  saveCertificate(file, next.certificatePem);
  terminal.err(`The new certificate (SHA-256 ${next.sha256}) is in ${file}:\n${next.certificatePem.trim()}`);
  try {
    if (access) {
      const { adapterName, adapterId } = await call(data, 'renewal.upload', { name, ...access });
      terminal.err(`KMIP adapter ${adapterName} (${adapterId}) has the certificate now.`);
    } else {
      terminal.err(
        `Upload ${file} now to where the one in use is: in Key Protect to the same KMIP adapter (KMIP adapters, Certificates),\n` +
          'in VMware Solutions to the same KMIP for VMware instance. Leave the one in use there. This command waits until the new\n' +
          'one is accepted; it can be repeated.',
      );
    }
    await untilAccepted(context, options.wait ?? defaultWait, () => call(data, 'renewal.switch', { name }));
  } catch (error) {
    terminal.err(
      'The certificate in use stays so. Repeat the command to go on, or give the new one up with --abandon.',
    );
    throw error;
  }
};

const abandon = async (context: Context, name: string, options: RenewOptions): Promise<void> => {
  const { terminal } = context;
  const data = dataDirectoryOf(options, context);
  const access = accessOf(options);
  const { next } = await call(data, 'renewal.state', { name });
  // First what needs somebody else: repeating the command is then possible.
  if (next && access) terminal.err(offText(await call(data, 'renewal.remove', { name, ...access }), next));
  const ended = await call(data, 'renewal.abandon', { name });
  if (next && !access) terminal.err(`${byHand(next)}, if it is there already.`);
  if (options.json) printJson(terminal, ended);
  else terminal.out(showRenewal(ended));
};

/** Of a fingerprint, as names in Key Protect have it. */
const plain = ({ sha256 }: IdentityView): string => sha256.replaceAll(':', '').toLowerCase();

/** Under this name we upload a certificate to Key Protect. */
const byHand = (identity: IdentityView): string =>
  `Now delete the certificate with the SHA-256 fingerprint ${identity.sha256} where it was uploaded\n` +
  `(in Key Protect it is called edge-${plain(identity).slice(0, 32)} where kmip-edge uploaded it)`;

const offText = ({ adapter }: { readonly adapter?: AdapterPlace }, { sha256 }: IdentityView): string =>
  adapter === undefined
    ? `No KMIP adapter of this Key Protect instance has the certificate ${sha256}.`
    : `The certificate ${sha256} is off KMIP adapter ${adapter.adapterName} (${adapter.adapterId}).`;

const states: Readonly<Record<RenewalView['state'], string>> = {
  none: 'none under way',
  waiting: 'the new certificate is not in use yet',
  switched: 'the new certificate is in use, the former one may still be known there',
};

const showRenewal = ({ name, state, inUse, next, former }: RenewalView): string => {
  const identity = (what: string, shown: IdentityView | undefined): readonly (readonly [string, string])[] =>
    shown ? [[what, `SHA-256 ${shown.sha256}, ends ${shown.notAfter.slice(0, 10)}`]] : [];
  return list([
    ['instance', name],
    ['renewal', states[state]],
    ...identity('in use', inUse),
    ...identity('new', next),
    ...identity('former', former),
  ]);
};
