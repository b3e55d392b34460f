// How the runner reaches a server: one connection over mutual TLS, opened anew where it has ended; over HTTPS in the encoding
// that a case is about.

import { request as httpsRequest } from 'node:https';
import type { Item } from '../../src/kmip/item.ts';
import { readJson, writeJson } from '../../src/kmip/text/json.ts';
import { readXml, writeXml } from '../../src/kmip/text/xml.ts';
import { decodeItem, encodeItem } from '../../src/kmip/ttlv.ts';
import type { TestServer } from '../kit/server.ts';
import { openPeer, type Peer } from '../server/peer.ts';
import type { Ask } from './runner.ts';

interface Encoding {
  readonly type: string;
  readonly write: (item: Item) => Buffer | string;
  readonly read: (body: Buffer) => Item;
}

/** By the profile of a case. */
const encodings: Readonly<Record<string, Encoding>> = {
  'MSGENC-HTTPS': { type: 'application/octet-stream', write: encodeItem, read: decodeItem },
  'MSGENC-XML': { type: 'text/xml', write: writeXml, read: (body) => readXml(body.toString()) },
  'MSGENC-JSON': { type: 'application/json', write: writeJson, read: (body) => readJson(body.toString()) },
};

/** Asks `server`, in binary unless the profile says otherwise. */
export const askServer = (t: Parameters<typeof openPeer>[0], server: TestServer): Ask => {
  let peer: Peer | undefined;
  return async (request, profile) => {
    const encoding = encodings[profile];
    if (encoding) return encoding.read(await post(server, encoding.type, encoding.write(request)));
    peer ??= await openPeer(t, server.port, { cert: server.client.certificate, key: server.client.privateKey });
    const answer = await peer.ask(encodeItem(request));
    if (answer) return decodeItem(answer);
    peer = undefined;
    throw new Error('closed without an answer');
  };
};

const post = ({ client, port }: TestServer, type: string, body: Buffer | string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const { certificate: cert, privateKey: key, authority: ca } = client;
    const headers = { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), 'Cache-Control': 'no-cache' };
    const options = { host: '127.0.0.1', port, method: 'POST', path: '/kmip', headers, cert, key, ca };
    const sent = httpsRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
    });
    sent.on('error', reject);
    sent.end(body);
  });
