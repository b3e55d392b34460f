// `kmip-edge serve`: runs the server in the foreground until it is told to stop.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { type Endpoint, formatEndpoint } from '../../config/endpoint.ts';
import { loadConfig } from '../../config/load.ts';
import { settingsFileName } from '../../config/settings-file.ts';
import { giveBackMemory } from '../../give-back.ts';
import { createLog, type LogLevel } from '../../log.ts';
import type { RunningServer } from '../../main.ts';
import { Secret } from '../../secret.ts';
import { type Context, dataDirectoryOf, readSecret } from '../command.ts';
import { list } from '../output.ts';
import { reachableHosts } from '../own-addresses.ts';

interface ServeOptions {
  readonly data?: string;
  readonly listen?: string;
  readonly config?: string;
  readonly logLevel?: LogLevel;
  readonly adminListen?: string;
  readonly adminPasswordFile?: string;
  readonly recoveryPassphraseFile?: string;
  readonly waitWhenLocked?: boolean;
}

/** Adds the command to `program`. */
export const addServeCommand = (program: Command, context: Context): void => {
  program
    .command('serve')
    .description('run the key management server; an empty data directory becomes a working one')
    .option('--data <dir>', 'data directory (default: $KMIP_EDGE_DATA, else ./data)')
    .option('--listen <host:port>', 'KMIP address (default: [::]:5696); port 0 takes any free port')
    .option('--admin-listen <host:port>', "page and management API (default: 127.0.0.1:8443), or 'off'")
    .option('--admin-password-file <file>', 'sets the administrator password where none has been set')
    .option(
      '--config <file>',
      "configuration file (default: kmip-edge.yaml in the data directory); 'kmip-edge config template' prints one",
    )
    .option('--log-level <level>', 'debug, info, warn, error or silent (default: info)')
    .option('--recovery-passphrase-file <file>', 'opens the stored keys when their credential file is lost')
    .option('--wait-when-locked', "where nothing opens the stored keys, wait for 'kmip-edge seal unlock'")
    .action((options: ServeOptions) => runServer(context, options));
};

const runServer = async (context: Context, options: ServeOptions): Promise<void> => {
  const overrides = {
    'kmip.listen': options.listen,
    'admin.listen': options.adminListen,
    'log.level': options.logLevel,
  };
  const dataDirectory = dataDirectoryOf(options, context);
  const own = join(dataDirectory, settingsFileName);
  const config = await loadConfig(options.config ?? (existsSync(own) ? own : undefined), overrides);
  const secretIn = (what: string, file: string | undefined): Secret | undefined =>
    file === undefined ? undefined : new Secret(readSecret(what, file));
  // Loaded here, so that the other commands stay quick.
  const { serve } = await import('../../main.ts');
  const server = await serve({
    dataDirectory,
    config,
    settings: { path: resolve(options.config ?? own), ours: options.config === undefined, overrides },
    log: createLog(config.log.level),
    environment: context.environment,
    recoveryPassphrase: secretIn('recovery passphrase', options.recoveryPassphraseFile),
    waitWhenLocked: options.waitWhenLocked ?? false,
    adminPassword: secretIn('administrator password', options.adminPasswordFile),
  });
  context.terminal.out(describe(server));
  giveBackMemory();
  context.terminal.out(`kmip-edge ready on ${formatEndpoint(server.listener)}`);
  reloadOnSignal(server);
  await stopSignal();
  await server.close();
};

const describe = (server: RunningServer): string => {
  const { certificate, listener, https, dataDirectory, clientDirectory } = server;
  const facts = list([
    ['KMIP address', kmipAddress(listener)],
    ['web page and API', httpsAddress(https)],
    ['certificate SHA-1', certificate.sha1],
    ['certificate SHA-256', certificate.sha256],
    ['data directory', dataDirectory],
    ...(clientDirectory === undefined ? [] : [['client certificate', `${clientDirectory}/client.pem`] as const]),
  ]);
  return clientDirectory === undefined ? facts : `${facts}\n\n${nextSteps(server, clientDirectory)}`;
};

/** Where it listens; where that is everywhere, what to type. */
const kmipAddress = (listener: Endpoint): string => {
  const hosts = reachableHosts(listener.host).filter((host) => host !== listener.host);
  const others = hosts.map((host) => formatEndpoint({ host, port: listener.port }));
  return [formatEndpoint(listener), ...others].join(', ');
};

const httpsAddress = ({ state, problem, ...endpoint }: RunningServer['https']): string => {
  if (state === 'on')
    return reachableHosts(endpoint.host)
      .map((host) => `https://${formatEndpoint({ ...endpoint, host })}/`)
      .join(', ');
  return state === 'off' ? 'off' : `NOT IN REACH: ${problem}; tried again every 30 s`;
};

const nextSteps = ({ listener, dataDirectory }: RunningServer, clientDirectory: string): string =>
  [
    `In vCenter: Configure, Key Providers, Add, Standard Key Provider, with address ${reachableHosts(listener.host)[0]}`,
    `  and port ${listener.port}; check the fingerprint above when vCenter asks to trust the server. Then`,
    "  Trust, 'Make KMS trust vCenter', 'KMS certificate and private key': give it the files",
    `  ${clientDirectory}/client.pem and client.key.`,
    'From the command line, a first key and its first Get:',
    `  npx kmip-edge create --data ${dataDirectory} --name first`,
    `  npx kmip-edge get --data ${dataDirectory} --uid UID   (the identifier that create printed)`,
    '',
  ].join('\n');

/** As services do. On a terminal the signal says that the terminal is gone, and ends the program as always. */
const reloadOnSignal = (server: RunningServer): void => {
  if (process.stdout.isTTY) return;
  process.on('SIGHUP', () => void server.reload());
};

/** Resolves on the first SIGINT or SIGTERM; a second one ends the process at once. */
const stopSignal = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
