// Every source of alarms, in one list. Adding one is a line here.

import type { Audit } from '../audit/audit.ts';
import type { BackupSchedule } from '../backup/schedule.ts';
import type { Clock } from '../clock.ts';
import type { Damage } from '../damage.ts';
import type { InstanceRegistry } from '../instances/registry.ts';
import type { Store } from '../keys/ports.ts';
import type { AlarmSource, Finding } from '../telemetry/alarms.ts';
import { clockAlarms, diskAlarms, instanceAlarms, renewalAlarms, sealAlarms, storeAlarms } from './alarm-sources.ts';
import { auditAlarms } from './audit-alarms.ts';
import { backupAlarms } from './backup-alarms.ts';
import type { EndingParts } from './certificate-endings.ts';
import { certificateAlarms } from './certificate-watch.ts';
import { damageAlarms } from './damage-alarms.ts';
import { machineAlarms } from './seal-alarms.ts';
import type { StorageSeal } from './storage-seal.ts';
import { updateAlarms } from './update-alarms.ts';
import type { UpdateDesk } from './update-desk.ts';

export interface AlarmParts {
  readonly registry: InstanceRegistry;
  readonly store: Store;
  readonly audit: Audit;
  readonly endings: EndingParts;
  readonly schedule: BackupSchedule;
  readonly updates: UpdateDesk;
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly seal: StorageSeal;
  readonly damage: Damage;
  readonly clockCheck: { alarms(): readonly Finding[] };
}

export const allAlarms = (parts: AlarmParts): readonly AlarmSource[] => {
  const { registry, store, audit, endings, schedule, updates, dataDirectory, clock, seal, clockCheck, damage } = parts;
  return [
    instanceAlarms(registry),
    renewalAlarms(registry, store),
    sealAlarms(store),
    machineAlarms(seal),
    storeAlarms(store),
    damageAlarms(damage),
    auditAlarms(audit, clock),
    diskAlarms(dataDirectory),
    clockAlarms(clock),
    () => clockCheck.alarms(),
    certificateAlarms(endings, clock),
    backupAlarms(schedule, store, clock, damage),
    updateAlarms(updates, clock),
  ];
};
