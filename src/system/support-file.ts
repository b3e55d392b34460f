// A file for a supporter onto a further disk that is attached.

import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { EdgeError, messageOf } from '../errors.ts';
import { type Machine, placeOf, places } from './machine.ts';

export interface SupportFile {
  readonly name: string;
  readonly bytes: Buffer;
}

export interface Medium {
  readonly device: string;
  readonly fileSystem: string;
}

/** Milliseconds; a slow disk writes what is left when it is taken off. */
const mountTime = 120_000;

/** Writes it into the first folder of a disk, and takes the disk off. Throws `illegal-operation`; no half file stays. */
export const writeToMedium = async (
  machine: Machine,
  { device, fileSystem }: Medium,
  { name, bytes }: SupportFile,
): Promise<void> => {
  const place = join(placeOf(machine, places.run), 'medium');
  const options = { timeout: mountTime };
  mkdirSync(place, { recursive: true, mode: 0o700 });
  try {
    await machine.run('mount', ['-t', fileSystem, '-o', 'rw,nosuid,nodev,noexec', device, place], options);
    try {
      writeNew(join(place, name), bytes);
    } finally {
      await machine.run('umount', [place], options);
    }
  } catch (error) {
    throw new EdgeError('illegal-operation', `${device} does not take it: ${messageOf(error)}`, {
      hint: 'it needs room, and must not be write-protected',
    });
  }
};

const writeNew = (path: string, bytes: Buffer): void => {
  const file = openSync(path, 'wx', 0o600);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
};
