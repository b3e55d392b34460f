// An update bundle, made from the image of a system slot: see src/update/bundle.ts for what is in it.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, type KeyObject, sign } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { type TarEntry, writeTar } from '../src/backup/tar.ts';
import { digestOf, memberNames } from '../src/update/bundle.ts';
import type { Manifest } from '../src/update/manifest.ts';

export interface BundleOptions {
  /** Path of the slot's image, an ext4 file system. */
  readonly image: string;
  readonly out: string;
  readonly version: string;
  readonly minimumVersion: string;
  readonly schema: number;
  readonly key: KeyObject;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly level?: number;
}

interface Summed {
  readonly size: number;
  readonly sha256: string;
}

const summed = async (path: string): Promise<Summed> => {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
  return { size: statSync(path).size, sha256: hash.digest('hex') };
};

/** Writes the bundle to `out`; it is there whole or not at all. */
export const writeBundle = async (options: BundleOptions): Promise<Manifest> => {
  const { image, out, version, minimumVersion, schema, key, now, level = 12 } = options;
  const stage = mkdtempSync(join(tmpdir(), 'kmip-edge-update-'));
  try {
    const compressed = join(stage, 'image.zst');
    const params = {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_checksumFlag]: 1,
    };
    await pipeline(createReadStream(image), createZstdCompress({ params }), createWriteStream(compressed));
    const manifest: Manifest = {
      product: 'kmip-edge',
      architecture: 'amd64',
      version,
      minimumVersion,
      schema,
      builtAt: new Date(now).toISOString(),
      image: { ...(await summed(image)), compressed: await summed(compressed) },
    };
    const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
    const [manifestName, signatureName, imageName] = memberNames;
    const entries: readonly TarEntry[] = [
      inMemory(manifestName, text),
      inMemory(signatureName, sign(digestOf(key), text, key)),
      { name: imageName, size: manifest.image.compressed.size, content: createReadStream(compressed) },
    ];
    await pipeline(Readable.from(writeTar(entries, now), { objectMode: false }), createWriteStream(`${out}.new`));
    renameSync(`${out}.new`, out);
    return manifest;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
};

const inMemory = (name: string, content: Buffer): TarEntry => ({
  name,
  size: content.length,
  content: Readable.from([content]),
});

/** Takes a slot's image out of a disk (qcow2) to `image`. `start` and `size` in MiB. */
export const takeSlot = (
  disk: string,
  image: string,
  { start, size }: { readonly start: number; readonly size: number },
): void => {
  const options = `driver=raw,offset=${start * 1024 * 1024},size=${size * 1024 * 1024},file.driver=qcow2,file.file.driver=file,file.file.filename=${disk}`;
  execFileSync('qemu-img', ['convert', '--image-opts', options, '-O', 'raw', image]);
};

/** Makes the file system of an image as small as its content: so much less has to be written and read back. */
export const shrink = (image: string): void => {
  const quiet = { stdio: ['ignore', 'ignore', 'pipe'] } as { stdio: ['ignore', 'ignore', 'pipe'] };
  // 1: something was put right.
  const { status, stderr } = spawnSync('e2fsck', ['-f', '-p', image], quiet);
  if (status === null || status > 1) throw new Error(`e2fsck: ${stderr}`);
  execFileSync('resize2fs', ['-M', image], quiet);
};

/** A file of the image, read without mounting it. */
export const fileInImage = (image: string, path: string): string =>
  execFileSync('debugfs', ['-R', `cat ${path}`, image], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
