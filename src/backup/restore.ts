// Puts a backup into an empty data directory. Everything is decrypted, held against its checksum, opened and looked at
// beside the place where it will rest; only then it takes that place, in one step. Whenever this is ended, the directory
// holds everything or nothing.

import { createSecretKey, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EdgeError } from '../errors.ts';
import type { Store } from '../keys/ports.ts';
import type { AgeKey } from './age.ts';
import { putInPlace, readAgeFile } from './age-file.ts';
import { inspectStore } from './inspect.ts';
import { fileNames, type Manifest } from './manifest.ts';
import { giveToOwner } from './owner.ts';
import { unpack } from './unpack.ts';
import { wipeFile } from './wipe.ts';

export interface RestoreOptions {
  readonly file: string;
  readonly key: AgeKey;
  readonly dataDirectory: string;
  readonly openStore: (path: string) => Store;
  /** The newest version of the store that {@link openStore} takes. */
  readonly newestSchema: number;
  readonly environment: NodeJS.ProcessEnv;
  readonly now: number;
  /** Everything but what changes the data directory; then it need not be empty. */
  readonly checkOnly: boolean;
  /** Hears how many bytes are done, of how many. */
  readonly progress?: (done: number, total: number) => void;
}

export interface RestoreReport {
  readonly manifest: Manifest;
  readonly instances: readonly string[];
  readonly clients: number;
  readonly keys: number;
  /** Records whose sealed form does not open: they were damaged before the backup was made, and everything else is sound. */
  readonly damaged: readonly string[];
  /** The settings that were inside: none, put in place, or not because the directory has its own. */
  readonly settings: 'none' | 'restored' | 'kept';
  /** Whether the data directory has no data of its own. */
  readonly free: boolean;
}

const databaseEnds = ['', '-wal', '-shm', '-journal'] as const;
const draftMark = '.restore-';

/**
 * Restores, or only checks whether it could be done. Throws `invalid-field` for a file that cannot be read,
 * `storage-locked` where the key does not open it, `data-damaged` for one that is not sound, `already-exists` where the
 * directory has data; nothing is changed then.
 */
export const restoreBackup = async (options: RestoreOptions): Promise<RestoreReport> => {
  const { dataDirectory, checkOnly } = options;
  const made = await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  try {
    const free = await isFree(dataDirectory);
    if (!free && !checkOnly) throw taken(dataDirectory);
    return { ...(await restoreHere(options)), free };
  } finally {
    // Nothing happens to a directory that holds something.
    if (made !== undefined) await rmdir(dataDirectory).catch(() => undefined);
  }
};

/** Removes what an attempt that was ended left in `dataDirectory`: no restore may be running there. */
export const cleanAfterRestore = async (dataDirectory: string): Promise<void> => {
  const names = await readdir(dataDirectory);
  for (const name of names.filter((name) => name.includes(draftMark))) await wipeFile(join(dataDirectory, name));
};

const restoreHere = async (options: RestoreOptions): Promise<Omit<RestoreReport, 'free'>> => {
  const { file, key, dataDirectory, checkOnly } = options;
  const place = join(dataDirectory, fileNames.database);
  const draft = `${place}${draftMark}${randomBytes(6).toString('hex')}`;
  let storageKey: Buffer | undefined;
  try {
    const unpacked = await unpack(readAgeFile(file, key), draft, options.newestSchema, options.progress);
    storageKey = unpacked.storageKey;
    const contents = await inspectStore(
      { ...options, createdAt: unpacked.manifest.createdAt },
      draft,
      createSecretKey(storageKey),
    );
    const settings = await putSettings(unpacked.settings, join(dataDirectory, fileNames.settings), checkOnly);
    if (!checkOnly) {
      await giveToOwner(dataDirectory);
      await syncFile(draft);
      // A server that was started meanwhile has made its own: it stays.
      await putInPlace(draft, place).catch((error: unknown) => {
        throw error instanceof EdgeError ? taken(dataDirectory) : error;
      });
    }
    return { manifest: unpacked.manifest, ...contents, settings };
  } finally {
    storageKey?.fill(0);
    for (const end of databaseEnds) await wipeFile(draft + end);
  }
};

const taken = (dataDirectory: string): EdgeError =>
  new EdgeError('already-exists', `${dataDirectory} has data already: a backup is restored into an empty directory`, {
    hint: 'name another one with --data; nothing was changed',
  });

const isFree = async (dataDirectory: string): Promise<boolean> => {
  for (const end of databaseEnds) if (await exists(join(dataDirectory, fileNames.database + end))) return false;
  return true;
};

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw new EdgeError('invalid-field', `cannot look at ${path}: ${error.code}`, { cause: error });
    },
  );

/** The settings of the appliance. One that has its own keeps them: its address may have to be another one. */
const putSettings = async (
  settings: Buffer | undefined,
  path: string,
  checkOnly: boolean,
): Promise<RestoreReport['settings']> => {
  if (!settings) return 'none';
  if (await exists(path)) return 'kept';
  if (checkOnly) return 'restored';
  const draft = `${path}${draftMark}${randomBytes(6).toString('hex')}`;
  const file = await open(draft, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
  try {
    await writeAndSync(file, settings);
  } finally {
    await file.close();
  }
  await putInPlace(draft, path);
  return 'restored';
};

const writeAndSync = async (file: FileHandle, bytes: Buffer): Promise<void> => {
  await file.writeFile(bytes);
  await file.sync();
};

const syncFile = async (path: string): Promise<void> => {
  const file = await open(path, constants.O_RDWR);
  await file.sync().finally(() => file.close());
};
