// Where the credential of the `credential` slot comes from: systemd's credentials directory where the unit loads one (sealed
// by the machine's TPM, on the appliance), else a file of mode 0600 in the data directory, which opens on any machine.

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { EdgeError } from '../errors.ts';
import { syncDirectory } from '../whole-file.ts';

const fileName = 'storage-key.credential';
const systemdName = 'kmip-edge.storage-key';
const minimumBytes = 32;
const maximumBytes = 4096;

export interface CredentialPlace {
  readonly path: string;
  /** False where systemd provides it: then a missing one is never made here. */
  readonly ours: boolean;
}

/** Our own file, whether it is there or not. */
export const ownCredentialPath = (dataDirectory: string): string => join(dataDirectory, fileName);

/** Where to look, given the process environment: what systemd provides, in the order of the names, then our own file. */
export const credentialPlaces = (
  dataDirectory: string,
  environment: NodeJS.ProcessEnv,
): readonly [CredentialPlace, ...CredentialPlace[]] => {
  const own = { path: ownCredentialPath(dataDirectory), ours: true };
  const directory = environment['CREDENTIALS_DIRECTORY'];
  const [first, ...others] = directory === undefined ? [] : providedNames(directory);
  if (directory === undefined || first === undefined) return [own];
  const provided = (name: string): CredentialPlace => ({ path: join(directory, name), ours: false });
  return [provided(first), ...others.map(provided), own];
};

/** There may be several: what an earlier machine sealed is told apart by what follows the name. */
const providedNames = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory)
      .filter((name) => name === systemdName || name.startsWith(`${systemdName}.`))
      .toSorted();
  } catch {
    return [];
  }
};

/**
 * The credential, or undefined where the file is not there. Throws `storage-locked` for one that cannot be used: others may
 * read it, it has a wrong size, or it cannot be read.
 */
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
    return contentOf(file, path);
  } finally {
    closeSync(file);
  }
};

const contentOf = (file: number, path: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (error) {
    throw unreadable(path, error);
  }
};

/** Makes a new credential, durable before this returns. Never overwrites; it is there whole or not at all. */
export const createCredential = (dataDirectory: string, { path }: CredentialPlace): Buffer => {
  const credential = randomBytes(minimumBytes);
  writeSecretFile(dataDirectory, path, credential);
  return credential;
};

export interface NewCredential {
  readonly credential: Buffer;
  /** Where what lay there before is now. */
  readonly aside: string | undefined;
  /** Puts back what lay there before, if anything did. */
  readonly undo: () => void;
}

/**
 * As {@link createCredential}, where a file that cannot be used may lie. That one is set aside, not erased: until the slot of
 * the new one is stored, it may need no more than another mode to open. Throws what the file system does; then all is as it
 * was.
 */
export const putNewCredential = (dataDirectory: string, place: CredentialPlace): NewCredential => {
  const { path } = place;
  const aside = lstatSync(path, { throwIfNoEntry: false }) && `${path}.unusable`;
  if (aside !== undefined) renameSync(path, aside);
  const undo = (): void => {
    eraseSecretFile(path);
    if (aside !== undefined) renameSync(aside, path);
    syncDirectory(dataDirectory);
  };
  try {
    return { credential: createCredential(dataDirectory, place), aside, undo };
  } catch (error) {
    undo();
    throw error;
  }
};

/** Where a file is written before it has its name. */
export const draftOf = (path: string): string => `${path}.new`;

/** Writes a file of mode 0600 that is not there yet; durable, whole or not at all. */
export const writeSecretFile = (dataDirectory: string, path: string, content: Buffer): void => {
  const draft = draftOf(path);
  // What a crash left of an earlier attempt was never used.
  rmSync(draft, { force: true });
  const file = openSync(draft, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
    linkSync(draft, path);
  } finally {
    closeSync(file);
    rmSync(draft, { force: true });
  }
  syncDirectory(dataDirectory);
};

/** Overwrites and removes a secret of ours; one that is not there is well. */
export const eraseSecretFile = (path: string): void => {
  const file = openExisting(path, constants.O_RDWR | constants.O_NOFOLLOW);
  if (file === undefined) return;
  try {
    const { size } = fstatSync(file);
    writeSync(file, Buffer.alloc(Math.min(size, maximumBytes)), 0, undefined, 0);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  rmSync(path, { force: true });
};

const openExisting = (path: string, flags: number = constants.O_RDONLY): number | undefined => {
  try {
    return openSync(path, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
};

const unreadable = (path: string, cause: unknown): EdgeError =>
  new EdgeError('storage-locked', `cannot read ${path}: ${(cause as NodeJS.ErrnoException).code}`, { cause });
