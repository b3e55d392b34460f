// Messages as XML and JSON: the examples of the standard, round trips of anything, and what is refused.

import test from 'ava';
import fc from 'fast-check';
import { isKind } from '../../../src/errors.ts';
import { type Item, ItemType } from '../../../src/kmip/item.ts';
import { Tag } from '../../../src/kmip/tags.ts';
import { readElements } from '../../../src/kmip/text/elements.ts';
import { readJson, writeJson } from '../../../src/kmip/text/json.ts';
import { readXml, writeXml } from '../../../src/kmip/text/xml.ts';
import { decodeItem, encodeItem } from '../../../src/kmip/ttlv.ts';
import { anyText } from '../../kit/any-text.ts';

/** KMIP Additional Message Encodings 1.0, the examples of sections 4.1.6 and 6.1.6: a text and what it means. */
const xmlExamples: readonly (readonly [string, Item])[] = [
  [
    '<TTLV tag="0x420001" name="ActivationDate" type="DateTime" value="2001-01-01T10:00:00+10:00"/>',
    { tag: Tag.ActivationDate, type: ItemType.DateTime, value: 978307200n },
  ],
  ['<BatchCount type="Integer" value="10"/>', { tag: Tag.BatchCount, type: ItemType.Integer, value: 10 }],
  [
    '<CryptographicUsageMask type="Integer" value="Encrypt Decrypt CertificateSign"/>',
    { tag: Tag.CryptographicUsageMask, type: ItemType.Integer, value: 0x100c },
  ],
  [
    '<CryptographicUsageMask type="Integer" value="CertificateSign 0x00000004 0x0000008"/>',
    { tag: Tag.CryptographicUsageMask, type: ItemType.Integer, value: 0x100c },
  ],
  [
    '<UsageLimitsCount type="LongInteger" value="1152921504606846976"/>',
    { tag: Tag.UsageLimitsCount, type: ItemType.LongInteger, value: 1n << 60n },
  ],
  ['<X type="BigInteger" value="0000000000000000"/>', { tag: Tag.X, type: ItemType.BigInteger, value: 0n }],
  ['<X type="BigInteger" value="fffffffffffffffe"/>', { tag: Tag.X, type: ItemType.BigInteger, value: -2n }],
  [
    '<ObjectType type="Enumeration" value="0x00000002"/>',
    { tag: Tag.ObjectType, type: ItemType.Enumeration, value: 2 },
  ],
  [
    '<ObjectType type="Enumeration" value="SymmetricKey"/>',
    { tag: Tag.ObjectType, type: ItemType.Enumeration, value: 2 },
  ],
  [
    '<BatchOrderOption type="Boolean" value="true"/>',
    { tag: Tag.BatchOrderOption, type: ItemType.Boolean, value: true },
  ],
  [
    '<MACSignature type="ByteString" value="C50F77"/>',
    { tag: Tag.MACSignature, type: ItemType.ByteString, value: Buffer.from('c50f77', 'hex') },
  ],
  [
    '<AttributeReference type="Enumeration" value="State"/>',
    { tag: Tag.AttributeReference, type: ItemType.Enumeration, value: Tag.State },
  ],
  ['<Offset type="Interval" value="27"/>', { tag: Tag.Offset, type: ItemType.Interval, value: 27 }],
  [
    '<k:ApplicationData xmlns:k="u" type="TextString" value="a&lt;&#x42;&amp;"/>',
    { tag: Tag.ApplicationData, type: ItemType.TextString, value: 'a<B&' },
  ],
  [
    '<PrivateKeyTemplateAttribute type="Structure"/>',
    { tag: Tag.PrivateKeyTemplateAttribute, type: ItemType.Structure, value: [] },
  ],
];
for (const [text, item] of xmlExamples) test(`XML: ${text}`, (t) => t.deepEqual(readXml(text), item));

const jsonExamples: readonly (readonly [string, Item])[] = [
  [
    '{"tag":"0x54FFFF","name":"SomeExtension","type":"Integer","value":"0x00000001"}',
    { tag: 0x54ffff, type: ItemType.Integer, value: 1 },
  ],
  ['{"tag":"BatchCount","type":"Integer","value":10}', { tag: Tag.BatchCount, type: ItemType.Integer, value: 10 }],
  [
    '{"tag":"CryptographicUsageMask","type":"Integer","value":"CertificateSign|0x0000000c"}',
    { tag: Tag.CryptographicUsageMask, type: ItemType.Integer, value: 0x100c },
  ],
  [
    '{"tag":"0x540001","type":"LongInteger","value":"0xfffffffffffffffe"}',
    { tag: 0x540001, type: ItemType.LongInteger, value: -2n },
  ],
  ['{"tag":"0x540001","type":"LongInteger","value":-2}', { tag: 0x540001, type: ItemType.LongInteger, value: -2n }],
  ['{"tag":"X","type":"BigInteger","value":-3}', { tag: Tag.X, type: ItemType.BigInteger, value: -3n }],
  ['{"tag":"0x420057","type":"Enumeration","value":2}', { tag: Tag.ObjectType, type: ItemType.Enumeration, value: 2 }],
  [
    '{"tag":"BatchOrderOption","type":"Boolean","value":"0x0000000000000001"}',
    { tag: Tag.BatchOrderOption, type: ItemType.Boolean, value: true },
  ],
  [
    '{"tag":"ArchiveDate","type":"DateTime","value":"0x000000003a505520"}',
    { tag: Tag.ArchiveDate, type: ItemType.DateTime, value: 0x3a505520n },
  ],
  ['{"tag":"Offset","type":"Interval","value":"0x0000001b"}', { tag: Tag.Offset, type: ItemType.Interval, value: 27 }],
  ['{"tag":"RequestPayload","value":null}', { tag: Tag.RequestPayload, type: ItemType.Structure, value: [] }],
];
for (const [text, item] of jsonExamples) test(`JSON: ${text}`, (t) => t.deepEqual(readJson(text), item));

test('an attribute value is written by the names of its attribute', (t) => {
  const text =
    '<Attribute><AttributeName type="TextString" value="Cryptographic Algorithm"/>' +
    '<AttributeValue type="Enumeration" value="AES"/></Attribute>';
  const item = readXml(text);
  t.is(writeXml(item).replace(/\n */g, ''), text);
  t.deepEqual(readJson(writeJson(item)), item);
});

const tag = fc.constantFrom(...Object.values(Tag), 0x540001);
const character = anyText();
const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const leaf: fc.Arbitrary<Item> = fc.oneof(
  fc.record({ tag, type: fc.constant(ItemType.Integer), value: fc.integer() }),
  fc.record({ tag, type: fc.constant(ItemType.LongInteger), value: long }),
  fc.record({ tag, type: fc.constant(ItemType.BigInteger), value: fc.bigInt() }),
  fc.record({ tag, type: fc.constant(ItemType.Enumeration), value: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
  fc.record({ tag, type: fc.constant(ItemType.Boolean), value: fc.boolean() }),
  fc.record({ tag, type: fc.constant(ItemType.TextString), value: character }),
  fc.record({ tag, type: fc.constant(ItemType.ByteString), value: fc.uint8Array().map((bytes) => Buffer.from(bytes)) }),
  fc.record({ tag, type: fc.constant(ItemType.DateTime), value: long }),
  fc.record({ tag, type: fc.constant(ItemType.Interval), value: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
  fc.record({ tag, type: fc.constant(ItemType.DateTimeExtended), value: long }),
);
const items = fc.letrec<{ item: Item; structure: Item }>((tie) => ({
  item: fc.oneof({ maxDepth: 4 }, leaf, tie('structure')),
  structure: fc.record({ tag, type: fc.constant(ItemType.Structure), value: fc.array(tie('item'), { maxLength: 5 }) }),
})).structure;

test('any item is the same after TTLV, XML and JSON', (t) => {
  fc.assert(
    fc.property(items, (item) => {
      const bytes = encodeItem(item);
      t.deepEqual(encodeItem(readXml(writeXml(decodeItem(bytes)))), bytes);
      t.deepEqual(encodeItem(readJson(writeJson(decodeItem(bytes)))), bytes);
    }),
    { numRuns: 200 },
  );
});

const deep = (start: string, end: string): string => `${start.repeat(5000)}${end.repeat(5000)}`;
const refused: readonly (readonly [what: string, read: (text: string) => unknown, text: string])[] = [
  ['no element', readXml, ''],
  ['text between elements', readXml, '<RequestMessage>x</RequestMessage>'],
  ['a document type', readXml, '<!DOCTYPE a [<!ENTITY b "c">]><RequestMessage/>'],
  ['an entity of its own', readXml, '<ApplicationData type="TextString" value="&b;"/>'],
  ['elements that nest too deep', readXml, deep('<RequestMessage>', '</RequestMessage>')],
  ['an element that does not end', readXml, '<RequestMessage>'],
  ['an element that ends as another', readXml, '<RequestMessage></ResponseMessage>'],
  ['two elements', readXml, '<RequestMessage/><RequestMessage/>'],
  ['an attribute twice', readXml, '<BatchCount type="Integer" type="Integer" value="1"/>'],
  ['a name that is no tag', readXml, '<constructor/>'],
  ['a type that is none', readXml, '<BatchCount type="constructor" value="1"/>'],
  ['a number out of range', readXml, '<BatchCount type="Integer" value="4294967296"/>'],
  ['an odd number of digits', readXml, '<Data type="ByteString" value="abc"/>'],
  ['a value that its enumeration lacks', readXml, '<ObjectType type="Enumeration" value="toString"/>'],
  ['a date that is none', readXml, '<ArchiveDate type="DateTime" value="2001-13-41T10:00:00Z"/>'],
  ['no JSON', readJson, '{'],
  ['a fraction', readJson, '{"tag":"BatchCount","type":"Integer","value":1.5}'],
  ['a number for a text', readJson, '{"tag":"ApplicationData","type":"TextString","value":1}'],
  ['a structure that is no array', readJson, '{"tag":"RequestMessage","value":"x"}'],
  ['JSON that nests too deep', readJson, deep('{"tag":"RequestMessage","value":[', ']}')],
];
for (const [what, read, text] of refused) {
  test(`${what} is refused`, (t) => {
    const error = t.throws(() => read(text), { instanceOf: Error });
    t.true(isKind(error, 'invalid-message'), String(error));
  });
}

test('a Big Integer of a whole message is written and read in no time', (t) => {
  const item: Item = { tag: Tag.X, type: ItemType.BigInteger, value: -(1n << 4_000_000n) };
  const began = process.cpuUsage();
  t.deepEqual(readXml(writeXml(item)), item);
  t.true(process.cpuUsage(began).user < 1_000_000);
});

test('lists in lists in the place of a name are refused in no time', (t) => {
  const text = `{"tag":${'['.repeat(3000)}"${'x'.repeat(1_000_000)}"${',1]'.repeat(3000)}}`;
  const began = process.threadCpuUsage();
  t.true(
    isKind(
      t.throws(() => readJson(text), { message: /tag is missing, or tag or type is no text/ }),
      'invalid-message',
    ),
  );
  const { user, system } = process.threadCpuUsage(began);
  t.true(user + system < 500_000, `${user} and ${system} us`);
});

test('text between elements is passed over where that is asked for', (t) => {
  t.is(readElements('<?xml version="1.0"?><KMIP># TIME 0<A/> </KMIP>', { ignoreText: true }).children.length, 1);
});
