// Files that are there whole or not at all, and durable.

import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes a file, and its folder where it is not there, so that it is whole or not there; durable, its name too. */
export const writeWhole = (path: string, content: string, mode: number): void => {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.new`;
  // In a folder of another user it may be a link that leads elsewhere, or a folder.
  rmSync(draft, { force: true, recursive: true });
  const file = openSync(draft, 'wx', mode);
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
