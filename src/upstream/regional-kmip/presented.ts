// The certificate that an endpoint presents, for a person to compare at first contact and for messages. Looking at it
// trusts nothing: no KMIP byte is sent, and the connection ends.

import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type SecureContext } from 'node:tls';
import { type Clock, systemClock } from '../../clock.ts';
import { type Address, addressText } from './endpoints.ts';
import { LinkError, linkErrorOf } from './link-errors.ts';
import { oneLine } from './quote.ts';

export interface PresentedCertificate {
  /** Lower-case hexadecimal without colons. */
  readonly sha256: string;
  /** For comparing with what was published; see trust.ts for where it may count. */
  readonly sha1: string;
  readonly subject: string;
  readonly issuer: string;
  /** As the certificate lists them: `DNS:…, IP Address:…`; empty where there are none. */
  readonly names: string;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly pem: string;
}

const bare = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase();

/** What a person and a pin need of a certificate. */
export const describeCertificate = (certificate: X509Certificate): PresentedCertificate => ({
  sha256: bare(certificate.fingerprint256),
  sha1: bare(certificate.fingerprint),
  subject: oneLine(certificate.subject),
  issuer: oneLine(certificate.issuer),
  names: oneLine(certificate.subjectAltName),
  notBefore: certificate.validFromDate.getTime(),
  notAfter: certificate.validToDate.getTime(),
  pem: certificate.toString(),
});

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
