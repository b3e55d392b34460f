// TTLV items: made by hand, good and bad, and at random.

import test from 'ava';
import fc from 'fast-check';
import { EdgeError } from '../../src/errors.ts';
import { type Item, ItemType } from '../../src/kmip/item.ts';
import { Tag } from '../../src/kmip/tags.ts';
import { decodeItem, encodeItem } from '../../src/kmip/ttlv.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/[ |]/g, ''), 'hex');

const T = ItemType;
const tag = 0x420020;

/** name, bytes, item: tag | type | length | value and padding. */
const good: readonly (readonly [string, string, Item])[] = [
  ['an Integer', '420020|02|00000004|0000000800000000', { tag, type: T.Integer, value: 8 }],
  ['a negative Integer', '420020|02|00000004|ffffffff00000000', { tag, type: T.Integer, value: -1 }],
  ['a Long Integer', '420020|03|00000008|01b69b4ba5749200', { tag, type: T.LongInteger, value: 123456789000000000n }],
  [
    'the smallest Long Integer',
    '420020|03|00000008|8000000000000000',
    { tag, type: T.LongInteger, value: -(2n ** 63n) },
  ],
  [
    'a Big Integer',
    '420020|04|00000010|0000000003fd35eb6bc2df4618080000',
    { tag, type: T.BigInteger, value: 1234567890000000000000000000n },
  ],
  ['a negative Big Integer', '420020|04|00000008|ffffffffffffffff', { tag, type: T.BigInteger, value: -1n }],
  ['the Big Integer zero', '420020|04|00000008|0000000000000000', { tag, type: T.BigInteger, value: 0n }],
  [
    'a Big Integer whose sign needs eight more bytes',
    '420020|04|00000010|00000000000000008000000000000000',
    { tag, type: T.BigInteger, value: 2n ** 63n },
  ],
  ['an Enumeration', '420020|05|00000004|000000ff00000000', { tag, type: T.Enumeration, value: 255 }],
  ['an extension Enumeration', '420020|05|00000004|8000000100000000', { tag, type: T.Enumeration, value: 0x80000001 }],
  ['the Boolean true', '420020|06|00000008|0000000000000001', { tag, type: T.Boolean, value: true }],
  ['the Boolean false', '420020|06|00000008|0000000000000000', { tag, type: T.Boolean, value: false }],
  [
    'a Text String',
    '420020|07|0000000b|48656c6c6f20576f726c640000000000',
    { tag, type: T.TextString, value: 'Hello World' },
  ],
  ['an empty Text String', '420020|07|00000000|', { tag, type: T.TextString, value: '' }],
  ['a Text String in UTF-8', '420020|07|00000005|e282acc3a9000000', { tag, type: T.TextString, value: '€é' }],
  ['a Byte String', '420020|08|00000003|0102030000000000', { tag, type: T.ByteString, value: Buffer.from([1, 2, 3]) }],
  ['a Date-Time', '420020|09|00000008|0000000047da67f8', { tag, type: T.DateTime, value: 0x47da67f8n }],
  ['a Date-Time before 1970', '420020|09|00000008|ffffffffffffffff', { tag, type: T.DateTime, value: -1n }],
  ['an Interval', '420020|0a|00000004|000d2f0000000000', { tag, type: T.Interval, value: 864000 }],
  [
    'a Date-Time Extended',
    '420020|0b|00000008|00062a8f3c2d1e0f',
    { tag, type: T.DateTimeExtended, value: 0x00062a8f3c2d1e0fn },
  ],
  ['an empty Structure', '420020|01|00000000|', { tag, type: T.Structure, value: [] }],
  [
    'a Structure',
    '420020|01|00000020|420004|05|00000004|000000fe00000000|420005|02|00000004|000000ff00000000',
    {
      tag,
      type: T.Structure,
      value: [
        { tag: 0x420004, type: T.Enumeration, value: 254 },
        { tag: 0x420005, type: T.Integer, value: 255 },
      ],
    },
  ],
];

for (const [name, bytes, item] of good) {
  test(`${name} decodes and encodes to the same bytes`, (t) => {
    t.deepEqual(decodeItem(hex(bytes)), item);
    t.is(encodeItem(item).toString('hex'), hex(bytes).toString('hex'));
  });
}

const bad: readonly (readonly [string, string, RegExp])[] = [
  ['no bytes', '', /0 bytes at offset 0 are too few/],
  ['half a header', '42002002', /4 bytes at offset 0 are too few/],
  ['a value that is cut off', '420020|02|00000004|00000008', /CompromiseDate has length 4 where 4 bytes are left/],
  ['a length of 4 GiB', '420020|08|ffffffff|0000000000000000', /has length 4294967295 where 8 bytes are left/],
  ['a length that wraps when padded', '420020|08|fffffff9|', /has length 4294967289 where 0 bytes are left/],
  ['trailing bytes', '420020|02|00000004|0000000800000000|00', /1 bytes follow CompromiseDate/],
  ['an Integer of 8 bytes', '420020|02|00000008|0000000000000008', /Integer of length 8, not 4/],
  ['an Integer of 3 bytes', '420020|02|00000003|0000080000000000', /Integer of length 3, not 4/],
  ['a Long Integer of 4 bytes', '420020|03|00000004|0000000800000000', /LongInteger of length 4, not 8/],
  ['an empty Big Integer', '420020|04|00000000|', /BigInteger of length 0, not a multiple of 8/],
  ['a Big Integer of 4 bytes', '420020|04|00000004|0000000800000000', /BigInteger of length 4/],
  ['an empty Enumeration', '420020|05|00000000|', /Enumeration of length 0, not 4/],
  ['a Boolean of 4 bytes', '420020|06|00000004|0000000100000000', /Boolean of length 4, not 8/],
  ['the Boolean 2', '420020|06|00000008|0000000000000002', /Boolean is neither 0 nor 1/],
  ['a Boolean with a high bit', '420020|06|00000008|8000000000000001', /Boolean is neither 0 nor 1/],
  ['a Text String that is no UTF-8', '420020|07|00000002|c328000000000000', /TextString is not valid UTF-8/],
  ['a long Text String that is no UTF-8', `420020|07|00000048|${'ff'.repeat(72)}`, /TextString is not valid UTF-8/],
  ['a Date-Time of 4 bytes', '420020|09|00000004|0000000800000000', /DateTime of length 4, not 8/],
  ['an Interval of 8 bytes', '420020|0a|00000008|0000000000000008', /Interval of length 8, not 4/],
  ['a Date-Time Extended of 4 bytes', '420020|0b|00000004|0000000800000000', /DateTimeExtended of length 4/],
  ['the item type 0', '420020|00|00000000|', /unknown item type 0x00/],
  ['the item type 12', '420020|0c|00000000|', /unknown item type 0x0c/],
  [
    'a child longer than its parent',
    '420020|01|00000008|420004|07|00000008|4142434445464748',
    /bytes follow|where 0 bytes/,
  ],
  ['a Structure with bytes left over', '420020|01|00000004|0000000000000000', /4 bytes at offset 8 are too few/],
];

for (const [name, bytes, message] of bad) {
  test(`${name}: refused`, (t) => {
    const error = t.throws(() => decodeItem(hex(bytes)), { instanceOf: EdgeError, message });
    t.is(error?.kind, 'invalid-message');
  });
}

test('padding that is not zero is read and written as zero', (t) => {
  const item = decodeItem(hex('420020|07|00000001|41ffffffffffffff'));
  t.deepEqual(item, { tag, type: T.TextString, value: 'A' });
  t.is(encodeItem(item).toString('hex'), '42002007000000014100000000000000');
});

test('a Big Integer longer than it need be is read and written short', (t) => {
  const item = decodeItem(hex('420020|04|00000010|ffffffffffffffffffffffffffffffff'));
  t.deepEqual(item, { tag, type: T.BigInteger, value: -1n });
  t.is(encodeItem(item).length, 16);
});

const nested = (depth: number): Buffer => {
  let bytes = Buffer.alloc(0);
  for (let left = depth; left > 0; left--) {
    const head = Buffer.from([0x42, 0, 0x20, 1, 0, 0, 0, 0]);
    head.writeUInt32BE(bytes.length, 4);
    bytes = Buffer.concat([head, bytes]);
  }
  return bytes;
};

test('structures nest 32 deep and no deeper', (t) => {
  t.notThrows(() => decodeItem(nested(32)));
  for (const depth of [33, 1000, 100_000]) {
    const error = t.throws(() => decodeItem(nested(Math.min(depth, 5000))), { instanceOf: EdgeError });
    t.is(error?.message, 'structures nest more than 32 deep');
  }
});

test('a byte string is a view of the message, not a copy', (t) => {
  const bytes = hex('420020|08|00000003|0102030000000000');
  const item = decodeItem(bytes);
  t.true(item.type === T.ByteString && item.value.buffer === bytes.buffer);
});

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const tags = fc.oneof(fc.constantFrom(...Object.values(Tag)), fc.integer({ min: 0, max: 0xffffff }));
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const wellFormed = fc.string({ unit: 'grapheme', maxLength: 100 });
const octets = fc.uint8Array({ maxLength: 100 }).map((value) => Buffer.from(value));

const { item: items } = fc.letrec<{ item: Item }>((tie) => ({
  item: fc.oneof(
    { maxDepth: 6, depthSize: 'small' },
    fc.record({ tag: tags, type: fc.constant(T.Integer), value: fc.integer() }),
    fc.record({ tag: tags, type: fc.constant(T.LongInteger), value: int64 }),
    fc.record({
      tag: tags,
      type: fc.constant(T.BigInteger),
      value: fc.bigInt({ min: -(2n ** 2100n), max: 2n ** 2100n }),
    }),
    fc.record({ tag: tags, type: fc.constant(T.BigInteger), value: int64 }),
    fc.record({ tag: tags, type: fc.constantFrom(T.Enumeration, T.Interval), value: uint32 }) as fc.Arbitrary<Item>,
    fc.record({ tag: tags, type: fc.constant(T.Boolean), value: fc.boolean() }),
    fc.record({ tag: tags, type: fc.constant(T.TextString), value: wellFormed }),
    fc.record({ tag: tags, type: fc.constant(T.ByteString), value: octets }),
    fc.record({ tag: tags, type: fc.constantFrom(T.DateTime, T.DateTimeExtended), value: int64 }) as fc.Arbitrary<Item>,
    fc.record({ tag: tags, type: fc.constant(T.Structure), value: fc.array(tie('item'), { maxLength: 8 }) }),
  ),
}));

test('any tree of items of any type survives encoding and decoding', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(items, (item) => {
        const bytes = encodeItem(item);
        t.deepEqual(decodeItem(bytes), item);
        return bytes.length % 8 === 0;
      }),
      { numRuns: 500 },
    ),
  );
});
