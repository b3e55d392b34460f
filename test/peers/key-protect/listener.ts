// An HTTPS server on a loopback port that can be cut off as if a cable was pulled, and come back on the same port.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TlsMaterial } from './certificates.ts';

export interface Listener {
  readonly port: number;
  /** Connections made since the start. */
  connections(): number;
  /** Cuts live connections and refuses new ones. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  close(): Promise<void>;
}

export type Handler = (request: IncomingMessage, body: Buffer, response: ServerResponse) => Promise<void>;

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const answer = async (handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  try {
    await handler(request, await readBody(request), response);
  } catch {
    response.destroy(); // the client has gone away, or the simulator is wrong: both end the connection
  }
};

export const listen = async (tls: TlsMaterial, handler: Handler, wantedPort = 0): Promise<Listener> => {
  const sockets = new Set<Socket>();
  let made = 0;
  const server = createServer({ key: tls.keyPem, cert: tls.certPem }, (request, response) => {
    void answer(handler, request, response);
  });
  server.on('connection', (socket: Socket) => {
    made += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => {});
  const open = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  const shut = (): Promise<void> =>
    new Promise((resolve) => {
      if (!server.listening) return resolve();
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  await open(wantedPort);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    connections: () => made,
    cut: shut,
    restore: async () => {
      if (!server.listening) await open(port);
    },
    close: shut,
  };
};
