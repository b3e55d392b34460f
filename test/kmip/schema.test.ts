// The schema language by itself: modes, versions, depth, and the types that follow from a table.

import test from 'ava';
import { EdgeError } from '../../src/errors.ts';
import {
  anyItem,
  bigInteger,
  bytes,
  bytesOr,
  type Codec,
  dateTime,
  enumeration,
  type Infer,
  integer,
  interval,
  longInteger,
  text,
} from '../../src/kmip/codec.ts';
import { ObjectType } from '../../src/kmip/enums.ts';
import { type Item, ItemType } from '../../src/kmip/item.ts';
import { many, one, optional, since, some, struct } from '../../src/kmip/schema.ts';
import { Tag } from '../../src/kmip/tags.ts';
import { encodeItem } from '../../src/kmip/ttlv.ts';
import { V1_0, V1_2, type Version } from '../../src/kmip/version.ts';
import { Writer } from '../../src/kmip/writer.ts';

const encode = <T>(codec: Codec<T>, value: T, version: Version = V1_2): Buffer => {
  const writer = new Writer(version, 1);
  codec.encode(writer, Tag.RequestPayload, value);
  return writer.finish();
};
const decode = <T>(codec: Codec<T>, message: Buffer, version: Version = V1_2): T =>
  codec.decode({ bytes: message, version, depth: 0 }, 0);

const Sample = struct({
  UniqueIdentifier: one(text),
  CryptographicLength: optional(integer),
  Attribute: many(anyItem),
  Offset: optional(interval, since(V1_2)),
  QueryFunction: some(integer),
});

// the type that follows is exactly this; a change of Infer breaks the compilation here
type Expected = {
  readonly UniqueIdentifier: string;
  readonly CryptographicLength?: number | undefined;
  readonly Attribute: readonly Item[];
  readonly Offset?: number | undefined;
  readonly QueryFunction: readonly number[];
};
type Same<A, B> = [A, B] extends [B, A] ? true : false;
const sameType: Same<Infer<typeof Sample>, Expected> = true;

// @ts-expect-error: a field has to have the name of a tag
const misnamed = () => struct({ UniqueIdentifer: one(text) });

test('the type of a struct follows from its table', (t) => {
  t.true(sameType);
  t.is(typeof misnamed, 'function');
});

test('optional fields may be absent, lists are empty where nothing came', (t) => {
  const value = { UniqueIdentifier: 'a', Attribute: [], QueryFunction: [1] };
  t.deepEqual(decode(Sample, encode(Sample, value)), value);
});

test('lists keep their order', (t) => {
  const Attribute: readonly Item[] = [3, 1, 2].map((value) => ({ tag: Tag.Attribute, type: ItemType.Integer, value }));
  const value = { UniqueIdentifier: 'a', CryptographicLength: 1, Attribute, Offset: 2, QueryFunction: [9, 8] };
  t.deepEqual(decode(Sample, encode(Sample, value)), value);
});

test('a list that may not be empty is missing where nothing came', (t) => {
  const message = encode(Sample, { UniqueIdentifier: 'a', Attribute: [], QueryFunction: [] });
  const error = t.throws(() => decode(Sample, message), { instanceOf: EdgeError });
  t.deepEqual([error?.kind, error?.message], ['missing-data', 'RequestPayload: QueryFunction is missing']);
});

test('a newer field is not there in an older message', (t) => {
  const value = { UniqueIdentifier: 'a', Attribute: [], Offset: 2, QueryFunction: [1] };
  t.is(encode(Sample, value, V1_2).length - encode(Sample, value, V1_0).length, 16);
  t.is(decode(Sample, encode(Sample, value, V1_2), V1_0).Offset, undefined);
});

test('a newer required field is required of newer messages alone', (t) => {
  const Newer = struct({ UniqueIdentifier: one(text, since(V1_2)) });
  const empty = encodeItem({ tag: Tag.RequestPayload, type: ItemType.Structure, value: [] });
  t.deepEqual(decode(Newer, empty, V1_0), {} as Infer<typeof Newer>);
  t.throws(() => decode(Newer, empty, V1_2), { message: 'RequestPayload: UniqueIdentifier is missing' });
});

test('an item kept as it is gets the tag of its field', (t) => {
  const item: Item = { tag: 1, type: ItemType.Integer, value: 5 };
  const written = encode(struct({ AttributeValue: one(anyItem) }), { AttributeValue: item });
  t.deepEqual(decode(struct({ AttributeValue: one(anyItem) }), written), {
    AttributeValue: { ...item, tag: Tag.AttributeValue },
  });
});

test('depth counts through schemas into the items they keep', (t) => {
  const Deep = struct({ AttributeValue: one(anyItem) });
  const nest = (depth: number): Item => ({
    tag: Tag.AttributeValue,
    type: ItemType.Structure,
    value: depth === 1 ? [] : [nest(depth - 1)],
  });
  t.notThrows(() => decode(Deep, encode(Deep, { AttributeValue: nest(31) })));
  t.throws(() => decode(Deep, encode(Deep, { AttributeValue: nest(32) })), { message: /nest more than 32 deep/ });
});

const numbers: readonly (readonly [string, Codec<number> | Codec<bigint>, readonly (number | bigint)[]])[] = [
  ['integer', integer, [0, -1, 2 ** 31 - 1, -(2 ** 31)]],
  ['interval', interval, [0, 2 ** 32 - 1]],
  ['dateTime', dateTime, [0, -1, 1, -(2 ** 32), 2 ** 32, 2 ** 32 + 1, 8.64e12, -8.64e12, -(2 ** 40) - 1]],
  ['longInteger', longInteger, [0n, -(2n ** 63n), 2n ** 63n - 1n]],
  ['bigInteger', bigInteger, [0n, -1n, 2n ** 64n, -(2n ** 127n), -(2n ** 127n) - 1n, 2n ** 4096n]],
];

for (const [name, codec, values] of numbers) {
  test(`${name}: the bounds survive`, (t) => {
    for (const value of values)
      t.is(decode(codec as Codec<typeof value>, encode(codec as Codec<typeof value>, value)), value);
  });
}

test('an enumeration refuses what its table lacks, by number', (t) => {
  const message = encode<number>(enumeration(ObjectType) as Codec<number>, 0x80000001);
  const error = t.throws(() => decode(enumeration(ObjectType), message), { instanceOf: EdgeError });
  t.is(error?.kind, 'invalid-field');
  t.is(error?.message, 'RequestPayload: 0x80000001 is not a value of this enumeration');
});

test('bytes or a structure: what came decides', (t) => {
  const Either = bytesOr(struct({ Key: one(bytes) }));
  for (const value of [Buffer.from('raw'), { Key: Buffer.from('inside') }]) {
    t.deepEqual<unknown, unknown>(decode(Either, encode(Either, value)), value);
  }
  t.throws(() => decode(Either, encode(text, 'x')), { message: /TextString found, Structure expected/ });
});
