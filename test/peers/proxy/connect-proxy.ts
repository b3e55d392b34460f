// A proxy that opens tunnels and nothing else, as squid does where only CONNECT is allowed.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ConnectProxy {
  readonly port: number;
  /** Where each tunnel went, `host:port`. */
  readonly tunnels: readonly string[];
  /** From now on it answers with this status instead. */
  refuse(status: number | undefined): void;
  close(): void;
}

export const startConnectProxy = async (): Promise<ConnectProxy> => {
  const tunnels: string[] = [];
  const sockets = new Set<Duplex>();
  let refusal: number | undefined;
  const server = createServer((_request, response) => void response.writeHead(405).end());
  server.on('connect', ({ url = '' }, socket: Duplex) => {
    sockets.add(socket);
    socket.on('error', () => {});
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal} No\r\n\r\n`);
      return;
    }
    tunnels.push(url);
    const { hostname, port } = new URL(`http://${url}`);
    const way = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) }, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      way.pipe(socket).pipe(way);
    });
    way.on('error', () => socket.destroy());
    socket.on('close', () => way.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    tunnels,
    refuse(status) {
      refusal = status;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};
