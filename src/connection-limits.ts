// How many connections there may be, in all and from one address, and from where. Raw connections are counted, handshakes
// under way included, so that a peer who connects and stays silent counts too.

import type { Socket } from 'node:net';
import type { Server } from 'node:tls';
import type { Log } from './log.ts';
import { createNetworks } from './networks.ts';
import { peerAddress } from './peer-address.ts';

export interface LimitSettings {
  readonly maximumConnections: number;
  readonly maximumConnectionsPerAddress: number;
  /** Where peers may connect from; anywhere where there are none. */
  readonly networks?: readonly string[];
}

/** Why a connection is closed as soon as it is accepted. */
export type TurnedAway = 'limit' | 'network';

export class ConnectionLimits {
  readonly #settings: LimitSettings;
  readonly #log: Log;
  readonly #isNear: (address: string) => boolean;
  readonly #onRefused: (address: string, why: TurnedAway) => void;
  readonly #byAddress = new Map<string, number>();
  readonly #sockets = new Set<Socket>();

  /** Closes what goes beyond the limits or is from elsewhere as soon as it is accepted, and tells `onRefused`. */
  constructor(
    server: Server,
    settings: LimitSettings,
    log: Log,
    onRefused: (address: string, why: TurnedAway) => void = () => {},
  ) {
    this.#settings = settings;
    this.#log = log;
    this.#isNear = createNetworks(settings.networks ?? []);
    this.#onRefused = onRefused;
    server.on('connection', (socket: Socket) => this.#accept(socket));
  }

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    const address = peerAddress(socket);
    if (!this.#mayConnect(socket, address)) {
      socket.destroy();
      this.#onRefused(address, 'network');
      return;
    }
    const already = this.#byAddress.get(address) ?? 0;
    const { maximumConnections, maximumConnectionsPerAddress } = this.#settings;
    if (this.#sockets.size >= maximumConnections || already >= maximumConnectionsPerAddress) {
      this.#log.debug('connection refused: too many', { address, all: this.#sockets.size, already });
      socket.destroy();
      this.#onRefused(address, 'limit');
      return;
    }
    this.#sockets.add(socket);
    this.#byAddress.set(address, already + 1);
    socket.setNoDelay(true);
    socket.once('close', () => this.#release(socket, address));
  }

  /** What has no address is gone already. What looks whether the server is well has one address at both ends. */
  #mayConnect({ remoteAddress, localAddress }: Socket, address: string): boolean {
    return address === '' || this.#isNear(address) || remoteAddress === localAddress;
  }

  #release(socket: Socket, address: string): void {
    this.#sockets.delete(socket);
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }
}
