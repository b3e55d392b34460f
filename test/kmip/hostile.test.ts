// Hostile bytes: refused by an EdgeError or understood, and never anything else. scripts/fuzz.ts does the same for long.

import test from 'ava';
import fc from 'fast-check';
import { exercise } from './exercise.ts';
import { mutate, randomFrom } from './mutate.ts';
import { sampleMessages } from './sample-messages.ts';
import { sharedMessages } from './shared-messages.ts';
import { sharedTest } from './shared-test.ts';

// Nearly all is refused, and where each refusal came from took half of the time.
Error.stackTraceLimit = 0;

const anyBytes = fc.uint8Array({ maxLength: 400 }).map((value) => Buffer.from(value));

/** Bytes that begin as a message does, so that more than the root is looked at. */
const likeMessages = fc
  .tuple(
    fc.constantFrom(0x42007801, 0x42007b01),
    fc.array(
      fc.constantFrom(
        '42006901',
        '4200770100000010',
        '42000f01',
        '00000000',
        '00000004',
        '0000000800000001',
        '42000d02',
      ),
      { maxLength: 40 },
    ),
  )
  .map(([root, parts]) => {
    const body = Buffer.from(parts.join(''), 'hex');
    const head = Buffer.alloc(8);
    head.writeUInt32BE(root);
    head.writeUInt32BE(body.length, 4);
    return Buffer.concat([head, body]);
  });

test('any bytes are understood or properly refused', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(anyBytes, (bytes) => void exercise(bytes)),
      { numRuns: 2000 },
    ),
  );
});

test('any pieces of messages are understood or properly refused', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(likeMessages, (bytes) => void exercise(bytes)),
      { numRuns: 2000 },
    ),
  );
});

const damaged = (seeds: readonly Buffer[], numRuns: number): void =>
  fc.assert(
    fc.property(fc.integer(), (seed) => void exercise(mutate(seeds, randomFrom(seed)))),
    { numRuns },
  );

test('our own messages, damaged, are understood or properly refused', (t) => {
  t.notThrows(() => damaged(sampleMessages(), 5000));
});

sharedTest('real messages, damaged, are understood or properly refused', (t) => {
  t.notThrows(() =>
    damaged(
      sharedMessages().map(({ bytes }) => bytes),
      5000,
    ),
  );
});

test('every truncation of every sample is refused as no whole message', (t) => {
  for (const message of sampleMessages()) {
    for (let length = 0; length < message.length; length++) {
      t.false(exercise(message.subarray(0, length)).message);
    }
  }
});

test('every sample is understood', (t) => {
  for (const message of sampleMessages()) t.deepEqual(exercise(message), { item: true, message: true });
});
