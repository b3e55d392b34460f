// What runs where, for the page and for the support bundle.

import { statfsSync, statSync } from 'node:fs';
import { arch, cpus, release, totalmem } from 'node:os';
import type { Store } from '../keys/ports.ts';
import type { ApplianceView } from './api/appliance.ts';

export interface AppliancePlace {
  readonly version: string;
  readonly store: Pick<Store, 'version'>;
  readonly dataDirectory: string;
  /** Path of the database's file. */
  readonly database: string;
}

/** `startedAt` in ISO 8601. */
export const applianceView = (place: AppliancePlace, startedAt: string): ApplianceView => {
  const { version, store, dataDirectory, database } = place;
  const { node, openssl } = process.versions;
  const { bavail, blocks, bsize } = statfsSync(dataDirectory);
  return {
    version,
    node,
    openssl,
    sqlite: store.version,
    system: `${process.platform} ${arch()} ${release()}`,
    processors: cpus().length,
    startedAt,
    dataDirectory,
    memory: { resident: process.memoryUsage.rss(), total: totalmem() },
    disk: { free: bavail * bsize, size: blocks * bsize, database: statSync(database).size },
  };
};
