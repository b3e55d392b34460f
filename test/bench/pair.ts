// The pair that most parts compare: our server with one key, and the bare server, which answers with the very bytes that
// ours gave.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '../../src/ca/authority.ts';
import { issueServerCertificate } from '../../src/ca/issue.ts';
import { decodeResponse } from '../../src/kmip/message.ts';
import { decodeResponsePayload } from '../../src/kmip/payloads/table.ts';
import type { Daemon } from '../kit/daemon.ts';
import type { BareServer } from './bare-server.ts';
import type { Bench } from './bench.ts';
import { Exchange } from './exchange.ts';
import type { Target } from './load-client.ts';
import { createRequest, getRequest } from './messages.ts';

export interface ServerProcess extends Target {
  readonly pid: number;
}

export const serverProcess = ({ port, client, process: { pid = 0 } }: Daemon): ServerProcess => ({ port, client, pid });

/** Makes one key over KMIP; gives its unique identifier. */
export const createKey = async (server: Target): Promise<string> => {
  const { items, version } = decodeResponse(await askOnce(server, createRequest()));
  const payload = items[0]?.ResponsePayload;
  if (!payload) throw new Error(`Create failed: ${items[0]?.ResultMessage}`);
  return decodeResponsePayload('Create', payload, version).UniqueIdentifier;
};

/** Sends one request; gives the answer. */
export const askOnce = async (server: Target, request: Buffer): Promise<Buffer> => {
  const exchange = await Exchange.open(server.port, server.client);
  const answer = await exchange.send(request);
  exchange.close();
  return answer;
};

/** Asks once for a key. */
export const getOnce = (server: Target, uid: string): Promise<Buffer> => askOnce(server, getRequest(uid));

/** A bare server with a certificate of the same kind, which gives `answer` to the same client. */
export const startBare = async (
  bench: Bench,
  own: Target,
  answer: Buffer,
  database?: string,
): Promise<ServerProcess> => {
  const now = Date.now();
  const authority = await createAuthority({ commonName: 'bench', days: 1, now });
  const names = { commonName: 'bench', dnsNames: ['localhost'], addresses: ['127.0.0.1'] };
  const { certificatePem, privateKeyPem } = await issueServerCertificate(authority, { ...names, days: 1, now });
  const identity = { certificatePem, privateKeyPem: privateKeyPem.reveal() };
  const worker = bench.worker<BareServer, number>('bare-server.ts');
  const port = await worker.ask({ identity, answer: answer.toString('base64'), database });
  return { port, pid: worker.pid, client: { ...own.client, authority: authority.certificatePem } };
};

export interface Pair {
  readonly own: ServerProcess;
  readonly bare: ServerProcess;
  /** Names the one key that ours holds. */
  readonly uidFile: string;
}

export const startPair = async (bench: Bench): Promise<Pair> => {
  const daemon = await bench.daemon(bench.directory());
  const own = serverProcess(daemon);
  const uid = await createKey(own);
  const uidFile = join(daemon.dataDirectory, 'bench-uids');
  writeFileSync(uidFile, uid);
  return { own, bare: await startBare(bench, own, await getOnce(own, uid)), uidFile };
};
