// Removing what nobody may read any more: files are written over with zeros in place before their names go. Every step may be
// repeated.

import {
  closeSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const zeros = Buffer.alloc(1024 * 1024);

/** Erases a file, or all that is in a folder and the folder itself; nothing where there is none. Durable at its end. */
export const erase = (path: string): void => {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (found.isDirectory()) {
    for (const name of readdirSync(path)) erase(join(path, name));
    rmdirSync(path);
  } else {
    if (found.isFile() && found.nlink === 1) overwrite(path);
    unlinkSync(path);
  }
  sync(dirname(path));
};

const overwrite = (path: string): void => {
  const file = openSync(path, 'r+');
  try {
    const { size } = fstatSync(file);
    for (let at = 0; at < size; at += zeros.length) writeSync(file, zeros, 0, Math.min(zeros.length, size - at), at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/** Removes without writing over: for what holds no secret. Durable at its end. */
export const remove = (path: string): void => {
  if (!lstatSync(path, { throwIfNoEntry: false })) return;
  rmSync(path, { recursive: true, force: true });
  sync(dirname(path));
};

const sync = (directory: string): void => {
  const file = openSync(directory, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};
