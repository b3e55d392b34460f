// How the runner reaches a server: one connection over mutual TLS, opened anew where it has ended.

import type { Item } from '../../src/kmip/item.ts';
import { decodeItem, encodeItem } from '../../src/kmip/ttlv.ts';
import type { TestServer } from '../kit/server.ts';
import { openPeer, type Peer } from '../server/peer.ts';
import type { Ask } from './runner.ts';

/** Asks `server` in binary. */
export const askServer = (t: Parameters<typeof openPeer>[0], server: TestServer): Ask => {
  let peer: Peer | undefined;
  return async (request: Item) => {
    peer ??= await openPeer(t, server.port, { cert: server.client.certificate, key: server.client.privateKey });
    const answer = await peer.ask(encodeItem(request));
    if (answer) return decodeItem(answer);
    peer = undefined;
    throw new Error('closed without an answer');
  };
};
