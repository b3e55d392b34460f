// What lies on a disk or comes over a network may be anything: it is refused in our own words or taken for nothing, and never
// brings the program down.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { EdgeError } from '../../src/errors.ts';
import { openBundle } from '../../src/update/bundle.ts';
import { readManifest } from '../../src/update/manifest.ts';
import { readProgress } from '../../src/update/progress.ts';
import { UpdateState } from '../../src/update/state.ts';
import { compareVersions } from '../../src/update/versions.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { everything, imageOf, inPieces, makeBundle, updateKeyPair } from './bundle-kit.ts';

const name = fc.constantFrom(
  ...[
    'kind',
    'slot',
    'version',
    'schema',
    'from',
    'slots',
    'a',
    'b',
    'last',
    'outcome',
    'at',
    'running',
    'stage',
    'problem',
  ],
  ...['product', 'architecture', 'minimumVersion', 'builtAt', 'image', 'size', 'sha256', 'compressed'],
);
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('update', 'a', 'b', '0.1.0', 'confirmed', 'kmip-edge', 'amd64', '2026-11-25T00:00:00Z', 'failed'),
    fc.jsonValue({ maxDepth: 1 }),
    fc.dictionary(name, tie('value'), { maxKeys: 6 }),
  ),
})).value;

test('whatever the files of the state hold, they are read or taken for nothing', (t) => {
  const directory = temporaryDirectory(t);
  const state = new UpdateState(directory);
  fc.assert(
    fc.property(value, (content) => {
      for (const file of ['pending.json', 'record.json', 'progress.json']) {
        writeFileSync(join(directory, file), JSON.stringify(content));
      }
      const pending = state.pending();
      if (pending) t.regex(pending.slot, /^[ab]$/);
      for (const system of Object.values(state.record().slots)) t.is(typeof system.version, 'string');
      t.truthy(readProgress(join(directory, 'progress.json')));
    }),
    { numRuns: 150 },
  );
});

test('whatever a manifest holds, it is read or refused in our own words', (t) => {
  fc.assert(
    fc.property(value, (content) => {
      try {
        readManifest(Buffer.from(JSON.stringify(content)));
      } catch (error) {
        t.true(error instanceof EdgeError, String(error));
      }
    }),
    { numRuns: 300 },
  );
});

test('a bundle with any bytes changed gives its own image or a refusal', async (t) => {
  const pair = updateKeyPair();
  const { bytes, image } = await makeBundle(temporaryDirectory(t), pair.privateKey, { image: imageOf(5000) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(bytes.length),
      fc.boolean(),
      async (changes, length, isCut) => {
        const changed = Buffer.from(isCut ? bytes.subarray(0, length) : bytes);
        for (const [place, byte] of changes) if (place < changed.length) changed[place] = byte;
        try {
          const bundle = await openBundle(inPieces(changed, 1000), [pair.publicKey]);
          t.deepEqual(await everything(bundle.image()), image);
        } catch (error) {
          t.true(error instanceof EdgeError, String(error));
        }
      },
    ),
    { numRuns: 150 },
  );
});

const version = fc
  .tuple(fc.nat(20), fc.nat(20), fc.nat(20), fc.constantFrom('', '-rc.1', '-rc.2', '-alpha'))
  .map(([major, minor, patch, before]) => `${major}.${minor}.${patch}${before}`);

test('versions are in one order', (t) => {
  fc.assert(
    fc.property(version, version, version, (one, two, three) => {
      const sorted = [one, two, three].toSorted(compareVersions);
      t.true(compareVersions(sorted[0] ?? '', sorted[2] ?? '') <= 0);
      t.is(Math.sign(compareVersions(one, two)), -Math.sign(compareVersions(two, one)) + 0);
      t.is(compareVersions(one, two) === 0, one === two);
    }),
  );
});
