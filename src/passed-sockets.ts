// Sockets that a service manager opened before the service started (sd_listen_fds(3)). They stay open while the service
// restarts, so that a connection waits a moment instead of being refused. Without a service manager there are none, and
// everything is listened on as it always was.

import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { EdgeError } from './errors.ts';

/** The first file descriptor that is passed. */
const first = 3;
const most = 16;

export interface PassedSockets {
  /** The file descriptor of the socket of this name, once: when it is closed, it is gone for this process. */
  take(name: string): number | undefined;
  /** Whether one was taken. */
  readonly taken: boolean;
}

/** What the environment says was passed to this process. */
export const passedSockets = (environment: NodeJS.ProcessEnv, pid: number = process.pid): PassedSockets => {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES = '' } = environment;
  const count = LISTEN_PID === String(pid) && /^\d{1,2}$/.test(LISTEN_FDS ?? '') ? Number(LISTEN_FDS) : 0;
  const names = LISTEN_FDNAMES.split(':').slice(0, Math.min(count, most));
  const left = new Map(names.map((name, index) => [name, first + index]));
  let taken = false;
  return {
    take(name) {
      const found = left.get(name);
      left.delete(name);
      taken ||= found !== undefined;
      return found;
    },
    get taken() {
      return taken;
    },
  };
};

export interface Wanted {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly backlog?: number;
}

/** All addresses of a machine: IPv6, and IPv4 with it; and what is left of them where the kernel has no IPv6. */
const everywhere = { host: '::', withoutIpv6: '0.0.0.0' } as const;

/**
 * Listens on the passed socket where it is the wanted address, else on one of its own. `::` stands for all addresses of the
 * machine, whichever families it has. Throws what listening throws.
 */
export const listenOn = async (server: Server, wanted: Wanted, passed: number | undefined): Promise<AddressInfo> => {
  const { host, port, backlog = 1024 } = wanted;
  if (passed !== undefined) {
    const address = await bound(server, () => server.listen({ fd: passed, backlog }));
    if (isWanted(address, wanted)) return address;
    // Whoever changed the settings wants to be heard; the socket stays with the service manager.
    const closed = once(server, 'close');
    server.close();
    await closed;
  }
  try {
    return await bound(server, () => server.listen({ host, port, backlog }));
  } catch (error) {
    if (host !== everywhere.host || (error as NodeJS.ErrnoException).code !== 'EAFNOSUPPORT') throw error;
    return bound(server, () => server.listen({ host: everywhere.withoutIpv6, port, backlog }));
  }
};

const isWanted = ({ address, port }: AddressInfo, wanted: Wanted): boolean =>
  port === wanted.port &&
  (address === wanted.host || (wanted.host === everywhere.host && address === everywhere.withoutIpv6));

const bound = (server: Server, listen: () => void): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      server.off('listening', done);
      reject(error);
    };
    const done = (): void => {
      server.off('error', fail);
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address);
      else reject(new EdgeError('internal', 'the listening socket has no address'));
    };
    server.once('error', fail);
    server.once('listening', done);
    listen();
  });
