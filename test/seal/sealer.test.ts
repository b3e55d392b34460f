// Sealed records: they open for their own identity under their own storage key, and for nothing else.

import { createSecretKey, randomBytes } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { EdgeError } from '../../src/errors.ts';
import type { Sealer } from '../../src/keys/seal-ports.ts';
import { createSealer } from '../../src/seal/sealer.ts';

const newSealer = (): Sealer => createSealer(createSecretKey(randomBytes(32)));
const kindOf = (act: () => unknown): string => {
  try {
    act();
    return 'opened';
  } catch (error) {
    return error instanceof EdgeError ? error.kind : String(error);
  }
};
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));

test('what was sealed opens with the same bytes', (t) => {
  const sealer = newSealer();
  fc.assert(
    fc.property(fc.string(), bytes, (name, plain) => sealer.open(name, sealer.seal(name, plain)).equals(plain)),
  );
  t.pass();
});

test('a seal opens for no other identity and under no other storage key', (t) => {
  const [sealer, other] = [newSealer(), newSealer()];
  fc.assert(
    fc.property(fc.string(), fc.string(), bytes, (name, wrong, plain) => {
      fc.pre(name !== wrong);
      const sealed = sealer.seal(name, plain);
      return (
        kindOf(() => sealer.open(wrong, sealed)) === 'data-damaged' &&
        kindOf(() => other.open(name, sealed)) === 'data-damaged'
      );
    }),
  );
  t.pass();
});

test('a change of any bit, a cut at any place and bytes too many are damage', (t) => {
  const sealer = newSealer();
  const sealed = sealer.seal('key a b', randomBytes(32));
  for (let at = 0; at < sealed.length; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ (1 << bit);
      if (kindOf(() => sealer.open('key a b', changed)) !== 'data-damaged') t.fail(`byte ${at}, bit ${bit}`);
    }
    if (kindOf(() => sealer.open('key a b', sealed.subarray(0, at))) !== 'data-damaged') t.fail(`cut at ${at}`);
  }
  t.is(
    kindOf(() => sealer.open('key a b', Buffer.concat([sealed, Buffer.of(0)]))),
    'data-damaged',
  );
  t.is(sealer.open('key a b', sealed).length, 32);
});

test('the refusal names the record and what to do, and no bytes', (t) => {
  const error = t.throws(() => newSealer().open('key a b', randomBytes(65)), { instanceOf: EdgeError });
  t.is(error?.message, 'the sealed record of key a b is not the one that was stored');
  t.regex(error?.hint ?? '', /restore a backup/);
});

test('no two seals of the same plaintext are alike, nor do they hold it', (t) => {
  const sealer = newSealer();
  const plain = randomBytes(32);
  const seals = Array.from({ length: 500 }, () => sealer.seal('x', plain));
  t.is(new Set(seals.map((sealed) => sealed.subarray(1, 17).toString('hex'))).size, seals.length);
  t.is(new Set(seals.map((sealed) => sealed.subarray(17).toString('hex'))).size, seals.length);
  t.false(seals.some((sealed) => sealed.includes(plain)));
});
