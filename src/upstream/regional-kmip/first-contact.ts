// The certificate that an endpoint presents, for a person to compare at first contact and for messages. Looking at it
// trusts nothing: no KMIP byte is sent, and the connection ends.

import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type SecureContext } from 'node:tls';
import { type Clock, systemClock } from '../../clock.ts';
import { type Address, addressText } from './endpoints.ts';
import { LinkError, linkErrorOf } from './link-errors.ts';
import { describeCertificate, type PresentedCertificate } from './presented.ts';

/** TLS by name; a bare IP address must not be sent as one (RFC 6066 section 3). */
export const tlsTarget = ({ host, port }: Address) =>
  isIP(host) === 0 ? { host, port, servername: host } : { host, port };

export interface FirstContactOptions {
  /** An endpoint may end the handshake where we have none. */
  readonly secureContext?: SecureContext;
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

/** Fetches what an endpoint presents, without trusting it. Throws `upstream-unreachable`. */
export const fetchCertificate = (
  address: Address,
  { secureContext, timeoutMs = 5_000, clock = systemClock }: FirstContactOptions = {},
): Promise<PresentedCertificate> =>
  new Promise((resolve, reject) => {
    const peer = addressText(address);
    // Nothing is sent over this connection: whatever certificate there is, is to be shown.
    const socket = connect({
      ...tlsTarget(address),
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      ...(secureContext && { secureContext }),
    });
    let found: X509Certificate | undefined;
    const look = (): void => {
      found ??= socket.getPeerX509Certificate();
    };
    const finish = (failure: unknown): void => {
      cancel();
      look();
      socket.destroy();
      if (found !== undefined) resolve(describeCertificate(found));
      else reject(linkErrorOf(peer, failure, false));
    };
    const silence = new LinkError(`cannot talk to ${peer}: no certificate in ${timeoutMs} ms`, false, {
      hint: 'check the host, the port and the firewall',
    });
    const cancel = clock.after(timeoutMs, () => finish(silence));
    // the only sign before the end of the handshake, which an endpoint that wants our certificate may cut short
    socket.on('keylog', look);
    socket.on('error', finish);
    socket.once('secureConnect', () => finish(new LinkError(`${peer} presented no certificate`, false)));
  });
