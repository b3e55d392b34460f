// The copies of the server's data that a trial makes. What opens the stored keys lies in them, and keys that are destroyed
// later; so they are written over before their names go.

import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileNames } from '../backup/manifest.ts';
import { erase, remove } from '../system/erase.ts';

/** Bytes. A larger file that is no database is a backup, which is encrypted. */
const largestSecret = 1024 * 1024;

/** Erases a copy; nothing where there is none. May be repeated. */
export const eraseCopy = (directory: string): void => {
  const isThere = lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() === true;
  for (const entry of isThere ? readdirSync(directory, { recursive: true, withFileTypes: true }) : []) {
    const path = join(entry.parentPath, entry.name);
    const isDatabase = entry.name.startsWith(fileNames.database);
    if (entry.isFile() && (isDatabase || lstatSync(path).size <= largestSecret)) erase(path);
  }
  remove(directory);
};
