// Backups in a directory, as a rule the mount point of a disk elsewhere. The directory is never made: where the mount is
// missing, backups would fill the disk of the appliance unseen.

import { constants } from 'node:fs';
import { lstat, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EdgeError } from '../errors.ts';
import { syncDirectory, writeWholeFile } from './age-file.ts';
import { readBackupName } from './names.ts';
import { newestFirst, type Place, type PlacedBackup } from './place.ts';

/** How every file in the age format begins. */
const ageHead = Buffer.from('age-encryption.org/v1\n');
const draftEnd = '.part';

/** The backups of `appliance` in `directory`. */
export const directoryPlace = (directory: string, appliance: string): Place => ({
  title: directory,
  async write(name, pieces) {
    const names = await namesIn(directory);
    // What a crash left behind. One backup is made at a time, so that nobody writes them now.
    for (const old of names.filter(
      (one) => isOurs(one.slice(0, -draftEnd.length), appliance) && one.endsWith(draftEnd),
    )) {
      await rm(join(directory, old), { force: true });
    }
    const { size } = await writeWholeFile(join(directory, name), pieces);
    return size;
  },
  async list() {
    const names = (await namesIn(directory)).filter((name) => isOurs(name, appliance));
    const found = await Promise.all(names.map((name) => placedAt(directory, name)));
    return newestFirst(found.filter((one) => one !== undefined));
  },
  async remove(name) {
    const path = join(directory, name);
    if (!isOurs(name, appliance) || !(await isBackup(path))) {
      throw new EdgeError('permission-denied', `${path} is not a backup of this appliance: it stays`);
    }
    await rm(path);
    await syncDirectory(directory);
  },
});

const isOurs = (name: string, appliance: string): boolean => readBackupName(name)?.appliance === appliance;

const namesIn = (directory: string): Promise<readonly string[]> =>
  readdir(directory).catch((error: NodeJS.ErrnoException) => {
    throw new EdgeError('upstream-unreachable', `cannot look into ${directory}: ${error.code}`, {
      hint: 'is it there, is it mounted, and may the server write there?',
      cause: error,
    });
  });

const placedAt = async (directory: string, name: string): Promise<PlacedBackup | undefined> => {
  const found = await lstat(join(directory, name)).catch(() => undefined);
  const at = readBackupName(name)?.at;
  return found?.isFile() && at !== undefined ? { name, size: found.size, at } : undefined;
};

const isBackup = async (path: string): Promise<boolean> => {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
  if (!file) return false;
  try {
    const head = Buffer.alloc(ageHead.length);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    return bytesRead === head.length && head.equals(ageHead) && (await file.stat()).isFile();
  } finally {
    await file.close();
  }
};
