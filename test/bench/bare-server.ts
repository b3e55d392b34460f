// The yardstick: Node's TLS server with our options, in front of nothing. Each complete request gets the same bytes; for
// Create a row is inserted first.

import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { type ServerIdentity, tlsOptions } from '../../src/server/tls-options.ts';
import { isWhole } from './exchange.ts';
import { openInsert } from './insert-row.ts';
import { serveQuestions } from './process.ts';

export interface BareServer {
  readonly identity: ServerIdentity;
  /** The answer, in base64. */
  readonly answer: string;
  /** See {@link openInsert}. */
  readonly database?: string | undefined;
}

const answerAll = (socket: TLSSocket, answer: Buffer, insert: () => unknown): void => {
  let received: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    while (isWhole(received)) {
      received = received.subarray(8 + received.readUInt32BE(4));
      insert();
      socket.write(answer);
    }
  });
};

/** Listens and gives the port. */
const listen = ({ identity, answer, database }: BareServer): Promise<number> => {
  const settings = { minimumVersion: 'TLSv1.2', legacyCiphers: false, handshakeTimeout: 10_000 } as const;
  const server = createServer(tlsOptions(identity, settings));
  const bytes = Buffer.from(answer, 'base64');
  const insert = database === undefined ? () => {} : openInsert(database);
  server.on('secureConnection', (socket) => answerAll(socket, bytes, insert));
  return new Promise((resolve) => {
    server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 }, () => resolve((server.address() as AddressInfo).port));
  });
};

serveQuestions(listen);
