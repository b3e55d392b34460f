// Opens a connection: TCP, TLS, trust, and version negotiation, all within one time. Until the certificate is trusted
// not one KMIP byte is sent.

import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { Clock } from '../../clock.ts';
import { EdgeError, messageOf } from '../../errors.ts';
import { ResultReason } from '../../kmip/enums.ts';
import type { Secret } from '../../secret.ts';
import { Connection } from './connection.ts';
import { type Address, addressText } from './endpoints.ts';
import { tlsTarget } from './first-contact.ts';
import { LinkError, linkErrorOf } from './link-errors.ts';
import { discoverVersions, versionsToEndpoints } from './operations.ts';
import { Refusal } from './refusal.ts';
import { distrust, type Trust } from './trust.ts';

/** Who we are, as PEM: the certificate that is uploaded to the endpoint, and its private key. */
export interface Identity {
  readonly certificate: string;
  readonly privateKey: Secret;
}

/** What TLS needs to know, read once. Errors: `invalid-field`. */
export const secureContextOf = ({ certificate, privateKey }: Identity, trust?: Trust): SecureContext => {
  const ca = trust?.kind === 'ca' && trust.bundle !== 'system' ? { ca: trust.bundle } : {};
  try {
    return createSecureContext({ cert: certificate, key: privateKey.reveal(), minVersion: 'TLSv1.2', ...ca });
  } catch (error) {
    throw new EdgeError('invalid-field', `the client certificate cannot be used: ${messageOf(error)}`, {
      hint: 'give the certificate and its own private key, both as PEM',
    });
  }
};

export interface OpenOptions {
  readonly address: Address;
  readonly secureContext: SecureContext;
  readonly trust: Trust;
  readonly connectMs: number;
  readonly clock: Clock;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
}

/** A connection that is trusted and has agreed on a version. Throws a `LinkError`: nothing of the caller's was sent. */
export const openConnection = async (options: OpenOptions): Promise<Connection> => {
  const { address, clock, connectMs, signal } = options;
  const endsAt = clock.monotonic() + connectMs;
  const peer = addressText(address);
  const connection = new Connection({ socket: await trustedSocket(options), peer, clock });
  const stop = (): void => connection.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) throw new LinkError(`the attempt to reach ${peer} was ended`, false);
    await negotiate(connection, peer, () => Math.max(1, endsAt - clock.monotonic()));
    return connection;
  } catch (error) {
    connection.close();
    throw nothingSent(error);
  } finally {
    signal.removeEventListener('abort', stop);
  }
};

/** Negotiation changes nothing, so that for the caller no request was sent. */
const nothingSent = (error: unknown): LinkError => {
  const hint = error instanceof EdgeError && error.hint !== undefined ? { hint: error.hint } : {};
  return new LinkError(messageOf(error), false, { ...hint, cause: error });
};

const trustedSocket = (options: OpenOptions): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const { address, secureContext, trust, connectMs, clock, signal } = options;
    const peer = addressText(address);
    // Node would end an untrusted connection without telling what was presented: `distrust` decides instead.
    const socket = connect({ ...tlsTarget(address), secureContext, rejectUnauthorized: false });
    const settle = (failure: LinkError | undefined): void => {
      cancel();
      signal.removeEventListener('abort', stop);
      socket.off('error', fail);
      socket.off('close', closed);
      if (failure === undefined) {
        resolve(socket);
        return;
      }
      // what a dying socket still says is no news
      socket.on('error', () => {});
      socket.destroy();
      reject(failure);
    };
    const fail = (error: unknown): void => settle(linkErrorOf(peer, error, false));
    const closed = (): void => settle(new LinkError(`${peer} closed the connection during the handshake`, false));
    const stop = (): void => settle(new LinkError(`the attempt to reach ${peer} was ended`, false));
    const late = new LinkError(`cannot talk to ${peer}: no connection in ${connectMs} ms`, false, {
      hint: 'check the host, the port and the firewall',
    });
    const cancel = clock.after(connectMs, () => settle(late));
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 15_000);
    socket.once('error', fail);
    socket.once('close', closed);
    socket.once('secureConnect', () => settle(distrust(socket, trust, address)));
    signal.addEventListener('abort', stop, { once: true });
  });

/** Refusals that a lower version would not change. */
const final: readonly (number | undefined)[] = [
  ResultReason.AuthenticationNotSuccessful,
  ResultReason.PermissionDenied,
];

/** Finds the highest version in common, asking in ever lower versions where the endpoint does not know ours. */
const negotiate = async (connection: Connection, peer: string, timeLeft: () => number): Promise<void> => {
  let refusal: Refusal | undefined;
  for (const version of versionsToEndpoints) {
    connection.agree(version);
    try {
      const [highest] = await connection.run(discoverVersions, timeLeft());
      if (highest === undefined) throw new LinkError(`${peer} speaks no version of KMIP 1.0 to 1.4`, false);
      return connection.agree(highest);
    } catch (error) {
      if (!(error instanceof Refusal) || final.includes(error.reason)) throw error;
      // KMIP 1.0 had no Discover Versions: it stays with the version that was understood
      if (error.reason === ResultReason.OperationNotSupported) return;
      refusal = error;
    }
  }
  throw refusal ?? new LinkError(`${peer} speaks no version of KMIP`, false);
};
