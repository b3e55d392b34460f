// One encrypted file on disk: there whole, readable by its owner alone, or not at all.

import { constants as is } from 'node:fs';
import { type FileHandle, link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EdgeError, messageOf } from '../errors.ts';
import { type AgeKey, type AgeLock, decrypted, encrypted } from './age.ts';

/** Bytes that are read at once. */
const pieceBytes = 256 * 1024;

/** What was written. */
export interface WrittenFile {
  readonly path: string;
  /** Of the file, in bytes. */
  readonly size: number;
}

/**
 * Writes `content` to `path`, encrypted so that `lock` closes it; it is durable when this resolves. Throws
 * `already-exists` for a path that is taken, `invalid-field` for a lock or a path that cannot be, and what `content` throws.
 */
export const writeAgeFile = async (
  path: string,
  lock: AgeLock,
  content: AsyncIterable<Uint8Array>,
): Promise<WrittenFile> => writeWholeFile(path, encrypted(lock, content));

/** The same for pieces that are encrypted already. */
export const writeWholeFile = async (path: string, pieces: AsyncIterable<Buffer>): Promise<WrittenFile> => {
  await requireNone(path);
  const draft = `${path}.part`;
  try {
    const size = await writeDraft(draft, pieces);
    await putInPlace(draft, path);
    return { path, size };
  } catch (error) {
    throw asFileError(error, path);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
};

/** The content of a file in the age format. Throws as {@link decrypted}, and `invalid-field` where it cannot be read. */
export const readAgeFile = (path: string, key: AgeKey): AsyncGenerator<Buffer> => decrypted(key, fileContent(path));

/**
 * The bytes of a file, in pieces that share their memory: one is done with when the next is asked for. Throws
 * `invalid-field` for a file that cannot be read.
 */
export async function* fileContent(path: string): AsyncGenerator<Buffer> {
  const file = await open(path, is.O_RDONLY).catch((error: unknown) => {
    throw cannotRead(error, path);
  });
  const piece = Buffer.alloc(pieceBytes);
  try {
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, pieceBytes, null).catch((error: unknown) => {
        throw cannotRead(error, path);
      });
      if (bytesRead === 0) return;
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

const cannotRead = (error: unknown, path: string): unknown =>
  isFileError(error) ? new EdgeError('invalid-field', `cannot read ${path}: ${error.code}`, { cause: error }) : error;

/** Throws `already-exists` for a path that is taken, `invalid-field` for one that cannot be. */
export const requireNone = async (path: string): Promise<void> => {
  const found = await open(path, is.O_RDONLY).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw asFileError(error, path);
  });
  if (!found) return;
  await found.close();
  throw taken(path);
};

const taken = (path: string): EdgeError =>
  new EdgeError('already-exists', `${path} is there already`, { hint: 'give the file another name' });

const writeDraft = async (draft: string, pieces: AsyncIterable<Buffer>): Promise<number> => {
  // What a crash left of an earlier attempt.
  await rm(draft, { force: true });
  const file = await open(draft, is.O_CREAT | is.O_EXCL | is.O_WRONLY, 0o600);
  try {
    return await writePieces(file, pieces);
  } finally {
    await file.close();
  }
};

const writePieces = async (file: FileHandle, pieces: AsyncIterable<Buffer>): Promise<number> => {
  let size = 0;
  for await (const bytes of pieces) {
    await file.writeFile(bytes);
    size += bytes.length;
  }
  await file.sync();
  return size;
};

/** Gives a file its name in one step that never takes the place of another; durable when it resolves. */
export const putInPlace = async (draft: string, path: string): Promise<void> => {
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? taken(path) : error;
  });
  await rm(draft);
  await syncDirectory(dirname(path));
};

/** Makes a change of names in `directory` durable. */
export const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, is.O_RDONLY);
  await handle.sync().finally(() => handle.close());
};

const isFileError = (error: unknown): error is NodeJS.ErrnoException & { readonly code: string } =>
  error instanceof Error && 'code' in error && 'syscall' in error;

/** What the file system says, as far as it is the user's to mend. */
const asFileError = (error: unknown, path: string): unknown => {
  if (!isFileError(error)) return error;
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    return new EdgeError('storage-full', `there is no space left for ${path}`, { cause: error });
  }
  return new EdgeError('invalid-field', `cannot write ${path}: ${messageOf(error)}`, { cause: error });
};
