// Files in the data directory that nobody else may read.

import { fileNames } from '../backup/manifest.ts';
import { ownCredentialPath } from '../seal/credential-file.ts';
import { apiKeyPaths } from '../seal/key-protect-slot.ts';
import { socketName } from './api/table.ts';

/** Their names. */
export const secretFiles: readonly string[] = [
  fileNames.database,
  `${fileNames.database}-wal`,
  `${fileNames.database}-shm`,
  ownCredentialPath(''),
  ...apiKeyPaths(''),
  socketName,
];
