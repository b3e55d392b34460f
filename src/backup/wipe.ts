// Removes a file that held sealed keys. A key that is destroyed later must not live on in the free blocks of the disk, so
// the file is overwritten first, as the database overwrites what it erases.

import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';

const zeros = Buffer.alloc(1024 * 1024);

/** Overwrites and removes `path`; one that is not there is well. */
export const wipeFile = async (path: string): Promise<void> => {
  const file = await open(path, constants.O_WRONLY | constants.O_NOFOLLOW).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return;
  try {
    const { size } = await file.stat();
    for (let place = 0; place < size; place += zeros.length) {
      await file.write(zeros, 0, Math.min(zeros.length, size - place), place);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rm(path, { force: true });
};
