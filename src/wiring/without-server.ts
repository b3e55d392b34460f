// What is done to a data directory whose server does not run: it is looked at, or filled from a backup.

import { join, resolve } from 'node:path';
import type { DoctorView } from '../admin/api/doctor.ts';
import { examineWithoutServer } from '../admin/doctor-without-server.ts';
import { secretFiles } from '../admin/secret-files.ts';
import { fileNames } from '../backup/manifest.ts';
import { type RestoreOptions, type RestoreReport, restoreBackup } from '../backup/restore.ts';
import { systemClock } from '../clock.ts';
import { kindNamed } from '../instances/open-authority.ts';
import { silentLog } from '../log.ts';
import { schemaVersion } from '../store/sqlite/migrations.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';
import { keyProtectKind } from '../upstream/key-protect/kind.ts';
import { localRootKind } from '../upstream/local-root/kind.ts';
import { regionalKmipKind } from '../upstream/regional-kmip/kind.ts';

export type { RestoreReport };

export type RestoreRequest = Omit<RestoreOptions, 'openStore' | 'newestSchema' | 'now'>;

/** Puts a backup into an empty data directory, for the next start. Throws as {@link restoreBackup}. */
export const restore = (request: RestoreRequest): Promise<RestoreReport> =>
  restoreBackup({
    ...request,
    openStore: openSqliteStore,
    newestSchema: schemaVersion,
    now: systemClock.now(),
  });

/** Looks at a data directory whose server does not run. */
export const examine = async (directory: string): Promise<DoctorView> => {
  const dataDirectory = resolve(directory);
  const parts = { clock: systemClock, log: silentLog };
  const kinds = [localRootKind, regionalKmipKind(parts), keyProtectKind({ ...parts, timings: {} })];
  return examineWithoutServer({
    dataDirectory,
    database: join(dataDirectory, fileNames.database),
    secretFiles,
    now: () => systemClock.now(),
    targetsOf: (kind, stored) => kindNamed(kinds, kind).targets(stored),
  });
};
