// The tables of the standard: nothing twice, nothing misspelled, nothing without a version.

import test from 'ava';
import * as enums from '../../src/kmip/enums.ts';
import { CryptographicUsageMask, maskNames, ProtectionStorageMask, StorageStatusMask } from '../../src/kmip/masks.ts';
import { objectFieldOf, objectFields } from '../../src/kmip/objects.ts';
import { payloads } from '../../src/kmip/payloads/table.ts';
import { ProfileName } from '../../src/kmip/profile-names.ts';
import { type DatedEnumeration, enumName, existsIn, reasonIn } from '../../src/kmip/since.ts';
import { Tag, tagName } from '../../src/kmip/tags.ts';
import {
  supportedVersions,
  toVersion,
  V1_0,
  V1_1,
  V1_3,
  V1_4,
  V2_0,
  V2_1,
  versionParts,
  versionText,
} from '../../src/kmip/version.ts';
import { profileTexts } from './shared-messages.ts';
import { sharedTest } from './shared-test.ts';

const tables: Readonly<Record<string, Readonly<Record<string, number>>>> = { ...enums, ProfileName };

test('no tag number comes twice and all are KMIP tags', (t) => {
  const numbers = Object.values(Tag);
  t.is(new Set(numbers).size, numbers.length);
  for (const tag of numbers) t.is(tag >> 16, 0x42, tagName(tag));
  t.is(numbers.length, 371);
});

for (const [name, table] of Object.entries(tables)) {
  test(`${name}: no value comes twice, names are PascalCase`, (t) => {
    const values = Object.values(table);
    t.true(values.length > 0);
    t.is(new Set(values).size, values.length);
    for (const key of Object.keys(table)) t.regex(key, /^[A-Z][A-Za-z0-9_]*$/);
  });
}

for (const table of [CryptographicUsageMask, StorageStatusMask, ProtectionStorageMask]) {
  test(`a mask is single bits, in order: ${Object.keys(table)[0]} …`, (t) => {
    t.deepEqual(
      Object.values(table),
      Object.values(table).map((_, at) => 1 << at),
    );
  });
}

test('the names of a mask, unknown bits as a number', (t) => {
  t.deepEqual(maskNames(CryptographicUsageMask, 12), ['Encrypt', 'Decrypt']);
  t.deepEqual(maskNames(CryptographicUsageMask, 0), []);
  t.deepEqual(maskNames(CryptographicUsageMask, 0x80000004 | 0), ['Encrypt', '0x80000000']);
});

const dated: Readonly<Record<DatedEnumeration, Readonly<Record<string, number>>>> = {
  Operation: enums.Operation,
  ObjectType: enums.ObjectType,
  QueryFunction: enums.QueryFunction,
  ResultReason: enums.ResultReason,
};

test('every value of the dated enumerations exists by 2.1, and none that the table lacks', (t) => {
  for (const [name, table] of Object.entries(dated)) {
    for (const value of Object.values(table)) t.true(existsIn(name as DatedEnumeration, value, V2_1));
    t.false(existsIn(name as DatedEnumeration, 0x80000001, V2_1));
  }
});

test('versions add values', (t) => {
  const count = (name: DatedEnumeration, version: number) =>
    Object.values(dated[name]).filter((value) => existsIn(name, value, version)).length;
  const counts = (name: DatedEnumeration) => [100, 101, 102, 103, 104, 200, 201].map((version) => count(name, version));
  t.deepEqual(counts('Operation'), [28, 30, 41, 41, 43, 53, 59]);
  t.deepEqual(counts('ObjectType'), [8, 8, 9, 9, 9, 10, 10]);
  t.deepEqual(counts('QueryFunction'), [4, 6, 7, 12, 12, 14, 14]);
  t.deepEqual(counts('ResultReason').slice(0, 5), [18, 19, 22, 22, 25]);
});

test('an operation or reason that a version lacks', (t) => {
  t.false(existsIn('Operation', enums.Operation.DiscoverVersions, V1_0));
  t.true(existsIn('Operation', enums.Operation.DiscoverVersions, V1_1));
  t.is(reasonIn(V1_3, enums.ResultReason.Sensitive), enums.ResultReason.GeneralFailure);
  t.is(reasonIn(V1_4, enums.ResultReason.Sensitive), enums.ResultReason.Sensitive);
  t.is(reasonIn(V2_0, enums.ResultReason.ConstraintViolation), enums.ResultReason.GeneralFailure);
});

test('names for messages, and numbers where there is no name', (t) => {
  t.is(enumName(enums.Operation, 10), 'Get');
  t.is(enumName(enums.Operation, 0x80000001), '0x80000001');
  t.is(tagName(0x420078), 'RequestMessage');
  t.is(tagName(0x540001), '0x540001');
});

test('every payload belongs to an operation', (t) => {
  for (const name of Object.keys(payloads)) t.true(Object.hasOwn(enums.Operation, name), name);
});

test('each object of KMIP 1.x has the field that its type names', (t) => {
  const types = Object.values(enums.ObjectType).filter((type) => existsIn('ObjectType', type, V1_4));
  t.deepEqual(types.map(objectFieldOf).sort(), (Object.keys(objectFields) as (keyof typeof objectFields)[]).sort());
  t.is(objectFieldOf(enums.ObjectType.CertificateRequest), undefined);
});

test('versions as numbers, parts and text', (t) => {
  t.deepEqual(supportedVersions.map(versionText), ['2.1', '2.0', '1.4', '1.3', '1.2', '1.1', '1.0']);
  for (const version of supportedVersions) t.is(toVersion(versionParts(version)), version);
});

const elements = (text: string) => [...text.matchAll(/<([A-Z][A-Za-z0-9_]*)[\s/>]/g)].map(([, name]) => name ?? '');
/** What frames the messages in the files and is no tag. */
const frames = new Set(['KMIP', 'KmipTestCase']);

sharedTest('every element of the OASIS profile test cases is a tag of ours', (t) => {
  const names = new Set(
    profileTexts()
      .flatMap(elements)
      .filter((name) => !frames.has(name)),
  );
  t.true(names.size > 50);
  t.deepEqual(
    [...names].filter((name) => !Object.hasOwn(Tag, name)),
    [],
  );
});

sharedTest('every enumeration value of the OASIS profile test cases has our spelling', (t) => {
  const pattern = /<([A-Za-z0-9_]+)\s+type="Enumeration"\s+value="([A-Za-z][^"]*)"/g;
  const pairs = profileTexts().flatMap((text) =>
    [...text.matchAll(pattern)].map(([, tag = '', value = '']) => ({ tag, value })),
  );
  t.true(pairs.length > 500);
  const everyName = new Set(Object.values(tables).flatMap((table) => Object.keys(table)));
  const known = ({ tag, value }: { tag: string; value: string }) => {
    const table = tables[tag];
    return table === undefined ? everyName.has(value) : Object.hasOwn(table, value);
  };
  t.deepEqual([...new Set(pairs.filter((pair) => !known(pair)).map(({ tag, value }) => `${tag} ${value}`))], []);
});
