// The attribute table and the way from typed values to attributes and back.

import test from 'ava';
import { EdgeError } from '../../src/errors.ts';
import { attributes } from '../../src/kmip/attribute-table.ts';
import {
  attribute,
  attributeItem,
  attributeNames,
  attributeRules,
  attributeValue,
  customAttribute,
  isAttributeName,
  isCustomName,
} from '../../src/kmip/attributes.ts';
import { NameType, State } from '../../src/kmip/enums.ts';
import { type Item, ItemType } from '../../src/kmip/item.ts';
import { Tag } from '../../src/kmip/tags.ts';
import { V1_0, V1_1, V1_2, V1_3, V1_4 } from '../../src/kmip/version.ts';

test('a value becomes the item that the standard says', (t) => {
  t.deepEqual(attribute('State', State.Active), {
    AttributeName: 'State',
    AttributeValue: { tag: Tag.AttributeValue, type: ItemType.Enumeration, value: 2 },
  });
  t.deepEqual(attribute('Activation Date', -7, 0), {
    AttributeName: 'Activation Date',
    AttributeIndex: 0,
    AttributeValue: { tag: Tag.AttributeValue, type: ItemType.DateTime, value: -7n },
  });
  t.deepEqual(attributeItem('Name', { NameValue: 'n', NameType: NameType.URI }), {
    tag: Tag.AttributeValue,
    type: ItemType.Structure,
    value: [
      { tag: Tag.NameValue, type: ItemType.TextString, value: 'n' },
      { tag: Tag.NameType, type: ItemType.Enumeration, value: 2 },
    ],
  });
});

test('an item becomes the typed value again', (t) => {
  const name = { NameValue: 'n', NameType: NameType.UninterpretedTextString };
  t.deepEqual(attributeValue('Name', attributeItem('Name', name)), name);
  t.is(attributeValue('Lease Time', attributeItem('Lease Time', 3600)), 3600);
  t.is(attributeValue('Fresh', attributeItem('Fresh', false)), false);
  const digest = { HashingAlgorithm: 6, DigestValue: Buffer.alloc(32, 1), KeyFormatType: 1 } as const;
  t.deepEqual(attributeValue('Digest', attributeItem('Digest', digest)), digest);
});

test('a value keeps to the version', (t) => {
  const digest = { HashingAlgorithm: 6, DigestValue: Buffer.alloc(1), KeyFormatType: 1 } as const;
  t.is(attributeValue('Digest', attributeItem('Digest', digest, V1_0)).KeyFormatType, undefined);
});

test('a value of the wrong type, out of table or absent: refused', (t) => {
  const wrong: Item = { tag: Tag.AttributeValue, type: ItemType.Integer, value: 2 };
  const refused = (item: Item | undefined) => {
    const error = t.throws(() => attributeValue('State', item), { instanceOf: EdgeError });
    return [error?.kind, error?.message];
  };
  t.deepEqual(refused(wrong), ['invalid-message', 'AttributeValue: Integer found, Enumeration expected']);
  t.deepEqual(refused({ ...wrong, type: ItemType.Enumeration, value: 99 }), [
    'invalid-field',
    'AttributeValue: 0x00000063 is not a value of this enumeration',
  ]);
  t.deepEqual(refused(undefined), ['missing-data', 'the attribute State has no value']);
});

test('custom attributes keep any item', (t) => {
  const value: Item = { tag: 7, type: ItemType.LongInteger, value: 5n };
  t.deepEqual(customAttribute('x-count', value), {
    AttributeName: 'x-count',
    AttributeValue: { ...value, tag: Tag.AttributeValue },
  });
  t.deepEqual(['x-a', 'y-a', 'x', 'X-a', 'Name'].map(isCustomName), [true, true, false, false, false]);
});

test('the client may write x- and only the server y-', (t) => {
  t.is(attributeRules('x-Product', V1_0)?.modifiedBy, 'client');
  t.is(attributeRules('y-Product', V1_0)?.modifiedBy, 'server');
  t.true(attributeRules('x-Product', V1_0)?.deletableByClient);
  t.false(attributeRules('y-Product', V1_0)?.deletableByClient);
});

test('an attribute is unknown before its version, and by another spelling', (t) => {
  t.is(attributeRules('Sensitive', V1_3), undefined);
  t.is(attributeRules('Sensitive', V1_4)?.setBy, 'either');
  t.is(attributeRules('state', V1_4), undefined);
  t.is(attributeRules('toString', V1_4), undefined);
  t.deepEqual(['State', 'State ', '__proto__'].map(isAttributeName), [true, false, false]);
});

test('each version has as many attributes as its specification', (t) => {
  const count = (version: number) =>
    attributeNames.filter((name) => attributeRules(name, version) !== undefined).length;
  t.deepEqual([V1_0, V1_1, V1_2, V1_3, V1_4].map(count), [32, 38, 42, 43, 50]);
});

test('each attribute has its own tag, spelled as its name', (t) => {
  const rows = Object.entries(attributes);
  t.is(new Set(rows.map(([, row]) => row.tag)).size, rows.length);
  for (const [name, { tag }] of rows) t.is(tag as string, name.replaceAll(/[.#]/g, '_').replaceAll(' ', ''));
});
