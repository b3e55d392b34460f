// From certificate to caller. A certificate that is neither pinned nor vouched for is turned away before a byte of KMIP is
// parsed; the log says once a minute for each which one it was and how to admit it.

import { hash, type X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Log } from '../log.ts';
import { createQuietLog } from '../quiet-log.ts';

/** Between two log lines about one certificate, milliseconds. */
const quietTime = 60_000;

/** A certificate that a peer showed, and the authorities that it sent with it (`issuerCertificate`, one to the next). */
export interface ShownCertificate {
  readonly certificate: X509Certificate;
  /** SHA-256 in lower-case hexadecimal. */
  readonly fingerprint: string;
}

/** What the peer showed; undefined where it was nothing. To be asked once: Node gives the authorities the first time only. */
export const shownBy = (socket: TLSSocket): ShownCertificate | undefined => {
  const certificate = socket.getPeerX509Certificate();
  return certificate && { certificate, fingerprint: hash('sha256', certificate.raw, 'hex') };
};

export interface RefusalLog {
  /** One that is not admitted, for this reason. */
  certificate(shown: ShownCertificate, address: string, reason: string): void;
  /** From none of the networks that clients come from. */
  network(address: string): void;
}

/** Says who was turned away, why, and how to admit them. */
export const createRefusalLog = (log: Log): RefusalLog => {
  const quiet = createQuietLog(log, quietTime);
  // Addresses are easily had by the thousand: they do not use up the lines for certificates.
  const quietByAddress = createQuietLog(log, quietTime);
  return {
    network: (address) =>
      quietByAddress(address, 'connection refused: from another network', {
        address,
        hint: 'if it is a client, add its network to the setting kmip.networks',
      }),
    certificate: ({ certificate, fingerprint }, address, reason) =>
      quiet(fingerprint, 'client certificate not admitted', {
        fingerprint,
        keyFingerprint: keyFingerprintOf(certificate),
        subject: oneLine(certificate.subject),
        issuer: oneLine(certificate.issuer),
        reason,
        address,
        hint:
          'admit it with: kmip-edge client add --instance NAME --name N --certificate FILE; ' +
          'or by a root that signed it: kmip-edge client trust-root or client allow, with this subject or keyFingerprint',
      }),
  };
};

/** The name in a certificate, for a line of text. */
export const oneLine = (name: string | undefined): string => (name ?? '').trim().replaceAll('\n', ', ').slice(0, 300);

/** Undefined for a key that cannot be read: this runs for strangers. */
const keyFingerprintOf = (certificate: X509Certificate): string | undefined => {
  try {
    return hash('sha256', certificate.publicKey.export({ type: 'spki', format: 'der' }), 'hex');
  } catch {
    return undefined;
  }
};
