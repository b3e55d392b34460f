// Bundles: taken when whole and signed by a known key, and refused with the reason otherwise, before anything of the image
// is given away. OpenSSL checks the signature of a real one too.

import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { zstdCompressSync } from 'node:zlib';
import test from 'ava';
import { readTar, writeTar } from '../../src/backup/tar.ts';
import { EdgeError, type ErrorKind } from '../../src/errors.ts';
import { openBundle, readUpdateKeys } from '../../src/update/bundle.ts';
import { checkFits, readManifest } from '../../src/update/manifest.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { everything, imageOf, inPieces, type KeyPair, makeBundle, pemOf, updateKeyPair } from './bundle-kit.ts';

const pair = updateKeyPair();

interface Member {
  readonly name: string;
  readonly content: Buffer;
}

const membersOf = async (bytes: Buffer): Promise<Member[]> => {
  const members: Member[] = [];
  for await (const { name, content } of readTar(inPieces(bytes)))
    members.push({ name, content: await everything(content) });
  return members;
};

const archiveOf = (members: readonly Member[]): Promise<Buffer> =>
  everything(
    writeTar(
      members.map(({ name, content }) => ({ name, size: content.length, content: Readable.from([content]) })),
      0,
    ),
  );

/** The bundle with its manifest changed and signed anew by `by`. */
const withManifest = async (
  bytes: Buffer,
  change: (manifest: Record<string, unknown>) => unknown,
  by: KeyPair = pair,
): Promise<Buffer> => {
  const [manifest, , image] = await membersOf(bytes);
  if (!manifest || !image) throw new Error('no bundle');
  const content = Buffer.from(JSON.stringify(change(JSON.parse(manifest.content.toString()))));
  return archiveOf([
    { ...manifest, content },
    { name: 'manifest.sig', content: sign(null, content, by.privateKey) },
    image,
  ]);
};

const readWhole = async (bytes: Buffer, size?: number): Promise<Buffer> => {
  const bundle = await openBundle(inPieces(bytes, size), [pair.publicKey]);
  return everything(bundle.image());
};

for (const size of [1, 511, 513, 100_000]) {
  test(`a bundle is read whole in pieces of ${size} bytes`, async (t) => {
    const { bytes, image } = await makeBundle(temporaryDirectory(t), pair.privateKey, { image: imageOf(20_000) });
    t.deepEqual(await readWhole(bytes, size), image);
  });
}

for (const type of ['rsa', 'ec'] as const) {
  test(`a key of the kind ${type} can sign too`, async (t) => {
    const keys =
      type === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { bytes } = await makeBundle(temporaryDirectory(t), keys.privateKey);
    const known = readUpdateKeys(pemOf(pair) + pemOf(keys));
    t.is((await openBundle(inPieces(bytes), known)).manifest.version, '0.2.0');
    await t.throwsAsync(openBundle(inPieces(bytes), [pair.publicKey]), { message: /not signed by a key/ });
  });
}

test('OpenSSL finds the signature good', async (t) => {
  const directory = temporaryDirectory(t);
  const { path } = await makeBundle(directory, pair.privateKey);
  execFileSync('tar', ['-x', '-f', path, '-C', directory]);
  writeFileSync(join(directory, 'key.pem'), pemOf(pair));
  const args = ['pkeyutl', '-verify', '-pubin', '-inkey', 'key.pem', '-rawin', '-in', 'manifest.json'];
  const said = execFileSync('openssl', [...args, '-sigfile', 'manifest.sig'], { cwd: directory }).toString();
  t.regex(said, /Verified Successfully/);
});

const refused: readonly (readonly [
  what: string,
  change: (bytes: Buffer) => Promise<Buffer> | Buffer,
  kind: ErrorKind,
])[] = [
  ['signed by another key', (bytes) => withManifest(bytes, (same) => same, updateKeyPair()), 'permission-denied'],
  [
    'whose manifest was changed after it was signed',
    async (bytes) => {
      const [manifest, ...rest] = await membersOf(bytes);
      if (!manifest) throw new Error('no manifest');
      return archiveOf([{ ...manifest, content: Buffer.from(`${manifest.content} `) }, ...rest]);
    },
    'permission-denied',
  ],
  [
    'without a signature',
    async (bytes) => {
      const [manifest, signature, image] = await membersOf(bytes);
      if (!manifest || !signature || !image) throw new Error('no bundle');
      return archiveOf([manifest, { ...signature, content: Buffer.alloc(0) }, image]);
    },
    'permission-denied',
  ],
  ['that is not an archive', () => Buffer.from('hello'.repeat(1000)), 'data-damaged'],
  ['that is empty', () => Buffer.alloc(0), 'data-damaged'],
  ['that ends in the middle', (bytes) => bytes.subarray(0, bytes.length / 2), 'data-damaged'],
  ['that ends before its last block', (bytes) => bytes.subarray(0, bytes.length - 1200), 'data-damaged'],
  [
    'with one bit of the image turned',
    (bytes) => {
      const changed = Buffer.from(bytes);
      const place = Math.floor(changed.length / 2);
      changed[place] = (changed[place] ?? 0) ^ 1;
      return changed;
    },
    'data-damaged',
  ],
  [
    'with a member more',
    async (bytes) => archiveOf([...(await membersOf(bytes)), { name: 'more', content: Buffer.from('more') }]),
    'data-damaged',
  ],
  [
    'whose members are in another order',
    async (bytes) => archiveOf((await membersOf(bytes)).toReversed()),
    'data-damaged',
  ],
  [
    'whose image becomes more than it says',
    async (bytes) => {
      const [manifest, signature] = await membersOf(bytes);
      if (!manifest || !signature) throw new Error('no bundle');
      const content = zstdCompressSync(Buffer.alloc(50_000_000));
      const bomb = await archiveOf([manifest, signature, { name: 'system.ext4.zst', content }]);
      return withManifest(bomb, (read) => ({
        ...read,
        image: {
          ...(read['image'] as object),
          compressed: { size: content.length, sha256: '0'.repeat(64) },
        },
      }));
    },
    'data-damaged',
  ],
  ['of another product', (bytes) => withManifest(bytes, (read) => ({ ...read, product: 'other' })), 'data-damaged'],
  [
    'of another processor',
    (bytes) => withManifest(bytes, (read) => ({ ...read, architecture: 'arm64' })),
    'data-damaged',
  ],
  [
    'with a version that is none',
    (bytes) => withManifest(bytes, (read) => ({ ...read, version: '2' })),
    'data-damaged',
  ],
  ['with a manifest that is a list', (bytes) => withManifest(bytes, () => []), 'data-damaged'],
];
for (const [what, change, kind] of refused) {
  test(`a bundle ${what} is refused`, async (t) => {
    const { bytes, image } = await makeBundle(temporaryDirectory(t), pair.privateKey);
    const given: Buffer[] = [];
    const error = await t.throwsAsync(
      async () => {
        const bundle = await openBundle(inPieces(await change(bytes)), [pair.publicKey]);
        for await (const piece of bundle.image()) given.push(piece);
      },
      { instanceOf: EdgeError },
    );
    t.is(error?.kind, kind);
    t.true(Buffer.concat(given).length <= image.length);
    if (kind === 'permission-denied') t.is(given.length, 0);
  });
}

const manifest = (over: Readonly<Record<string, unknown>> = {}) =>
  readManifest(
    Buffer.from(
      JSON.stringify({
        product: 'kmip-edge',
        architecture: 'amd64',
        version: '1.2.0',
        minimumVersion: '1.0.0',
        schema: 3,
        builtAt: '2026-11-25T00:00:00Z',
        image: { size: 1000, sha256: 'a'.repeat(64), compressed: { size: 500, sha256: 'b'.repeat(64) } },
        ...over,
      }),
    ),
  );

const fits: readonly (readonly [running: string, slot: number, refusal: RegExp | undefined])[] = [
  ['1.1.9', 1000, undefined],
  ['1.2.0', 1000, undefined],
  ['1.2.0-rc.1', 1000, undefined],
  ['1.2.1', 1000, /is kmip-edge 1\.2\.0, and 1\.2\.1 runs here/],
  ['1.10.0', 1000, /and 1\.10\.0 runs here/],
  ['2.0.0-rc.1', 1000, /runs here/],
  ['0.9.9', 1000, /needs kmip-edge 1\.0\.0/],
  ['1.1.9', 999, /has 1000 bytes, the slot 999/],
];
for (const [running, slot, refusal] of fits) {
  test(`1.2.0 is ${refusal ? 'not ' : ''}taken by ${running} with a slot of ${slot} bytes`, (t) => {
    const check = () => checkFits(manifest(), running, slot);
    if (refusal) t.throws(check, { instanceOf: EdgeError, message: refusal });
    else t.notThrows(check);
  });
}

for (const pem of ['', 'no key', pemOf(pair).replaceAll(/[A-Z]/g, 'A')]) {
  test(`a key file with ${JSON.stringify(pem.slice(0, 10))} is no key file`, (t) => {
    t.throws(() => readUpdateKeys(pem), { instanceOf: EdgeError, message: /public key for updates/ });
  });
}
