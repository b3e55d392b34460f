// Makes a backup while the server runs: a snapshot of the store, the settings, and the storage key that opens the
// snapshot, as one encrypted stream. Where the stream goes is the caller's.

import { createHash, type KeyObject } from 'node:crypto';
import { readFile, stat, statfs } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Clock } from '../clock.ts';
import { EdgeError, messageOf } from '../errors.ts';
import type { Store } from '../keys/ports.ts';
import { type DiskRoom, inMebibytes, roomOn } from '../spare-room.ts';
import { type AgeLock, encrypted } from './age.ts';
import { fileContent, type WrittenFile, writeWholeFile } from './age-file.ts';
import { backupFormat, fileNames, type Manifest } from './manifest.ts';
import { type TarEntry, writeTar } from './tar.ts';
import { wipeFile } from './wipe.ts';

export interface BackupParts {
  readonly store: Store;
  readonly storageKey: KeyObject;
  readonly dataDirectory: string;
  /** Of kmip-edge. */
  readonly version: string;
  /** Which appliance this is; it goes into names, so letters and digits only. */
  readonly appliance: string;
  readonly clock: Clock;
  /** What is wrong with a snapshot: what a restore refuses. Throws where it cannot be looked at, and when `signal` ends it. */
  readonly examine: (path: string, signal: AbortSignal) => Promise<readonly string[]>;
  /** Default: what the system says of the disk. */
  readonly statfs?: (path: string) => Promise<DiskRoom>;
}

export interface MadeBackup extends WrittenFile, BackupFacts {}

/** What a backup says of itself. */
export interface BackupFacts {
  readonly manifest: Manifest;
  /** Why a restore may refuse it: the database was damaged before, and more than this copy of it there may not be. */
  readonly damage?: string;
}

/** How far a backup is, in bytes of work. */
export interface BackupProgress {
  readonly done: number;
  readonly total: number;
}

const snapshotName = 'backup.snapshot';
const largestSettings = 256 * 1024;

/** Makes backups, one at a time. */
export class BackupMaker {
  readonly #parts: BackupParts;
  readonly #snapshot: string;
  /** What a crash left behind is gone when this resolves. */
  readonly #cleaned: Promise<void>;
  #progress: BackupProgress | undefined;
  readonly #stop = new AbortController();

  constructor(parts: BackupParts) {
    this.#parts = parts;
    this.#snapshot = join(parts.dataDirectory, snapshotName);
    this.#cleaned = this.#clean().catch(() => undefined);
  }

  /** Of the one that is being made. */
  get progress(): BackupProgress | undefined {
    return this.#progress;
  }

  /** Ends the one that is being made, and makes none any more. */
  stop(): void {
    this.#stop.abort();
  }

  /**
   * Writes a backup to `path` on this machine. Throws what {@link stream} and {@link writeWholeFile} throw, and
   * `invalid-field` for a path that depends on where the server was started.
   */
  async make(path: string, lock: AgeLock): Promise<MadeBackup> {
    absolutePath(path);
    let facts: BackupFacts | undefined;
    const pieces = this.stream(lock, (told) => {
      facts = told;
    });
    const written = await writeWholeFile(path, pieces);
    if (!facts) throw new EdgeError('internal', 'a backup without a manifest');
    return { ...written, ...facts };
  }

  /**
   * A backup as encrypted bytes; what was acknowledged before the first of them is asked for is inside. `told` hears what
   * it says of itself. Throws `illegal-operation` while another one is being made, `invalid-field` for a lock that closes
   * nothing, `storage-full` where the snapshot does not fit beside the room that the server itself needs.
   */
  stream(lock: AgeLock, told: (facts: BackupFacts) => void = () => undefined): AsyncGenerator<Buffer> {
    // The lock is looked at before the work begins.
    return this.#guarded(encrypted(lock, this.#content(told)));
  }

  async *#guarded(pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
    if (this.#progress) {
      throw new EdgeError('illegal-operation', 'another backup is being made', { hint: 'wait until it is done' });
    }
    this.#progress = { done: 0, total: 0 };
    try {
      yield* pieces;
    } finally {
      // A disk that takes no writes does not let the snapshot be overwritten: the next one must be tried all the same.
      await this.#clean().finally(() => {
        this.#progress = undefined;
      });
    }
  }

  async *#content(told: (facts: BackupFacts) => void): AsyncGenerator<Buffer> {
    const { store, storageKey, dataDirectory, version, appliance, clock } = this.#parts;
    await this.#cleaned;
    this.#told(0, 0);
    await this.#requireRoom();
    const createdAt = clock.now();
    const facts = await store.snapshot(this.#snapshot, (done, total) => this.#told(done, 2 * total));
    const damage = await this.#damage();
    const { size } = await stat(this.#snapshot);
    const sha256 = await sha256Of(this.#snapshot);
    const manifest: Manifest = {
      format: backupFormat,
      version,
      createdAt: new Date(createdAt).toISOString(),
      appliance,
      ...facts,
      database: { size, sha256 },
    };
    told({ manifest, ...(damage === undefined ? {} : { damage }) });
    const settings = await readFile(join(dataDirectory, fileNames.settings)).catch(() => undefined);
    const key = storageKey.export();
    const entries: TarEntry[] = [
      entryOf(fileNames.manifest, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)),
      entryOf(fileNames.storageKey, key),
      ...(settings && settings.length <= largestSettings ? [entryOf(fileNames.settings, settings)] : []),
      { name: fileNames.database, size, content: this.#counted(size) },
    ];
    try {
      yield* writeTar(entries, createdAt);
    } finally {
      key.fill(0);
    }
  }

  /** A damaged database is copied all the same: it may be the last copy of some keys. */
  async #damage(): Promise<string | undefined> {
    const { signal } = this.#stop;
    try {
      const [first, ...more] = await this.#parts.examine(this.#snapshot, signal);
      if (first === undefined) return undefined;
      return `the database is damaged: ${first}${more.length > 0 ? `, and ${more.length} more` : ''}`;
    } catch (error) {
      if (signal.aborted) throw stopping();
      return `whether the database is sound could not be found out: ${messageOf(error)}`;
    }
  }

  /** A snapshot that fills the disk would have each Create refused until it is given up. */
  async #requireRoom(): Promise<void> {
    const { dataDirectory } = this.#parts;
    const database = join(dataDirectory, fileNames.database);
    const needed = (await sizeOf(database)) + (await sizeOf(`${database}-wal`));
    const room = roomOn(await (this.#parts.statfs ?? statfs)(dataDirectory));
    if (room > needed) return;
    const problem = `a backup needs ${inMebibytes(needed)} on the data disk for a snapshot, and ${inMebibytes(room)} can be spared`;
    throw new EdgeError('storage-full', problem, { hint: 'free space on the data disk, or enlarge it' });
  }

  async *#counted(size: number): AsyncGenerator<Buffer> {
    let done = size;
    for await (const bytes of fileContent(this.#snapshot)) {
      done += bytes.length;
      this.#told(done, 2 * size);
      yield bytes;
    }
  }

  #told(done: number, total: number): void {
    if (this.#stop.signal.aborted) throw stopping();
    this.#progress = { done, total };
  }

  async #clean(): Promise<void> {
    for (const end of ['', '-journal', '-wal', '-shm']) await wipeFile(this.#snapshot + end);
  }
}

const stopping = (): EdgeError => new EdgeError('not-ready', 'the server is stopping: the backup is given up');

/** `path` itself. Throws `invalid-field` for one that depends on where the server was started. */
export const absolutePath = (path: string): string => {
  if (isAbsolute(path)) return path;
  throw new EdgeError('invalid-field', `${path} is not an absolute path`);
};

const entryOf = (name: string, bytes: Buffer): TarEntry => ({ name, size: bytes.length, content: only(bytes) });

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** Of a file, in bytes; 0 where there is none. */
const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

const sha256Of = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const bytes of fileContent(path)) hash.update(bytes);
  return hash.digest('hex');
};
