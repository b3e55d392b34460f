// The whole server with a service instance `region` on the simulated KMIP endpoint over real TLS, restarted at will.

import type { ExecutionContext } from 'ava';
import type { InstanceView } from '../../src/admin/api/instances.ts';
import type { KmipClient } from '../../src/cli/kmip-client.ts';
import { type ClientFiles, startServer, type TestServer, type TestServerOptions } from '../kit/server.ts';
import { type Credentials, makeClient, makeServerTls, type ServerTls } from '../peers/regional-kmip/certificates.ts';
import {
  type RegionalSimulator,
  type RegionalSimulatorOptions,
  startRegionalSimulator,
} from '../peers/regional-kmip/simulator.ts';

export const hour = 3_600_000;

let made: { readonly tls: ServerTls; readonly client: Credentials } | undefined;

/** Certificates once for each test file: signing them takes longer than most tests. */
const shared = () => {
  made ??= { tls: makeServerTls(), client: makeClient() };
  return made;
};

export interface RegionOptions extends Omit<TestServerOptions, 'dataDirectory'> {
  readonly lease?: number | 'unlimited';
  readonly simulator?: RegionalSimulatorOptions;
}

export interface Region {
  readonly simulator: RegionalSimulator;
  readonly server: TestServer;
  readonly files: ClientFiles;
  /** A connection as a client of `region`. */
  readonly client: KmipClient;
  connect(): Promise<KmipClient>;
  instance(): Promise<InstanceView>;
  /** Stops the server and starts it again on the same data. */
  restart(options?: TestServerOptions): Promise<void>;
}

/** The settings that reach the simulator, pinned. */
export const settingsFor = ({ host, port, fingerprint, client }: RegionalSimulator) => ({
  endpoint: `${host}:${port}`,
  fingerprints: [fingerprint.sha256],
  certificate: client.certificatePem,
  privateKey: client.privateKeyPem,
});

export const startRegion = async (t: ExecutionContext, options: RegionOptions = {}): Promise<Region> => {
  const { lease = 72 * hour, simulator: simulated, ...serverOptions } = options;
  const simulator = await startRegionalSimulator({ ...shared(), ...simulated });
  t.teardown(() => simulator.close());
  let server = await startServer(t, serverOptions);
  const { dataDirectory } = server;
  await server.api('instance.create', { name: 'region', upstream: 'kmip', settings: settingsFor(simulator), lease });
  const files = await server.issue('region', 'host');
  let client = await server.connect(files);
  return {
    simulator,
    files,
    get server() {
      return server;
    },
    get client() {
      return client;
    },
    connect: () => server.connect(files),
    async instance() {
      const found = (await server.api('instance.list', {})).find(({ name }) => name === 'region');
      if (!found) throw new Error('the instance is gone');
      return found;
    },
    async restart(changes = {}) {
      await server.close();
      server = await startServer(t, { ...serverOptions, ...changes, dataDirectory });
      client = await server.connect(files);
    },
  };
};
