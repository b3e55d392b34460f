// The whole server with a service instance `cloud` on the Key Protect simulator over real HTTPS, restarted at will.

import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import Sqlite from 'better-sqlite3';
import type { InstanceView } from '../../src/admin/api/instances.ts';
import type { KmipClient } from '../../src/cli/kmip-client.ts';
import { Operation } from '../../src/kmip/enums.ts';
import { encodeRequest } from '../../src/kmip/message.ts';
import { type PayloadOperation, type RequestPayload, requestPayload } from '../../src/kmip/payloads/table.ts';
import { V1_4 } from '../../src/kmip/version.ts';
import { type ClientFiles, startServer, type TestServer, type TestServerOptions } from '../kit/server.ts';
import { makeTlsMaterial } from '../peers/key-protect/certificates.ts';
import { type KeyProtectSimulator, startKeyProtectSimulator } from '../peers/key-protect/simulator.ts';

export const hour = 3_600_000;
const tls = makeTlsMaterial();

export interface CloudOptions extends Omit<TestServerOptions, 'dataDirectory'> {
  readonly lease?: number | 'unlimited';
}

export interface Cloud {
  readonly simulator: KeyProtectSimulator;
  readonly server: TestServer;
  readonly files: ClientFiles;
  /** A connection as a client of `cloud`. */
  readonly client: KmipClient;
  connect(): Promise<KmipClient>;
  instance(): Promise<InstanceView>;
  /** Stops the server, lets `tamper` change the database, and starts it again. */
  restart(options?: TestServerOptions, tamper?: (database: Sqlite.Database) => void): Promise<void>;
}

/** The settings that reach the simulator's first root key. */
export const settingsFor = ({ url, iamUrl, instanceId, crk, apiKey, caPem }: KeyProtectSimulator) => ({
  url,
  iamUrl,
  instanceId,
  crk,
  apiKey,
  caBundle: caPem,
});

export const startCloud = async (t: ExecutionContext, options: CloudOptions = {}): Promise<Cloud> => {
  const simulator = await startKeyProtectSimulator({ tls });
  t.teardown(() => simulator.close());
  const { lease = 72 * hour, ...serverOptions } = options;
  let server = await startServer(t, serverOptions);
  const { dataDirectory } = server;
  await server.api('instance.create', {
    name: 'cloud',
    upstream: 'key-protect',
    settings: settingsFor(simulator),
    lease,
  });
  const files = await server.issue('cloud', 'host');
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
      const found = (await server.api('instance.list', {})).find(({ name }) => name === 'cloud');
      if (!found) throw new Error('the instance is gone');
      return found;
    },
    async restart(changes = {}, tamper = () => {}) {
      await server.close();
      withDatabase(dataDirectory, tamper);
      server = await startServer(t, { ...serverOptions, ...changes, dataDirectory });
      client = await server.connect(files);
    },
  };
};

/** The database of a server that is stopped. */
export const withDatabase = <T>(dataDirectory: string, act: (database: Sqlite.Database) => T): T => {
  const database = new Sqlite(join(dataDirectory, 'kmip-edge.sqlite'));
  try {
    return act(database);
  } finally {
    database.close();
  }
};

/** For `restart`: as if no copies had ever been kept. */
export const forgetCopies = (database: Sqlite.Database): void => void database.exec("UPDATE material SET sealed = x''");

/** The bytes that answer a request, but for the time stamp. */
export const answerTo = async <O extends PayloadOperation>(
  client: KmipClient,
  operation: O,
  request: RequestPayload<O>,
): Promise<string> => {
  const item = { Operation: Operation[operation], RequestPayload: requestPayload(operation, request) };
  const answer = await client.exchange(encodeRequest({ version: V1_4, header: {}, items: [item] }));
  const timeStamp = Buffer.from('4200920900000008', 'hex');
  const at = answer.indexOf(timeStamp);
  if (at < 0) throw new Error('the answer has no time stamp');
  answer.fill(0, at + 8, at + 16);
  return answer.toString('hex');
};
