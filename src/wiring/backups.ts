// Backups of this appliance: what makes them, the jobs that somebody asked for, and the schedule.

import { applianceId } from '../backup/appliance-id.ts';
import { BackupJobs } from '../backup/jobs.ts';
import { BackupMaker, type BackupParts } from '../backup/make.ts';
import { BackupSchedule, type ScheduleParts } from '../backup/schedule.ts';
import { readCertificate } from '../ca/certificate.ts';
import type { Damage } from '../damage.ts';
import type { Sealer } from '../keys/seal-ports.ts';

export interface BackupWiring extends Omit<BackupParts, 'appliance'>, Pick<ScheduleParts, 'log' | 'settings'> {
  readonly sealer: Sealer;
  /** PEM of our own certificate authority; empty where that is damaged. */
  readonly authority: string;
  readonly damage: Damage;
}

/** The schedule waits to be started. */
export const openBackups = async ({ sealer, authority, damage, log, settings, ...parts }: BackupWiring) => {
  const { store, clock } = parts;
  const fingerprint = authority === '' ? undefined : readCertificate(authority).fingerprintSha256;
  const appliance = await applianceId({ store, sealer, damage }, fingerprint);
  const maker = new BackupMaker({ ...parts, appliance });
  const jobs = new BackupJobs(maker, log);
  return { maker, jobs, schedule: new BackupSchedule({ store, maker, jobs, appliance, clock, log, settings }) };
};
