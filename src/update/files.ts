// Files of an update that somebody else may have written: never read through a link.

import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

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
