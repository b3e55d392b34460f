// `kmip-edge certificate`: the certificate that vCenter trusts this server by, and the next one.

import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import type { CertificatesView, EndingView, ServerCertificateView } from '../../admin/api/certificates.ts';
import { call } from '../../admin/api/client.ts';
import { type Input, routes } from '../../admin/api/table.ts';
import { EdgeError, messageOf } from '../../errors.ts';
import {
  askServer,
  type CommonOptions,
  type Context,
  collect,
  dataDirectoryOf,
  readCertificateFile,
  readInput,
  readSecret,
  wholeNumber,
  withCommonOptions,
} from '../command.ts';
import { list, printJson, validityMark } from '../output.ts';

type KeyType = NonNullable<Input['certificate.renew']['keyType']>;

interface ShowOptions extends CommonOptions {
  readonly out?: string;
}

interface RenewOptions extends CommonOptions {
  readonly name?: readonly string[];
  readonly key?: KeyType;
  readonly days?: number;
  readonly newAuthority?: boolean;
}

interface RequestOptions extends CommonOptions, Pick<RenewOptions, 'name' | 'key'> {
  readonly out: string;
  readonly commonName?: string;
  readonly country?: string;
  readonly state?: string;
  readonly locality?: string;
  readonly organization?: string;
  readonly organizationalUnit?: string;
}

interface ImportOptions extends CommonOptions {
  readonly pkcs12?: string;
  readonly certificate?: string;
  readonly privateKey?: string;
  readonly chain?: string;
  readonly passphraseFile?: string;
}

const help = `
vCenter trusts the very certificate that it was shown. So the next one is made beside the one in service, and 'certificate show
--out FILE' writes it; have vCenter trust it (Key Providers, the server, Establish Trust, Upload KMS Certificate), then
'certificate activate' puts it into service.`;

const largestPkcs12 = 128 * 1024;
const renewal = routes['certificate.renew'].input.properties;
/** Adds the group to `program`. */
export const addCertificateCommands = (program: Command, context: Context): void => {
  const group = program
    .command('certificate')
    .description('the server certificate that vCenter trusts, and the next one')
    .addHelpText('after', help);

  withCommonOptions(group.command('show'))
    .description('show the server certificate with its fingerprints, the next one and the request that waits')
    .option('--out <file>', 'where the next one is written (PEM), for vCenter; where none waits, the one in service')
    .action((options: ShowOptions) => show(context, options));

  withKey(withCommonOptions(group.command('renew')))
    .description('make the next server certificate; the one in service stays until it is activated')
    .option(
      '--days <number>',
      'how long it runs (default: 3650)',
      wholeNumber(renewal.days.minimum, renewal.days.maximum),
    )
    .option('--new-authority', 'make a new authority as well; clients that the old one signed stay admitted')
    .action((options: RenewOptions) => {
      const { name: names, key: keyType, days, newAuthority } = options;
      return askServer(context, options, 'certificate.renew', { names, keyType, days, newAuthority }, showCertificates);
    });

  withCommonOptions(group.command('activate'))
    .description('put the next server certificate into service; open connections stay')
    .option('--yes', 'do not ask')
    .action((options: CommonOptions & { readonly yes?: boolean }) => activate(context, options));

  withCommonOptions(group.command('discard'))
    .description('take the next server certificate away, or else the request that waits')
    .action((options: CommonOptions) => askServer(context, options, 'certificate.discard', {}, showCertificates));

  withKey(withCommonOptions(group.command('request')))
    .description('make a signing request for an authority of your own; the private key stays in this server')
    .requiredOption('--out <file>', 'where the request is written (PEM)')
    .option('--common-name <text>', 'default: the name of this machine')
    .option('--organization <text>')
    .option('--organizational-unit <text>')
    .option('--locality <text>')
    .option('--state <text>')
    .option('--country <code>', 'two letters')
    .action((options: RequestOptions) => request(context, options));

  withCommonOptions(group.command('install'))
    .description('take the certificate that was made of the request as the next one')
    .requiredOption('--certificate <file>', 'the certificate (PEM or DER), perhaps with its chain')
    .option('--chain <file>', 'the authorities above it (PEM), in any order')
    .action((options: CommonOptions & { readonly certificate: string; readonly chain?: string }) => {
      const certificate = readCertificateFile('certificate', options.certificate);
      const chain = options.chain === undefined ? undefined : readInput('chain', options.chain);
      return askServer(context, options, 'certificate.install', { certificate, chain }, showCertificates);
    });

  withCommonOptions(group.command('import'))
    .description('take a key and certificate that were made elsewhere as the next ones')
    .option('--pkcs12 <file>', 'PKCS #12 file (.p12, .pfx)')
    .option('--certificate <file>', 'the certificate (PEM or DER), perhaps with its chain')
    .option('--private-key <file>', 'its private key (PEM)')
    .option('--chain <file>', 'the authorities above it (PEM), in any order')
    .option('--passphrase-file <file>', 'file with the passphrase of the PKCS #12 file or the private key')
    .action((options: ImportOptions) =>
      askServer(context, options, 'certificate.import', importOf(options), showCertificates),
    );
};

const withKey = (command: Command): Command =>
  command
    .option(
      '--name <name>',
      'further DNS name or address; may be given several times (default: those of before)',
      collect,
    )
    .option(
      '--key <type>',
      `${renewal.keyType.enum.join(', ')} (default: the setting server.keyType)`,
      keyTypeArgument,
    );

const keyTypeArgument = (text: string): KeyType => {
  const found = renewal.keyType.enum.find((type) => type === text);
  if (found) return found;
  throw new InvalidArgumentError(`One of ${renewal.keyType.enum.join(', ')} is needed.`);
};

const show = async (context: Context, options: ShowOptions): Promise<void> => {
  const { out } = options;
  const { terminal } = context;
  const view = await call(dataDirectoryOf(options, context), 'certificate.show', {});
  if (out !== undefined) writeCertificate(out, (view.next ?? view.current).certificatePem);
  if (options.json) printJson(terminal, view);
  else terminal.out(showCertificates(view));
  if (out !== undefined) terminal.err(`wrote ${out}: the certificate ${view.next ? 'that is next' : 'in service'}`);
};

const writeCertificate = (path: string, pem: string): void => {
  try {
    writeFileSync(path, pem, { flush: true });
  } catch (error) {
    throw new EdgeError('invalid-field', `the certificate cannot be written to ${path}: ${messageOf(error)}`);
  }
};

const activate = async (context: Context, options: CommonOptions & { readonly yes?: boolean }): Promise<void> => {
  const { terminal } = context;
  const data = dataDirectoryOf(options, context);
  const { next } = await call(data, 'certificate.show', {});
  if (!next)
    throw new EdgeError('item-not-found', 'no next server certificate waits', { hint: "see 'certificate renew'" });
  if (!options.yes) {
    terminal.err(`${showServer('next', next)}\n`);
    terminal.err(
      'A vCenter that has not been told to trust this certificate will not connect any more, nor will its hosts.',
    );
    const answer = await terminal.ask?.("Type 'activate' to put it into service: ");
    if (answer?.trim() !== 'activate') {
      throw new EdgeError('illegal-operation', 'nothing was changed', { hint: 'give --yes where nobody can be asked' });
    }
  }
  await askServer(context, options, 'certificate.activate', { sha256: next.sha256 }, showCertificates);
};

const request = async (context: Context, options: RequestOptions): Promise<void> => {
  const { name: names, key: keyType, out, commonName, country, state, locality, organization } = options;
  const { organizationalUnit } = options;
  const subject = { commonName, country, state, locality, organization, organizationalUnit };
  const { requestPem } = await call(dataDirectoryOf(options, context), 'certificate.request', {
    names,
    keyType,
    ...subject,
  });
  try {
    writeFileSync(out, requestPem, { flush: true });
  } catch (error) {
    throw new EdgeError('invalid-field', `the request waits, but cannot be written to ${out}: ${messageOf(error)}`, {
      hint: "'kmip-edge certificate show --json' has it too",
    });
  }
  if (options.json) printJson(context.terminal, { requestPem, out });
  else
    context.terminal.out(
      `wrote ${out}: have it signed, then: kmip-edge certificate install --certificate FILE --chain FILE`,
    );
};

const importOf = (options: ImportOptions): Input['certificate.import'] => {
  const { pkcs12, certificate, privateKey, chain, passphraseFile } = options;
  const read = (what: string, path: string | undefined): string | undefined =>
    path === undefined ? undefined : readInput(what, path);
  return {
    pkcs12: pkcs12 === undefined ? undefined : readPkcs12(pkcs12),
    certificate: certificate === undefined ? undefined : readCertificateFile('certificate', certificate),
    privateKey: read('private key', privateKey),
    chain: read('chain', chain),
    passphrase: passphraseFile === undefined ? undefined : readSecret('passphrase', passphraseFile),
  };
};

const readPkcs12 = (path: string): string => {
  try {
    const { size } = statSync(path);
    if (size > largestPkcs12) throw new Error(`it has ${size} bytes`);
    return readFileSync(path, 'base64');
  } catch (error) {
    throw new EdgeError('invalid-field', `cannot read the PKCS #12 file from ${path}: ${messageOf(error)}`);
  }
};

const showCertificates = ({ current, next, request, authority }: CertificatesView): string =>
  [
    showServer('in service', current),
    ...(next
      ? [
          showServer('next', next),
          'have vCenter trust the next one (kmip-edge certificate show --out FILE), then: kmip-edge certificate activate',
        ]
      : []),
    ...(request ? ['a signing request waits for its certificate: kmip-edge certificate install'] : []),
    list([['authority', `${authority.subject}, valid until ${authority.notAfter}${validityMark(authority)}`]]),
  ].join('\n\n');

/** The fingerprints stand alone on their lines, as vCenter shows them, so that they can be compared. */
const showServer = (which: string, certificate: ServerCertificateView): string =>
  [
    list([
      ['certificate', which],
      ['subject', certificate.subject],
      ['issuer', certificate.issuer],
      ['key', certificate.publicKey],
      ['names', certificate.names.join(', ') || 'none'],
      ['valid until', `${certificate.notAfter}${validityMark(certificate)}`],
      ...certificate.chain.map(({ subject }) => ['chain', subject] as const),
      ...certificate.warnings.map((warning) => ['WARNING', warning] as const),
    ]),
    `\n  SHA-1    ${certificate.sha1}\n  SHA-256  ${certificate.sha256}`,
  ].join('\n');

/** One certificate that ends, on a line. */
export const endingText = (ending: EndingView): string => {
  const { name, instance, subject, notAfter, level, daysLeft } = ending;
  const whose = name === '' ? subject : name === instance ? `'${instance}', ${subject}` : `'${name}' of '${instance}'`;
  return `${whose}, valid until ${notAfter}${level === 'ended' ? ' HAS ENDED' : ` ENDS IN ${daysLeft} DAYS`}`;
};
