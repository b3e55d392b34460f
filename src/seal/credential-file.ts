// Where the credential of the `credential` slot comes from: systemd's credentials directory where the unit loads one
// (sealed to the TPM or the host by systemd-creds), else a file of mode 0600 in the data directory.

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { EdgeError } from '../errors.ts';

const fileName = 'storage-key.credential';
const systemdName = 'kmip-edge.storage-key';
const minimumBytes = 32;
const maximumBytes = 4096;

export interface CredentialPlace {
  readonly path: string;
  /** False where systemd provides it: then a missing one is never made here. */
  readonly ours: boolean;
}

/** Where to look, given the process environment. */
export const credentialPlace = (dataDirectory: string, environment: NodeJS.ProcessEnv): CredentialPlace => {
  const provided = environment['CREDENTIALS_DIRECTORY'];
  if (provided !== undefined) {
    const path = join(provided, systemdName);
    if (exists(path)) return { path, ours: false };
  }
  return { path: join(dataDirectory, fileName), ours: true };
};

/** The credential, or undefined where the file is not there. Throws `storage-locked` for one that others may read. */
export const readCredential = ({ path, ours }: CredentialPlace): Buffer | undefined => {
  const file = openExisting(path);
  if (file === undefined) return undefined;
  try {
    const { mode, size } = fstatSync(file);
    if (ours && (mode & 0o077) !== 0) {
      throw new EdgeError('storage-locked', `${path} can be read by others (mode ${(mode & 0o777).toString(8)})`, {
        hint: `run: chmod 600 ${path}`,
      });
    }
    if (size < minimumBytes || size > maximumBytes) {
      throw new EdgeError(
        'storage-locked',
        `${path} has ${size} bytes, a credential has ${minimumBytes} to ${maximumBytes}`,
      );
    }
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
};

/** Makes a new credential, durable before this returns. Never overwrites; it is there whole or not at all. */
export const createCredential = (dataDirectory: string, { path }: CredentialPlace): Buffer => {
  const credential = randomBytes(minimumBytes);
  const draft = `${path}.new`;
  // What a crash left of an earlier attempt was never used.
  rmSync(draft, { force: true });
  const file = openSync(draft, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
  try {
    writeFileSync(file, credential);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  linkSync(draft, path);
  rmSync(draft);
  const directory = openSync(dataDirectory, constants.O_RDONLY);
  fsyncSync(directory);
  closeSync(directory);
  return credential;
};

const openExisting = (path: string): number | undefined => {
  try {
    return openSync(path, constants.O_RDONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new EdgeError('storage-locked', `cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`, {
      cause: error,
    });
  }
};

const exists = (path: string): boolean => {
  const file = openExisting(path);
  if (file !== undefined) closeSync(file);
  return file !== undefined;
};
