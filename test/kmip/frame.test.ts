// The frame reader: every message cut at every place, many at once, byte by byte, and what it refuses how early.

import test from 'ava';
import fc from 'fast-check';
import { EdgeError } from '../../src/errors.ts';
import { FrameReader } from '../../src/kmip/frame.ts';
import { Tag } from '../../src/kmip/tags.ts';
import { sampleMessages, sampleRequest } from './sample-messages.ts';
import { sharedMessages } from './shared-messages.ts';
import { sharedTest } from './shared-test.ts';

const readerFor = (message: Buffer): FrameReader => new FrameReader({ rootTag: message.readUIntBE(0, 3) });

const drain = (reader: FrameReader): readonly Buffer[] => {
  const messages: Buffer[] = [];
  for (let next = reader.next(); next !== undefined; next = reader.next()) messages.push(next);
  return messages;
};

const feed = (reader: FrameReader, chunks: readonly Buffer[]): readonly Buffer[] =>
  chunks.flatMap((chunk) => {
    reader.push(chunk);
    return drain(reader);
  });

/** The first split of `message` after which it does not come out whole, or -1. */
const failingSplit = (message: Buffer): number => {
  for (let at = 0; at <= message.length; at++) {
    const reader = readerFor(message);
    const out = feed(reader, [message.subarray(0, at), message.subarray(at)]);
    if (out.length !== 1 || out[0]?.equals(message) !== true || reader.pending) return at;
  }
  return -1;
};

test('each sample message comes out whole for every split', (t) => {
  for (const message of sampleMessages()) t.is(failingSplit(message), -1);
});

sharedTest('each shared message comes out whole for every split', (t) => {
  for (const { name, bytes } of sharedMessages()) t.is(failingSplit(bytes), -1, name);
});

test('a message that lies in one chunk is not copied', (t) => {
  const get = sampleRequest('Get');
  const chunk = Buffer.concat([get, get, get.subarray(0, 10)]);
  const reader = readerFor(get);
  const messages = feed(reader, [chunk]);
  t.deepEqual(
    messages.map((message) => [message.buffer === chunk.buffer, message.equals(get)]),
    [
      [true, true],
      [true, true],
    ],
  );
  t.true(reader.pending);
  t.deepEqual(feed(reader, [get.subarray(10)]), [get]);
  t.false(reader.pending);
});

test('chunks that are pushed before the messages are taken are all kept', (t) => {
  const get = sampleRequest('Get');
  const reader = readerFor(get);
  for (const byte of Buffer.concat([get, get])) reader.push(Buffer.from([byte]));
  t.deepEqual(drain(reader), [get, get]);
});

test('any stream of messages cut into any chunks gives the messages', (t) => {
  const requests = sampleMessages().filter((message) => message.readUIntBE(0, 3) === Tag.RequestMessage);
  const streams = fc.array(fc.constantFrom(...requests), { minLength: 1, maxLength: 6 });
  const sizes = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 20 });
  const cut = (stream: Buffer, lengths: readonly number[]): readonly Buffer[] => {
    const chunks: Buffer[] = [];
    for (let at = 0, turn = 0; at < stream.length; turn++) {
      const size = Math.max(lengths[turn % lengths.length] ?? 1, turn % lengths.length === 0 ? 1 : 0);
      chunks.push(stream.subarray(at, at + size));
      at += size;
    }
    return chunks;
  };
  t.notThrows(() =>
    fc.assert(
      fc.property(streams, sizes, (messages, lengths) => {
        const reader = new FrameReader({ rootTag: Tag.RequestMessage });
        const out = feed(reader, cut(Buffer.concat(messages), lengths));
        return out.length === messages.length && out.every((message, at) => message.equals(messages[at] ?? message));
      }),
    ),
  );
});

const refused = (bytes: string, options: { maximum?: number } = {}) => {
  const reader = new FrameReader({ rootTag: Tag.RequestMessage, ...options });
  reader.push(Buffer.from(bytes, 'hex'));
  return () => reader.next();
};

const early: readonly (readonly [string, string, RegExp])[] = [
  ['a first byte that is not KMIP', '16', /^the stream is no RequestMessage$/],
  ['an HTTP request', Buffer.from('GET / HTTP').toString('hex'), /no RequestMessage/],
  ['a response', '42007b01', /no RequestMessage/],
  ['a root that is no structure', '42007802', /no RequestMessage/],
  ['a length of 4 GiB', '42007801ffffffff', /a message of 4294967304 bytes is larger than the 1048576 allowed/],
  ['a length just over the maximum', '4200780100100000', /a message of 1048584 bytes/],
];

for (const [name, bytes, message] of early) {
  test(`${name}: refused as soon as it is there`, (t) => {
    const next = refused(bytes);
    t.is(t.throws(next, { instanceOf: EdgeError, message })?.kind, 'invalid-message');
    t.throws(next, { instanceOf: EdgeError, message }, 'and again');
  });
}

test('the maximum counts the header and may be set', (t) => {
  t.notThrows(refused('4200780100000010', { maximum: 24 }));
  t.throws(refused('4200780100000011', { maximum: 24 }), {
    message: 'a message of 32 bytes is larger than the 24 allowed',
  });
});

test('a message before garbage is still given', (t) => {
  const get = sampleRequest('Get');
  const reader = readerFor(get);
  reader.push(Buffer.concat([get, Buffer.from('xx')]));
  t.deepEqual(reader.next(), get);
  t.throws(() => reader.next(), { instanceOf: EdgeError });
});

test('nothing is pending before a message begins, and empty chunks begin none', (t) => {
  const reader = new FrameReader({ rootTag: Tag.RequestMessage });
  t.false(reader.pending);
  t.deepEqual(feed(reader, [Buffer.alloc(0)]), []);
  t.false(reader.pending);
  t.deepEqual(feed(reader, [Buffer.from([0x42])]), []);
  t.true(reader.pending);
});

test('a message of 1 MiB in single bytes takes linear time', (t) => {
  const message = Buffer.alloc(1024 * 1024);
  message.writeUInt32BE(Tag.RequestMessage * 256 + 1);
  message.writeUInt32BE(message.length - 8, 4);
  const reader = readerFor(message);
  const began = performance.now();
  let out: Buffer | undefined;
  for (let at = 0; at < message.length; at++) {
    reader.push(message.subarray(at, at + 1));
    out = reader.next();
  }
  t.true(out?.equals(message));
  t.true(performance.now() - began < 2000);
});
