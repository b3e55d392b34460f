// How an update is asked for. The server may do nothing to the system, so it leaves a note in a folder of its own, and systemd
// starts the program that may; what is in the folder is taken as a stranger's: a file or a note that is no plain file is not
// looked at, and an update is what its signature says, whoever put it there. Root leaves its note elsewhere, and may name any
// file.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../whole-file.ts';
import { readSmallFile } from './files.ts';

export type UpdateRequest =
  | { readonly action: 'apply' /** Path of the bundle. */; readonly file: string }
  | { readonly action: 'return' };

export const requestName = 'request.json';
export const bundleName = 'incoming.update';
const largestRequest = 8192;

/** Asks. The bundle lies in the same folder, or, where `file` is given, there. */
export const leaveRequest = (directory: string, request: UpdateRequest): void => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeWhole(join(directory, requestName), JSON.stringify(request), 0o600);
};

/**
 * What was asked for in `directory`, which is then no longer asked for; undefined where nothing was, or not in words that are
 * known. Only where `trusted` may it name a file outside.
 */
export const takeRequest = (directory: string, trusted: boolean): UpdateRequest | undefined => {
  const path = join(directory, requestName);
  const text = readSmallFile(path, largestRequest);
  rmSync(path, { force: true, recursive: true });
  const { action, file } = parsed(text);
  if (action === 'return') return { action };
  if (action !== 'apply') return undefined;
  return { action, file: trusted && typeof file === 'string' ? file : join(directory, bundleName) };
};

const parsed = (text: string | undefined): { readonly action?: unknown; readonly file?: unknown } => {
  try {
    return (JSON.parse(text ?? '{}') ?? {}) as { readonly action?: unknown };
  } catch {
    return {};
  }
};
