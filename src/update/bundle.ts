// An update as a file: a tar archive of a manifest, its signature, and the image of a system slot, compressed by zstd. The
// signature covers the manifest, and the manifest names the length and hash of everything else, so that who it comes from is
// known before a byte of the image is looked at. `tar x` and `openssl pkeyutl -verify -rawin` check it without kmip-edge.

import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import { type ReadEntry, readTar } from '../backup/tar.ts';
import { EdgeError, messageOf } from '../errors.ts';
import { type Manifest, readManifest } from './manifest.ts';

/** The members of the archive, in their order. */
export const memberNames = ['manifest.json', 'manifest.sig', 'system.ext4.zst'] as const;
const largestManifest = 64 * 1024;
const largestSignature = 1024;

export interface Bundle {
  readonly manifest: Manifest;
  /** The image, to be read once and whole: each byte is vouched for when it has ended, and not before. */
  image(): AsyncGenerator<Buffer>;
}

const largestKeyFile = 64 * 1024;

/** The public keys of a PEM text: whoever has one of the private ones may make updates. Throws `data-damaged`. */
export const readUpdateKeys = (pem: string): readonly KeyObject[] => {
  const blocks = pem.slice(0, largestKeyFile).match(/-----BEGIN PUBLIC KEY-----[\s\S]+?-----END PUBLIC KEY-----/g);
  try {
    const keys = (blocks ?? []).map((block) => createPublicKey(block));
    if (keys.length > 0) return keys;
  } catch {
    // Said below.
  }
  throw new EdgeError('data-damaged', 'the public key for updates cannot be read', {
    hint: 'this appliance was built without one: deploy a new one, and let it take over the data disk',
  });
};

/** Ed25519 hashes by itself; the others are told how. */
export const digestOf = ({ asymmetricKeyType }: KeyObject): string | null =>
  asymmetricKeyType === 'ed25519' || asymmetricKeyType === 'ed448' ? null : 'sha256';

/**
 * Reads a bundle as far as its image. Throws `permission-denied` where none of `keys` has signed it, `data-damaged` for what
 * is no bundle.
 */
export const openBundle = async (bytes: AsyncIterable<Buffer>, keys: readonly KeyObject[]): Promise<Bundle> => {
  const entries = readTar(bytes, 'the update');
  const [manifestName, signatureName, imageName] = memberNames;
  const manifest = await wholeOf(await nextOf(entries, manifestName, largestManifest));
  const signature = await wholeOf(await nextOf(entries, signatureName, largestSignature));
  if (!keys.some((key) => isSigned(manifest, key, signature))) {
    await entries.return(undefined);
    throw new EdgeError('permission-denied', 'the update is not signed by a key that this appliance knows', {
      hint: 'take it from where the appliance came from; nothing was changed',
    });
  }
  const read = readManifest(manifest);
  const entry = await nextOf(entries, imageName, read.image.compressed.size);
  return { manifest: read, image: () => imageOf(entries, entry, read.image) };
};

const isSigned = (content: Buffer, key: KeyObject, signature: Buffer): boolean => {
  try {
    return verify(digestOf(key), content, key, signature);
  } catch {
    // A signature of another kind of key.
    return false;
  }
};

const damaged = (problem: string): EdgeError =>
  new EdgeError('data-damaged', `the update ${problem}`, {
    hint: 'fetch it anew; the system that runs was not changed',
  });

const nextOf = async (entries: AsyncGenerator<ReadEntry>, name: string, most: number): Promise<ReadEntry> => {
  const { value, done } = await entries.next();
  if (done || value.name !== name) throw damaged(`has no ${name} where it should be`);
  if (value.size > most) throw damaged(`has a ${name} of ${value.size} bytes`);
  return value;
};

const wholeOf = async ({ content }: ReadEntry): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts);
};

async function* imageOf(
  entries: AsyncGenerator<ReadEntry>,
  { size, content }: ReadEntry,
  wanted: Manifest['image'],
): AsyncGenerator<Buffer> {
  if (size !== wanted.compressed.size) throw damaged(`has an image of ${size} bytes`);
  const compressed = createHash('sha256');
  const hash = createHash('sha256');
  const decompressor = createZstdDecompress();
  const fed = pipeline(hashing(content, compressed), decompressor).catch(() => undefined);
  let done = 0;
  try {
    for await (const piece of decompressor as AsyncIterable<Buffer>) {
      done += piece.length;
      // Little could become much: it ends where the signed length does.
      if (done > wanted.size) throw damaged(`has an image of more than ${wanted.size} bytes`);
      hash.update(piece);
      yield piece;
    }
  } catch (error) {
    throw error instanceof EdgeError ? error : damaged(`cannot be unpacked: ${messageOf(error)}`);
  } finally {
    decompressor.destroy();
    await fed;
  }
  if (compressed.digest('hex') !== wanted.compressed.sha256) throw damaged('has another checksum than it should');
  if (done !== wanted.size || hash.digest('hex') !== wanted.sha256) throw damaged('holds another image than it should');
  if (!(await entries.next()).done) throw damaged('goes on after its end');
}

async function* hashing(content: AsyncIterable<Buffer>, hash: ReturnType<typeof createHash>) {
  for await (const piece of content) {
    hash.update(piece);
    yield piece;
  }
}
