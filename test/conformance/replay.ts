// Sends what vCenter was recorded with to a server, connection by connection, and holds the answers against the recorded
// ones.

import type { ExecutionContext } from 'ava';
import { decodeResponse } from '../../src/kmip/message.ts';
import type { ClientFiles } from '../kit/server.ts';
import { payloadOf } from '../operations/exchange.ts';
import { newerThan } from '../operations/newness.ts';
import { openPeer, type Peer } from '../server/peer.ts';
import { haveRecordings, outline, readRecordings, recordedUid, withUid } from './recordings.ts';

export const recordings = haveRecordings ? readRecordings() : new Map<string, never>();

/** Whom to ask, and as whom. */
export interface Asked {
  readonly port: number;
  readonly client: ClientFiles;
}

export const openAsVcenter = (t: ExecutionContext, { port, client }: Asked): Promise<Peer> =>
  openPeer(t, port, { cert: client.certificate, key: client.privateKey });

/** Sends one recorded request about the key `uid` and holds the answer against the recorded one. */
const replay = async (t: ExecutionContext, peer: Peer, name: string, uid: string): Promise<Buffer> => {
  const recording = recordings.get(name);
  if (!recording) throw new Error(`no recording of ${name}`);
  const answer = await peer.ask(withUid(recording.request, uid));
  if (!answer) throw new Error(`${name}: closed without an answer`);
  const made = name === 'create_symmetric_key' ? createdBy(answer) : uid;
  t.deepEqual(outline(answer, made), outline(recording.response, recordedUid), name);
  t.deepEqual(newerThan(101, answer), [], name);
  t.is(decodeResponse(answer).version, 101);
  return answer;
};

/** The identifier in the answer to the recorded Create. */
export const createdBy = (answer: Buffer): string =>
  payloadOf('Create', decodeResponse(answer).items[0], 101).UniqueIdentifier;

/** One connection from its first request to its end; gives the last answer. */
export const runConnection = async (
  t: ExecutionContext,
  asked: Asked,
  names: readonly string[],
  uid: string,
): Promise<Buffer | undefined> => {
  const peer = await openAsVcenter(t, asked);
  let last: Buffer | undefined;
  for (const name of names) last = await replay(t, peer, name, uid);
  peer.socket.end();
  await peer.closed;
  return last;
};
