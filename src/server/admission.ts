// From certificate to caller. A certificate that is not pinned is turned away before a byte of KMIP is parsed; the log
// says once a minute for each which one it was and how to admit it.

import { hash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Log } from '../log.ts';
import { createQuietLog } from '../quiet-log.ts';

/** Between two log lines about one certificate, milliseconds. */
const quietTime = 60_000;

/** SHA-256 of the peer's certificate in lower-case hexadecimal; undefined where it showed none. */
export const peerFingerprint = (socket: TLSSocket): string | undefined => {
  const certificate = socket.getPeerX509Certificate();
  return certificate && hash('sha256', certificate.raw, 'hex');
};

/** Says who was turned away and how to admit them. */
export const createRefusalLog = (log: Log): ((fingerprint: string, address: string, subject: string) => void) => {
  const quiet = createQuietLog(log, quietTime);
  return (fingerprint, address, subject) =>
    quiet(fingerprint, 'client certificate not admitted', {
      fingerprint,
      subject: subject.slice(0, 200),
      address,
      hint: 'admit it with: kmip-edge client add --instance NAME --name N --certificate FILE',
    });
};
