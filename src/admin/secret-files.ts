// Files in the data directory that nobody else may read.

import { fileNames } from '../backup/manifest.ts';
import { socketName } from './api/table.ts';

export const secretFiles: readonly string[] = [
  fileNames.database,
  `${fileNames.database}-wal`,
  `${fileNames.database}-shm`,
  'storage-key.credential',
  socketName,
];
