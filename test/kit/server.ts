// The whole server inside the test's process: real TLS, real SQLite, port 0, a temporary data directory. Everything is
// closed after the test.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { PasswordCost } from '../../src/admin/access/password.ts';
import { call } from '../../src/admin/api/client.ts';
import type { Input, Output, RouteName } from '../../src/admin/api/table.ts';
import type { UpdatePlaces } from '../../src/admin/update-desk.ts';
import type { KeyType } from '../../src/ca/key-pair.ts';
import { connectKmip, type KmipClient } from '../../src/cli/kmip-client.ts';
import type { Clock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { settingsFileName } from '../../src/config/settings-file.ts';
import type { Version } from '../../src/kmip/version.ts';
import { type Log, silentLog } from '../../src/log.ts';
import { type RunningServer, serve } from '../../src/main.ts';
import type { Secret } from '../../src/secret.ts';
import { answerProblem } from './answers.ts';
import { temporaryDirectory } from './temporary.ts';

export interface TestServerOptions {
  /** Default: a fresh one. */
  readonly dataDirectory?: string;
  /** Settings by dotted name. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly clock?: Clock;
  readonly log?: Log;
  readonly recoveryPassphrase?: Secret;
  readonly waitWhenLocked?: boolean;
  /** Default: empty. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly passwordCost?: PasswordCost;
  readonly updatePlaces?: UpdatePlaces;
  /** `default` is what a user has. */
  readonly keyType?: KeyType | 'default';
}

/** PEM texts of a client. */
export interface ClientFiles {
  readonly certificate: string;
  readonly privateKey: string;
  readonly authority: string;
}

export interface TestServer {
  readonly dataDirectory: string;
  readonly port: number;
  readonly running: RunningServer;
  /** The client certificate of the `default` instance. */
  readonly client: ClientFiles;
  /** Asks the management API; an answer that is not as the table says is an error. */
  api<R extends RouteName>(route: R, input: Input[R]): Promise<Output[R]>;
  /** Issues a client certificate for an instance. */
  issue(instance: string, name: string): Promise<ClientFiles>;
  /** A KMIP connection, closed after the test. */
  connect(client?: ClientFiles, version?: Version): Promise<KmipClient>;
  /** Stops it now; harmless twice. */
  close(): Promise<void>;
}

/** A password is hashed in no time, unless its cost is the subject. */
const cheap = { memory: 64, passes: 1, parallelism: 1, tagLength: 32 };
/** Made in no time; to make the three RSA keys of a new server is most of its start. */
const quickKeys: KeyType = 'ec-p256';

/** Starts a server for this test. */
export const startServer = async (
  t: Pick<ExecutionContext, 'teardown'>,
  options: TestServerOptions = {},
): Promise<TestServer> => {
  const dataDirectory = options.dataDirectory ?? temporaryDirectory(t);
  const overrides = {
    'kmip.listen': '127.0.0.1:0',
    'admin.listen': 'off',
    ...options.settings,
  };
  const path = join(dataDirectory, settingsFileName);
  const config = await loadConfig(existsSync(path) ? path : undefined, overrides);
  const { clock, log = silentLog, recoveryPassphrase } = options;
  const running = await serve({
    dataDirectory,
    config,
    settings: { path, ours: true, overrides },
    log,
    environment: options.environment ?? {},
    waitWhenLocked: options.waitWhenLocked ?? false,
    passwordCost: options.passwordCost ?? cheap,
    passphraseWork: 10,
    updatePlaces: options.updatePlaces,
    ...(options.keyType === 'default' ? {} : { keyType: options.keyType ?? quickKeys }),
    ...(clock ? { clock } : {}),
    ...(recoveryPassphrase ? { recoveryPassphrase } : {}),
  });
  const close = async (): Promise<void> => running.close();
  t.teardown(close);
  const { port } = running.listener;
  const api = async <R extends RouteName>(route: R, input: Input[R]): Promise<Output[R]> => {
    const answer = await call(dataDirectory, route, input);
    const problem = answerProblem(route, answer);
    if (problem !== undefined) throw new Error(problem);
    return answer;
  };
  // A restored server has no files of it: they are the client's.
  const ownClient = () => readClientFiles(join(dataDirectory, 'clients', 'default'));
  return {
    dataDirectory,
    port,
    running,
    get client() {
      return ownClient();
    },
    api,
    async issue(instance, name) {
      const issued = await api('client.issue', { instance, name });
      return {
        certificate: issued.certificatePem,
        privateKey: issued.privateKeyPem,
        authority: issued.authorityPem,
      };
    },
    async connect(files = ownClient(), version) {
      const connection = await connectKmip({ host: '127.0.0.1', port, ...files, ...(version ? { version } : {}) });
      t.teardown(() => connection.close());
      return connection;
    },
    close,
  };
};

/** The three files that issuing a client writes. */
export const readClientFiles = (directory: string): ClientFiles => ({
  certificate: readFileSync(join(directory, 'client.pem'), 'utf8'),
  privateKey: readFileSync(join(directory, 'client.key'), 'utf8'),
  authority: readFileSync(join(directory, 'ca.pem'), 'utf8'),
});
