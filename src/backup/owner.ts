// Whose the files of a data directory are. On the appliance it is root who restores, and another user who serves: that one
// could open nothing of what root has made, and no key would be served.

import type { Stats } from 'node:fs';
import { lchown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What the file system is asked and told; a test plays it. */
export interface Ownership {
  readonly lstat: (path: string) => Promise<Pick<Stats, 'uid' | 'gid' | 'nlink' | 'isFile'>>;
  readonly lchown: (path: string, uid: number, gid: number) => Promise<void>;
}

/**
 * Gives the files in `directory` to whoever owns it; what is a link, or has another name elsewhere, stays whose it is. Only
 * root has anything to give.
 */
export const giveToOwner = async (directory: string, system: Ownership = { lstat, lchown }): Promise<void> => {
  const { uid, gid } = await system.lstat(directory);
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const found = await system.lstat(path);
    if (found.isFile() && found.nlink === 1 && found.uid !== uid) await system.lchown(path, uid, gid);
  }
};
