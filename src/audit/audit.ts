// The audit as one part: the trail that is written, its retention, and its verification.

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Clock } from '../clock.ts';
import type { Damage } from '../damage.ts';
import type { Recorder } from '../keys/audit-ports.ts';
import type { Store } from '../keys/ports.ts';
import type { Sealer } from '../keys/seal-ports.ts';
import type { Log } from '../log.ts';
import { Forwarder } from './forward/forwarder.ts';
import { Retention } from './retention.ts';
import { AuditTrail } from './trail.ts';
import { openTrailKeys, type TrailKeys } from './trail-keys.ts';
import { Verification } from './verification.ts';

export interface SyslogOptions {
  /** `host`, `host:port` or `[address]:port`. */
  readonly address: string;
  /** Of a PEM file; empty: the authorities that Node knows. */
  readonly caFile: string;
  /** Records. */
  readonly maximumBehind: number;
}

export interface AuditOptions {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly log: Log;
  readonly damage: Damage;
  /** How long records are kept, milliseconds. */
  readonly keep: number | 'unlimited';
  /** Whether reads that succeed are recorded; default: yes. */
  readonly reads?: boolean;
  /** Absent: the trail is not forwarded. */
  readonly syslog?: SyslogOptions | undefined;
  readonly instanceName: (id: string) => string | undefined;
  /** False while the clock may tell any time: nothing is dropped for its age then. */
  readonly isClockTrusted: () => boolean;
  readonly observers: readonly Recorder[];
}

export interface Audit {
  readonly trail: AuditTrail;
  readonly keys: TrailKeys;
  readonly verification: Verification;
  readonly retention: Retention;
  readonly forwarder: Forwarder | undefined;
  close(): Promise<void>;
}

/** The settings of the group `audit`, as the configuration has them. */
export interface AuditSettings {
  readonly keep: number | 'unlimited';
  readonly reads: boolean;
  readonly syslogAddress: string;
  readonly syslogCaFile: string;
  readonly syslogMaximumBehind: number;
}

export const auditOptions = (given: AuditSettings): Pick<AuditOptions, 'keep' | 'reads' | 'syslog'> => {
  const { keep, reads, syslogAddress: address, syslogCaFile: caFile, syslogMaximumBehind: maximumBehind } = given;
  return { keep, reads, syslog: address === '' ? undefined : { address, caFile, maximumBehind } };
};

/** Opens the trail; from now on every transaction of the store carries its records. */
export const openAudit = async (options: AuditOptions): Promise<Audit> => {
  const { store, clock, log, keep, isClockTrusted } = options;
  const keys = await openTrailKeys(options);
  const trail = new AuditTrail({ ...options, keys });
  const verification = new Verification({ trail: store.trail, keys }, clock);
  const isBusy = () => verification.isRunning;
  const retention = new Retention({ store, keys, clock, log, keep, isBusy, isClockTrusted });
  retention.start();
  const forwarder = options.syslog && openForwarder(options, options.syslog, trail);
  forwarder?.start();
  return {
    trail,
    keys,
    verification,
    retention,
    forwarder,
    async close() {
      await forwarder?.close();
      await retention.close();
      await verification.close();
      await trail.close();
    },
  };
};

const usualPort = 6514;

const openForwarder = (
  { store, clock, log, damage }: AuditOptions,
  syslog: SyslogOptions,
  trail: AuditTrail,
): Forwarder => {
  const { address, caFile, maximumBehind } = syslog;
  const [, ipv6, name = '', port] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(address) ?? [];
  // Read for each connection, so that another authority counts at once.
  const collector = () => ({
    host: ipv6 ?? name,
    port: port === undefined ? usualPort : Number(port),
    authority: caFile === '' ? undefined : readFileSync(caFile, 'utf8'),
  });
  const origin = { host: hostname(), process: process.pid };
  return new Forwarder({ store, trail, clock, log, damage, collector, origin, maximumBehind });
};
