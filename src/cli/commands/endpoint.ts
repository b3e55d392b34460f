// `kmip-edge instance create --upstream kmip`, and the commands for an instance at a KMIP endpoint: trust, sync, regions.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import { call } from '../../admin/api/client.ts';
import type { RegionView } from '../../admin/api/endpoints.ts';
import type { InstanceView, SyncView } from '../../admin/api/instances.ts';
import type { Input } from '../../admin/api/table.ts';
import { EdgeError, isKind, messageOf } from '../../errors.ts';
import {
  askServer,
  type CommonOptions,
  type Context,
  collect,
  dataDirectoryOf,
  nameArgument,
  withCommonOptions,
} from '../command.ts';
import { askForTrust, givenTrust, type TrustOptions } from '../first-contact.ts';
import { list, printJson, table } from '../output.ts';
import { createProgress } from '../progress.ts';
import { type KeyProtectOptions, keyProtectSettings } from '../upstream-options.ts';

export interface EndpointOptions extends TrustOptions {
  readonly region?: string;
  readonly address?: string;
  readonly certificateOut?: string;
  readonly wait?: number;
}

interface CreateOptions extends CommonOptions, KeyProtectOptions, EndpointOptions {}

/** Seconds: an uploaded certificate takes up to five minutes to be accepted. */
export const defaultWait = 300;
const pollPause = 2_000;
const syncPause = 300;

/** Adds the options that name an endpoint and say how it is trusted. */
export const withEndpointOptions = (command: Command): Command =>
  command
    .option(
      '--region <name>',
      "KMIP endpoint: a region, such as eu-de, private.eu-de or vmware.eu-central; see 'instance regions'",
    )
    .option('--address <addresses>', 'KMIP endpoint: HOST:PORT[,HOST:PORT], all of one service')
    .option(
      '--fingerprint <hex>',
      'KMIP endpoint: SHA-256 fingerprint of its certificate (SHA-1 is taken with a warning); may be given several times',
      collect,
    );

/** The endpoint that was named. Throws `missing-data` or `invalid-field`. */
export const endpointOf = ({ region, address }: EndpointOptions): string => {
  if (region !== undefined && address !== undefined) {
    throw new EdgeError('invalid-field', '--region and --address name the same thing: give one of them');
  }
  const endpoint = region ?? address;
  if (endpoint !== undefined) return endpoint;
  throw new EdgeError('missing-data', 'a KMIP endpoint needs --region or --address', {
    hint: "see 'kmip-edge instance regions'",
  });
};

/** Makes an instance at an endpoint: trust, our identity there, and patience until it is accepted. */
export const createAtEndpoint = async (
  context: Context,
  name: string,
  options: CreateOptions,
  lease: Input['instance.create']['lease'],
): Promise<InstanceView> => {
  const data = dataDirectoryOf(options, context);
  const endpoint = endpointOf(options);
  const trust = givenTrust(context, options) ?? (await askForTrust(context, data, endpoint));
  const { certificatePem, sha256 } = await call(data, 'identity.make', { name });
  const file = options.certificateOut ?? `${name}.pem`;
  saveCertificate(file, certificatePem);
  context.terminal.err(`Our client certificate there (SHA-256 ${sha256}) is in ${file}:\n${certificatePem.trim()}`);
  await upload(context, data, name, options, file);
  const wanted = { name, upstream: 'kmip', settings: { endpoint, ...trust }, lease };
  return untilAccepted(context, options.wait ?? defaultWait, () => call(data, 'instance.create', wanted));
};

/** Writes a certificate, never over another file. Throws `already-exists`. */
export const saveCertificate = (file: string, pem: string): void => {
  if (existsSync(file) && readFileSync(file, 'utf8') === pem) return;
  try {
    writeFileSync(file, pem, { flag: 'wx', flush: true });
  } catch (error) {
    throw new EdgeError('already-exists', `the certificate cannot be written to ${file}: ${messageOf(error)}`, {
      hint: 'name another file with --certificate-out',
    });
  }
};

const upload = async (
  { terminal }: Context,
  data: string,
  name: string,
  options: CreateOptions,
  file: string,
): Promise<void> => {
  const caFile = options.caFile === 'system' ? undefined : options.caFile;
  const given = keyProtectSettings({ ...options, caFile, aad: true });
  const asked = Object.keys(given).some((setting) => setting !== 'caBundle');
  if (!asked) {
    terminal.err(
      `Upload ${file} now: in Key Protect to a KMIP adapter of your instance (KMIP adapters, Certificates), in VMware\n` +
        'Solutions to your KMIP for VMware instance. This command waits until it is accepted; it can be repeated.',
    );
    return;
  }
  const { url, instanceId, crk, apiKey } = given;
  if (!url || !instanceId || !crk || !apiKey) {
    throw new EdgeError(
      'missing-data',
      'to make the KMIP adapter, --url, --instance-id, --crk and --api-key-file are needed',
    );
  }
  const made = await call(data, 'adapter.make', { ...(given as unknown as Input['adapter.make']), name });
  terminal.err(`KMIP adapter ${made.adapterName} (${made.adapterId}) has the certificate now.`);
};

/** Tries again for so many seconds where the endpoint does not accept us yet. Throws what the last try threw. */
export const untilAccepted = async <T>({ terminal }: Context, seconds: number, act: () => Promise<T>): Promise<T> => {
  const end = performance.now() + seconds * 1000;
  for (let shown = ''; ; ) {
    try {
      return await act();
    } catch (error) {
      const left = Math.ceil((end - performance.now()) / 1000);
      if (!isKind(error, 'upstream-unreachable', 'upstream-refused', 'permission-denied') || left <= 0) throw error;
      if (error.message !== shown) terminal.err(`not accepted yet: ${error.message}`);
      shown = error.message;
      terminal.err(`waiting, up to ${left} s more`);
      await setTimeout(Math.min(pollPause, left * 1000));
    }
  }
};

/** Adds `trust`, `sync` and `regions` to the group `instance`. */
export const addEndpointCommands = (
  group: Command,
  context: Context,
  showInstance: (instance: InstanceView) => string,
): void => {
  withCommonOptions(group.command('trust'))
    .argument('<name>', 'name of the service instance', nameArgument)
    .description('accept the certificate that the KMIP endpoint of an instance presents now')
    .option(
      '--fingerprint <hex>',
      'its SHA-256 fingerprint (SHA-1 is taken with a warning), instead of a question; may be given several times',
      collect,
    )
    .action(async (name: string, options: CommonOptions & TrustOptions) => {
      const data = dataDirectoryOf(options, context);
      const instance = (await call(data, 'instance.list', {})).find((one) => one.name === name);
      const endpoint = instance?.settings['endpoint'];
      if (typeof endpoint !== 'string') {
        throw new EdgeError('invalid-field', `there is no service instance '${name}' at a KMIP endpoint`);
      }
      const pinned = instance?.settings['fingerprints'];
      if (Array.isArray(pinned)) context.terminal.err(`pinned until now: ${pinned.join(', ')}`);
      const settings = givenTrust(context, options) ?? (await askForTrust(context, data, endpoint));
      await askServer(context, options, 'instance.update', { name, settings }, showInstance);
    });

  withCommonOptions(group.command('sync'))
    .argument('<name>', 'name of the service instance', nameArgument)
    .description(
      'fetch every key that the KMIP endpoint of an instance holds, so that all are here when the link is cut',
    )
    .action((name: string, options: CommonOptions) => sync(context, name, options));

  withCommonOptions(group.command('regions'))
    .description('list the KMIP endpoints of IBM Cloud that are known, and whether they still run')
    .action((options: CommonOptions) => askServer(context, options, 'endpoint.list', {}, showRegions));
};

const sync = async (context: Context, name: string, options: CommonOptions): Promise<void> => {
  const data = dataDirectoryOf(options, context);
  let state = await call(data, 'instance.sync', { name });
  const progress = createProgress(context.terminal, 'sync', { quiet: options.json });
  try {
    for (; state.running; state = await call(data, 'instance.sync.state', { name })) {
      const { done, total } = state;
      progress.show({ done, total, note: `${done} of ${total} keys` });
      await setTimeout(syncPause);
    }
  } finally {
    progress.end();
  }
  if (options.json) printJson(context.terminal, state);
  else context.terminal.out(showSync(state));
  if (state.problem !== undefined)
    throw new EdgeError('upstream-refused', `the sync is not complete: ${state.problem}`);
};

const showSync = ({ total, adopted, changed, missing, failed, endedAt }: SyncView): string =>
  list([
    ['keys', String(total)],
    ['new here', String(adopted)],
    ['changed elsewhere', String(changed)],
    ['not there any more', String(missing)],
    ['failed', String(failed)],
    ['last complete', endedAt ?? 'never'],
  ]);

const showRegions = (regions: readonly RegionView[]): string =>
  table(
    ['name', 'place', 'kind', 'runs', 'addresses'],
    regions.map(({ name, place = '', kind = '', running, ends: date, addresses }) => [
      name,
      place,
      kind,
      running === 'runs' ? 'yes' : `${running === 'ended' ? 'ended' : 'until'} ${date?.slice(0, 10)}`,
      addresses.join(', '),
    ]),
  );
