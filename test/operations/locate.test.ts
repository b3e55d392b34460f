// Locate: by every kind of attribute, with limits and offsets, and which objects it passes over.

import test from 'ava';
import { readSearch } from '../../src/keys/locate.ts';
import { attribute, customAttribute } from '../../src/kmip/attributes.ts';
import { type Item, ItemType } from '../../src/kmip/item.ts';
import type { RequestPayload } from '../../src/kmip/payloads/table.ts';
import { Tag } from '../../src/kmip/tags.ts';
import type { Attribute } from '../../src/kmip/template-attribute.ts';
import { startServer } from '../kit/server.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { sampleObject } from '../store/samples.ts';
import { createKey, nameOf } from './exchange.ts';
import { custom } from './requests.ts';

const server = sharedServer();
const located = async (request: Partial<RequestPayload<'Locate'>>, ...by: readonly Attribute[]) => {
  const client = await server().connect({ ...server().client });
  const answer = await client.request('Locate', { Attribute: by, ...request });
  client.close();
  return answer;
};
const uidsBy = async (...by: readonly Attribute[]): Promise<readonly string[]> =>
  (await located({}, ...by)).UniqueIdentifier;

const tag = Tag.AttributeValue;
const values: readonly Item[] = [
  { tag, type: ItemType.Integer, value: -7 },
  { tag, type: ItemType.LongInteger, value: 2n ** 40n },
  { tag, type: ItemType.BigInteger, value: -(2n ** 100n) },
  { tag, type: ItemType.Enumeration, value: 3 },
  { tag, type: ItemType.Boolean, value: true },
  { tag, type: ItemType.TextString, value: 'Größe 12 ☃' },
  { tag, type: ItemType.ByteString, value: Buffer.from('00ff10', 'hex') },
  { tag, type: ItemType.DateTime, value: 1_700_000_000n },
  { tag, type: ItemType.Interval, value: 3600 },
  { tag, type: ItemType.Structure, value: [{ tag: Tag.Comment, type: ItemType.TextString, value: 'inside' }] },
];
for (const value of values) {
  test(`a custom attribute of item type ${value.type} is kept as it is and found by its value`, async (t) => {
    const client = await server().connect();
    const name = `x-Type ${value.type}`;
    const inTemplate = await createKey(client, customAttribute(name, value));
    const added = await createKey(client);
    await client.request('AddAttribute', { UniqueIdentifier: added, Attribute: customAttribute(name, value) });
    for (const uid of [inTemplate, added]) {
      const { Attribute: found } = await client.request('GetAttributes', {
        UniqueIdentifier: uid,
        AttributeName: [name],
      });
      t.deepEqual(found[0]?.AttributeValue, value);
    }
    t.deepEqual(await uidsBy(customAttribute(name, value)), [inTemplate, added]);
    t.deepEqual(await uidsBy(custom(name, 'another value')), []);
  });
}

test('the same bits in another item type are another value', async (t) => {
  const client = await server().connect();
  await createKey(client, customAttribute('x-Number', { tag, type: ItemType.Integer, value: 5 }));
  t.deepEqual(await uidsBy(customAttribute('x-Number', { tag, type: ItemType.Enumeration, value: 5 })), []);
  t.deepEqual(await uidsBy(customAttribute('x-number', { tag, type: ItemType.Integer, value: 5 })), []);
});

test('all attributes have to fit, in any of their instances', async (t) => {
  const client = await server().connect();
  const one = await createKey(client, custom('x-Set', 'a'), custom('x-Set', 'b'), custom('x-Kind', 'k'));
  const other = await createKey(client, custom('x-Set', 'b'), custom('x-Kind', 'l'));
  t.deepEqual(await uidsBy(custom('x-Set', 'b')), [one, other]);
  t.deepEqual(await uidsBy(custom('x-Set', 'b'), custom('x-Set', 'a')), [one]);
  t.deepEqual(await uidsBy(custom('x-Set', 'b'), custom('x-Kind', 'l')), [other]);
  t.deepEqual(await uidsBy(custom('x-Set', 'a'), custom('x-Kind', 'l')), []);
});

test('State, masks, length, identifier and name are found', async (t) => {
  const client = await server().connect();
  const mark = custom('x-Mark', 'state');
  const [one, two] = [await createKey(client, mark, nameOf('one of two')), await createKey(client, mark)];
  await client.request('Activate', { UniqueIdentifier: two });
  t.deepEqual(await uidsBy(mark, attribute('State', 1)), [one]);
  t.deepEqual(await uidsBy(mark, attribute('State', 2)), [two]);
  t.deepEqual(await uidsBy(mark, attribute('State', 1), attribute('State', 2)), []);
  t.deepEqual(await uidsBy(mark, attribute('Cryptographic Usage Mask', 4)), [one, two]);
  t.deepEqual(await uidsBy(mark, attribute('Cryptographic Usage Mask', 0x10)), []);
  t.deepEqual(await uidsBy(mark, attribute('Cryptographic Length', 256), attribute('Object Type', 2)), [one, two]);
  t.deepEqual(await uidsBy(mark, attribute('Cryptographic Length', 128)), []);
  t.deepEqual(await uidsBy(attribute('Unique Identifier', two)), [two]);
  t.deepEqual(await uidsBy(attribute('Unique Identifier', two), attribute('State', 1)), []);
  t.deepEqual(await uidsBy(nameOf('one of two')), [one]);
  t.deepEqual(await uidsBy(nameOf('One of two')), []);
});

test('an attribute that is given thousands of times costs each object no more than one', (t) => {
  const object = sampleObject();
  const duration = (count: number): number => {
    const given = Array.from({ length: count }, () => attribute('State', 1));
    const { matches } = readSearch(given, undefined, 104, 0);
    const began = performance.now();
    for (let round = 0; round < 300; round += 1) t.true(matches(object));
    return performance.now() - began;
  };
  const once = duration(1);
  t.true(duration(4000) < once * 20 + 20);
});

test('a date is found by equality, and between two', async (t) => {
  const client = await server().connect();
  const mark = custom('x-Mark', 'dates');
  const dates = [1000, 2000, 3000];
  const uids: string[] = [];
  for (const date of dates) uids.push(await createKey(client, mark, attribute('Activation Date', date)));
  const by = (...given: readonly number[]) => uidsBy(mark, ...given.map((date) => attribute('Activation Date', date)));
  t.deepEqual(await by(2000), [uids[1]]);
  t.deepEqual(await by(2001), []);
  t.deepEqual(await by(1000, 2000), uids.slice(0, 2));
  t.deepEqual(await by(9000, 1500), uids.slice(1));
  t.deepEqual(await uidsBy(mark, attribute('Deactivation Date', 1)), []);
});

test('destroyed objects are found where destroyed storage is asked for, and only there', async (t) => {
  const client = await server().connect();
  const mark = custom('x-Mark', 'storage');
  const [there, gone] = [await createKey(client, mark), await createKey(client, mark)];
  await client.request('Destroy', { UniqueIdentifier: gone });
  const stored = async (mask: number) => (await located({ StorageStatusMask: mask }, mark)).UniqueIdentifier;
  t.deepEqual(await uidsBy(mark), [there]);
  t.deepEqual(await stored(1), [there]);
  t.deepEqual(await stored(2), []);
  t.deepEqual(await stored(4), [gone]);
  t.deepEqual(await stored(5), [there, gone]);
});

test('maximum and offset cut the list, and Located Items counts it whole or is left out', async (t) => {
  const client = await server().connect();
  const mark = custom('x-Mark', 'pages');
  const uids: string[] = [];
  for (let count = 0; count < 5; count += 1) uids.push(await createKey(client, mark));
  const page = async (MaximumItems?: number, OffsetItems?: number) => {
    const { UniqueIdentifier: found, LocatedItems: all } = await located({ MaximumItems, OffsetItems }, mark);
    return [found, all];
  };
  t.deepEqual(await page(), [uids, 5]);
  t.deepEqual(await page(2), [uids.slice(0, 2), undefined]);
  t.deepEqual(await page(2, 2), [uids.slice(2, 4), undefined]);
  t.deepEqual(await page(2, 4), [uids.slice(4), 5]);
  t.deepEqual(await page(10, 3), [uids.slice(3), 5]);
  t.deepEqual(await page(10, 9), [[], undefined]);
  t.deepEqual(await page(0), [[], undefined]);
});

test('of a group the fresh members are found, and its default is its oldest', async (t) => {
  const client = await server().connect();
  const group = attribute('Object Group', 'of three');
  const [first, second, third] = [
    await createKey(client, group),
    await createKey(client, group),
    await createKey(client, group),
  ];
  const members = async (ObjectGroupMember: 1 | 2) => (await located({ ObjectGroupMember }, group)).UniqueIdentifier;
  t.deepEqual(await members(1), [first, second, third]);
  await client.request('Get', { UniqueIdentifier: second });
  // That it is not fresh any more is noted after the answer.
  while ((await members(1)).length === 3);
  t.deepEqual(await members(1), [first, third]);
  t.deepEqual(await members(2), [first]);
});

test('a server without objects finds none', async (t) => {
  const client = await (await startServer(t)).connect();
  t.deepEqual(await client.request('Locate', { Attribute: [] }), { LocatedItems: 0, UniqueIdentifier: [] });
});
