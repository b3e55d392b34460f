// Files of an update: whole or not at all, and never through a link that somebody else has put there.

import { closeSync, constants, fstatSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes a file so that it is there whole or not at all; durable, its name too, when this returns. */
export const writeWhole = (path: string, content: string, mode: number): void => {
  const draft = `${path}.new`;
  const file = openSync(draft, 'w', mode);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  syncDirectory(dirname(path));
};

/** Makes durable which names a directory has. */
export const syncDirectory = (path: string): void => {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
};

/** A file descriptor of a regular file that is no link. Throws where there is none. */
export const openPlainFile = (path: string): number => {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw new Error(`${path} is not a file`);
};

/** The text of a small file that somebody else may have written; undefined for anything else. */
export const readSmallFile = (path: string, most: number): string | undefined => {
  let file: number;
  try {
    file = openPlainFile(path);
  } catch {
    return undefined;
  }
  try {
    return fstatSync(file).size > most ? undefined : readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
};
