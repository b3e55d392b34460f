// Connections that are turned away, in the audit trail: once a minute for each certificate and each address, because
// anybody can make as many as they like.

import type { Recorder } from '../keys/audit-ports.ts';
import type { Log } from '../log.ts';
import { createQuietLog } from '../quiet-log.ts';

const quietTime = 60_000;

export interface RefusedConnections {
  /** A certificate that is not admitted, by its fingerprint. */
  certificate(fingerprint: string, address: string, subject: string, reason: string): void;
  /** More connections than are allowed. */
  limit(address: string): void;
  /** From none of the networks that clients come from. */
  network(address: string): void;
}

export const recordRefusedConnections = (recorder: Recorder): RefusedConnections => {
  const refused = { by: 'nobody', operation: 'connection.refused', outcome: 'refused' } as const;
  const sink: Pick<Log, 'warn'> = {
    warn: (reason, { name, address, ...more } = {}) => {
      const { fingerprint, problem } = more;
      recorder.record({
        ...refused,
        name: textOf(name),
        address: textOf(address),
        ...(fingerprint === undefined ? {} : { fingerprint: textOf(fingerprint) }),
        ...(problem === undefined ? {} : { problem: textOf(problem) }),
        reason,
      });
    },
  };
  const log: Log = { debug() {}, info() {}, error() {}, ...sink };
  const quiet = createQuietLog(log, quietTime);
  // Addresses are easily had by the thousand: they do not use up the lines for certificates.
  const quietByAddress = createQuietLog(log, quietTime);
  return {
    certificate: (fingerprint, address, subject, problem) =>
      quiet(fingerprint, 'permission-denied', { name: subject, address, fingerprint, problem }),
    limit: (address) => quietByAddress(`limit ${address}`, 'too-many-connections', { name: '', address }),
    network: (address) => quietByAddress(`network ${address}`, 'other-network', { name: '', address }),
  };
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 300) : '');
