// How many connections there may be, in all and from one address. Raw connections are counted, handshakes under way
// included, so that a peer who connects and stays silent counts too.

import type { Socket } from 'node:net';
import type { Server } from 'node:tls';
import type { Log } from './log.ts';
import { peerAddress } from './peer-address.ts';

export interface LimitSettings {
  readonly maximumConnections: number;
  readonly maximumConnectionsPerAddress: number;
}

export class ConnectionLimits {
  readonly #settings: LimitSettings;
  readonly #log: Log;
  readonly #onRefused: (address: string) => void;
  readonly #byAddress = new Map<string, number>();
  readonly #sockets = new Set<Socket>();

  /** Closes what goes beyond the limits as soon as it is accepted, and tells `onRefused`. */
  constructor(server: Server, settings: LimitSettings, log: Log, onRefused: (address: string) => void = () => {}) {
    this.#settings = settings;
    this.#log = log;
    this.#onRefused = onRefused;
    server.on('connection', (socket: Socket) => this.#accept(socket));
  }

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    const address = peerAddress(socket);
    const already = this.#byAddress.get(address) ?? 0;
    const { maximumConnections, maximumConnectionsPerAddress } = this.#settings;
    if (this.#sockets.size >= maximumConnections || already >= maximumConnectionsPerAddress) {
      this.#log.debug('connection refused: too many', { address, all: this.#sockets.size, already });
      socket.destroy();
      this.#onRefused(address);
      return;
    }
    this.#sockets.add(socket);
    this.#byAddress.set(address, already + 1);
    socket.setNoDelay(true);
    socket.once('close', () => this.#release(socket, address));
  }

  #release(socket: Socket, address: string): void {
    this.#sockets.delete(socket);
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }
}
