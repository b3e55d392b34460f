// A server whose keys move: from a KMIP endpoint or a local root key to Key Protect, all of them real servers here.

import type { ExecutionContext } from 'ava';
import type { MigrationView } from '../../src/admin/api/migrations.ts';
import type { KmipClient } from '../../src/cli/kmip-client.ts';
import { activateKey, addText, createKey, destroyKey, getKey, revokeKey } from '../custody/requests.ts';
import type { TestServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';
import { makeTlsMaterial } from '../peers/key-protect/certificates.ts';
import { type KeyProtectSimulator, startKeyProtectSimulator } from '../peers/key-protect/simulator.ts';

let tls: ReturnType<typeof makeTlsMaterial> | undefined;

/** `onCertificate` hears of client certificates that are uploaded to KMIP adapters, `onCertificateGone` of those taken off. */
export const startKeyProtect = async (
  t: ExecutionContext,
  onCertificate: (pem: string) => void = () => {},
  onCertificateGone: (pem: string) => void = () => {},
): Promise<KeyProtectSimulator> => {
  tls ??= makeTlsMaterial();
  const simulator = await startKeyProtectSimulator({ tls, onCertificate, onCertificateGone });
  t.teardown(() => simulator.close());
  return simulator;
};

/** Everything that a client can tell of a key. */
export interface Seen {
  readonly uid: string;
  readonly bytes: string;
  readonly attributes: string;
}

/** Keys in every state, each with attributes; the last one is destroyed. */
export const makeKeys = async (client: KmipClient, count: number): Promise<readonly string[]> => {
  const uids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const uid = await createKey(client);
    await addText(client, uid, 'x-Name', `key ${n}`);
    if (n % 4 !== 0) await activateKey(client, uid);
    if (n % 4 === 2) await revokeKey(client, uid);
    uids.push(uid);
  }
  const gone = await createKey(client);
  await destroyKey(client, gone);
  return [...uids, gone];
};

/** What a client sees of each key now; a destroyed one has no bytes. */
export const look = (client: KmipClient, uids: readonly string[]): Promise<readonly Seen[]> =>
  inTurn(uids, async (uid) => {
    const bytes = await getKey(client, uid).catch((error: Error) => Buffer.from(error.message));
    const { Attribute: all } = await client.request('GetAttributes', { UniqueIdentifier: uid, AttributeName: [] });
    const texts = all.map((one) => `${one.AttributeName} ${one.AttributeIndex} ${String(one.AttributeValue?.value)}`);
    return { uid, bytes: bytes.toString('hex'), attributes: texts.sort().join('\n') };
  });

const inTurn = async <A, B>(all: readonly A[], act: (one: A) => Promise<B>): Promise<readonly B[]> => {
  const results: B[] = [];
  for (const one of all) results.push(await act(one));
  return results;
};

export const stateOf = (server: TestServer, name: string): Promise<MigrationView> =>
  server.api('instance.migrate.state', { name });

/** Waits until the move of an instance's keys has ended one way or the other. */
export const moved = async (server: TestServer, name: string): Promise<MigrationView> => {
  await until(async () => !['running', 'dry run'].includes((await stateOf(server, name)).state));
  return stateOf(server, name);
};
