// The KMIP port: mutual TLS, limits on connections in all and for each address, and the decision whether a connection is
// admitted. Bare TLS connects that close without a word are vCenter's health check and are not worth a log line.

import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Clock } from '../clock.ts';
import { ConnectionLimits } from '../connection-limits.ts';
import { EdgeError, messageOf } from '../errors.ts';
import type { Caller } from '../keys/caller.ts';
import type { Log } from '../log.ts';
import { listenOn } from '../passed-sockets.ts';
import { peerAddress } from '../peer-address.ts';
import { createRefusalLog, oneLine, type RefusalLog, type ShownCertificate, shownBy } from './admission.ts';
import { Connection } from './connection.ts';
import type { ConnectionOptions } from './connection-options.ts';
import type { RefusedConnections } from './refused-connections.ts';
import { type ServerIdentity, type TlsSettings, tlsOptions } from './tls-options.ts';

export interface ListenerSettings extends TlsSettings {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Where clients may connect from; anywhere where there are none. */
  readonly networks: readonly string[];
  readonly maximumRequestSize: number;
  readonly maximumConnections: number;
  readonly maximumConnectionsPerAddress: number;
  /** Milliseconds. */
  readonly idleTimeout: number;
  /** Milliseconds. */
  readonly messageTimeout: number;
}

export interface ListenerOptions {
  readonly settings: ListenerSettings;
  /** A socket that was passed to the process; used where it is the address of the settings. */
  readonly passed?: number | undefined;
  readonly identity: ServerIdentity;
  readonly clock: Clock;
  readonly log: Log;
  /** The caller that a certificate stands for now; asked before and after each message, so that removal works at once. */
  readonly callerOf: (fingerprint: string, address: string) => Caller | undefined;
  /**
   * Asked of a certificate that stands for nobody yet: whether a root vouches for it, after which `callerOf` knows it. Gives
   * the reason where none does.
   */
  readonly vouch: (certificate: ShownCertificate['certificate'], address: string) => string | undefined;
  readonly answer: ConnectionOptions['answer'];
  readonly meter?: ConnectionMeter | undefined;
  /** Told of who is turned away. */
  readonly strangers?: RefusedConnections;
}

/** Counts connections. Must be quick, and not throw. */
export interface ConnectionMeter {
  connected(): void;
  /** `certificate`: one that is not admitted; `limit`: too many; `network`: from elsewhere. */
  notConnected(why: 'handshake' | 'certificate' | 'no-certificate' | 'limit' | 'network'): void;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly listening: boolean;
  /** Shows another certificate from the next handshake on; open connections stay. Throws where it cannot be used. */
  setIdentity(identity: ServerIdentity): void;
  /** Takes no new connections, lets what is being worked on end, then closes everything. */
  close(): Promise<void>;
}

/** How long work under way may take when the server stops, milliseconds. */
const closingTime = 5000;
/** How long the connection of a removed client may stay open, milliseconds. */
const removalTime = 1000;

/** Opens the port. Throws `illegal-operation` where it cannot be had. */
export const listen = async (options: ListenerOptions): Promise<Listener> => {
  const { settings, identity, log, meter, strangers } = options;
  const server = createServer(tlsOptions(identity, settings));
  const open = new Map<TLSSocket, Connection>();
  const refused = createRefusalLog(log);
  // Closing one that was accepted makes a handshake of it that failed, too: it is counted once.
  let turnedAway = 0;
  const limits = new ConnectionLimits(server, settings, log, (address, why) => {
    turnedAway += 1;
    meter?.notConnected(why);
    if (why === 'network') refused.network(address);
    strangers?.[why](address);
  });
  server.on('secureConnection', (socket) => admit(socket, options, refused, open));
  server.on('tlsClientError', (error, socket) => {
    log.debug('TLS handshake failed', { problem: error.message });
    if (turnedAway === 0) meter?.notConnected('handshake');
    else turnedAway -= 1;
    socket.destroy();
  });
  const address = await bind(server, settings, options.passed);
  const removal = setInterval(() => {
    for (const connection of open.values()) connection.endUnlessAdmitted();
  }, removalTime).unref();
  return {
    host: address.address,
    port: address.port,
    get connections() {
      return open.size;
    },
    get listening() {
      return server.listening;
    },
    setIdentity: (next) => server.setSecureContext(tlsOptions(next, settings)),
    close() {
      clearInterval(removal);
      return close(server, open, limits);
    },
  };
};

const bind = async (server: Server, { host, port }: ListenerSettings, passed?: number): Promise<AddressInfo> => {
  try {
    return await listenOn(server, { host, port }, passed);
  } catch (error) {
    if (error instanceof EdgeError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new EdgeError('illegal-operation', `cannot listen on ${host} port ${port}: ${code ?? message}`, {
      hint: 'another program may use the port: choose one with --listen HOST:PORT',
      cause: error,
    });
  }
};

const admit = (
  socket: TLSSocket,
  options: ListenerOptions,
  refused: RefusalLog,
  open: Map<TLSSocket, Connection>,
): void => {
  const { settings, callerOf, vouch, answer, clock, log, meter, strangers } = options;
  const address = peerAddress(socket);
  socket.on('error', (error) => log.debug('connection lost', { address, problem: messageOf(error) }));
  const shown = shownBy(socket);
  if (!shown) {
    meter?.notConnected('no-certificate');
    socket.destroy();
    return;
  }
  const { fingerprint } = shown;
  if (!callerOf(fingerprint, address)) {
    const reason = vouch(shown.certificate, address);
    if (reason !== undefined) {
      refused.certificate(shown, address, reason);
      strangers?.certificate(fingerprint, address, oneLine(shown.certificate.subject), reason);
      meter?.notConnected('certificate');
      socket.destroy();
      return;
    }
  }
  socket.setTimeout(settings.idleTimeout, () => socket.destroy());
  const { maximumRequestSize, messageTimeout } = settings;
  const connection = new Connection({
    socket,
    address,
    clock,
    log,
    maximumRequestSize,
    messageTimeout,
    callerOf: () => callerOf(fingerprint, address),
    answer,
  });
  open.set(socket, connection);
  meter?.connected();
  socket.once('close', () => open.delete(socket));
};

const close = async (
  server: Server,
  open: ReadonlyMap<TLSSocket, Connection>,
  limits: ConnectionLimits,
): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const [socket, connection] of open) if (!connection.busy) socket.destroy();
  const deadline = performance.now() + closingTime;
  while ([...open.values()].some((connection) => connection.busy) && performance.now() < deadline) {
    await setTimeout(20);
  }
  for (const socket of open.keys()) socket.destroySoon();
  // What has not gone by then is a handshake that hangs, or a peer that does not read.
  await Promise.race([closed, setTimeout(500)]);
  limits.destroyAll();
  await closed;
};
