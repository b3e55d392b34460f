// The audit as one part: the trail that is written, its retention, and its verification.

import type { Clock } from '../clock.ts';
import type { Recorder } from '../keys/audit-ports.ts';
import type { Sealer, Store } from '../keys/ports.ts';
import type { Log } from '../log.ts';
import { Retention } from './retention.ts';
import { AuditTrail } from './trail.ts';
import { openTrailKeys, type TrailKeys } from './trail-keys.ts';
import { Verification } from './verification.ts';

export interface AuditOptions {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly log: Log;
  /** How long records are kept, milliseconds. */
  readonly keep: number | 'unlimited';
  /** Whether reads that succeed are recorded; default: yes. */
  readonly reads?: boolean;
  readonly instanceName: (id: string) => string | undefined;
  readonly observers: readonly Recorder[];
}

export interface Audit {
  readonly trail: AuditTrail;
  readonly keys: TrailKeys;
  readonly verification: Verification;
  readonly retention: Retention;
  close(): Promise<void>;
}

/** Opens the trail; from now on every transaction of the store carries its records. */
export const openAudit = async (options: AuditOptions): Promise<Audit> => {
  const { store, clock, log, keep } = options;
  const keys = await openTrailKeys(options);
  const trail = new AuditTrail({ ...options, keys });
  const verification = new Verification({ trail: store.trail, keys }, clock);
  const retention = new Retention({ store, keys, clock, log, keep, isBusy: () => verification.isRunning });
  retention.start();
  return {
    trail,
    keys,
    verification,
    retention,
    async close() {
      await retention.close();
      await verification.close();
      await trail.close();
    },
  };
};
