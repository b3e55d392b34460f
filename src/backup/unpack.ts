// Takes a backup apart: each file inside is bounded, known by its name, and held against what the manifest says of it.

import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { EdgeError } from '../errors.ts';
import { fileNames, type Manifest, maximumManifest, readManifest } from './manifest.ts';
import { type ReadEntry, readTar } from './tar.ts';

const storageKeyBytes = 32;
const maximumSettings = 256 * 1024;

export interface Unpacked {
  readonly manifest: Manifest;
  readonly storageKey: Buffer;
  readonly settings: Buffer | undefined;
}

/**
 * Writes the database to `draft` and gives the rest. When it resolves, every byte of `content` has been vouched for. Throws
 * `data-damaged` for what is not a whole backup, `feature-not-supported` for one of a newer program.
 */
export const unpack = async (
  content: AsyncIterable<Buffer>,
  draft: string,
  newestSchema: number,
  progress: (done: number, total: number) => void = () => undefined,
): Promise<Unpacked> => {
  const found = new Map<string, Buffer>();
  let manifest: Manifest | undefined;
  let hasDatabase = false;
  for await (const entry of readTar(content)) {
    if (entry.name === fileNames.database && manifest) {
      await writeDatabase(entry, manifest, draft, progress);
      hasDatabase = true;
      continue;
    }
    const most = smallFiles[entry.name];
    if (most === undefined || found.has(entry.name)) throw damaged(`holds an unexpected file '${entry.name}'`);
    if (entry.size > most) throw damaged(`holds a ${entry.name} of ${entry.size} bytes`);
    const bytes = await wholeOf(entry);
    found.set(entry.name, bytes);
    if (entry.name === fileNames.manifest) manifest = checkManifest(bytes, newestSchema);
  }
  const storageKey = found.get(fileNames.storageKey);
  if (!manifest || !hasDatabase) throw damaged('is not complete');
  if (storageKey?.length !== storageKeyBytes) throw damaged('holds no storage key');
  return { manifest, storageKey, settings: found.get(fileNames.settings) };
};

/** Bytes that each may have. */
const smallFiles: Readonly<Record<string, number>> = {
  [fileNames.manifest]: maximumManifest,
  [fileNames.storageKey]: storageKeyBytes,
  [fileNames.settings]: maximumSettings,
};

const damaged = (problem: string): EdgeError =>
  new EdgeError('data-damaged', `the backup ${problem}`, { hint: 'take another one; nothing was changed' });

const checkManifest = (bytes: Buffer, newestSchema: number): Manifest => {
  const manifest = readManifest(bytes);
  if (manifest.schema <= newestSchema) return manifest;
  const problem = `the database of the backup has version ${manifest.schema}, this program knows ${newestSchema}`;
  throw new EdgeError('feature-not-supported', problem, {
    hint: `it was made by kmip-edge ${manifest.version}: restore it with that one; nothing was changed`,
  });
};

const wholeOf = async ({ content }: ReadEntry): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts);
};

const writeDatabase = async (
  { size, content }: ReadEntry,
  { database }: Manifest,
  path: string,
  progress: (done: number, total: number) => void,
): Promise<void> => {
  const file = await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
  const hash = createHash('sha256');
  let done = 0;
  try {
    for await (const bytes of content) {
      hash.update(bytes);
      await file.writeFile(bytes);
      done += bytes.length;
      progress(done, size);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (size !== database.size || hash.digest('hex') !== database.sha256)
    throw damaged('has a database of another checksum');
};
