// Bundles for tests: real ones, made as a release is made, of images that are small.

import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type BundleOptions, writeBundle } from '../../packer/update-bundle.ts';

export interface TestBundle {
  readonly path: string;
  readonly bytes: Buffer;
  readonly image: Buffer;
}

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export const updateKeyPair = (): KeyPair => generateKeyPairSync('ed25519');

export const pemOf = ({ publicKey }: KeyPair): string => publicKey.export({ type: 'spki', format: 'pem' }).toString();

/** Bytes that compress as a file system does: half of them well. */
export const imageOf = (size: number): Buffer => {
  const image = Buffer.alloc(size);
  randomBytes(Math.floor(size / 2)).copy(image);
  return image;
};

export const makeBundle = async (
  directory: string,
  key: KeyObject,
  options: Partial<Pick<BundleOptions, 'version' | 'minimumVersion' | 'schema'>> & { readonly image?: Buffer } = {},
): Promise<TestBundle> => {
  const { image = imageOf(300_000), version = '0.2.0', minimumVersion = '0.1.0', schema = 7 } = options;
  const [imagePath, path] = [join(directory, 'image'), join(directory, `${version}.update`)];
  writeFileSync(imagePath, image);
  await writeBundle({
    image: imagePath,
    out: path,
    version,
    minimumVersion,
    schema,
    key,
    now: 1_780_000_000_000,
    level: 1,
  });
  return { path, bytes: readFileSync(path), image };
};

/** In pieces, as a file or a network gives them. */
export const inPieces = (bytes: Buffer, size = 10_000): AsyncIterable<Buffer> =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    ),
  );

export const everything = async (pieces: AsyncIterable<Buffer>): Promise<Buffer> => {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(Buffer.from(piece));
  return Buffer.concat(all);
};
