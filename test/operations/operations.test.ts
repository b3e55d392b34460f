// Each operation where it succeeds: what comes back, and what it has done.

import test from 'ava';
import { attribute, attributeValue } from '../../src/kmip/attributes.ts';
import { CryptographicAlgorithm, KeyFormatType, ObjectType, QueryFunction } from '../../src/kmip/enums.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { aesKey, createKey, keyBytes, nameOf, templateOf, usage } from './exchange.ts';
import { custom, length, mask } from './requests.ts';

const server = sharedServer();

const sizes: readonly (readonly [name: keyof typeof CryptographicAlgorithm, bits: number])[] = [
  ['AES', 128],
  ['AES', 192],
  ['AES', 256],
  ['Camellia', 256],
  ['HMAC_SHA256', 256],
  ['HMAC_SHA512', 1024],
];
for (const [name, bits] of sizes) {
  test(`Create makes ${name}-${bits}, and Get gives as many bytes, each time the same`, async (t) => {
    const client = await server().connect();
    const algorithm = CryptographicAlgorithm[name];
    const { UniqueIdentifier: uid, ObjectType: type } = await client.request('Create', {
      ObjectType: ObjectType.SymmetricKey,
      TemplateAttribute: templateOf(attribute('Cryptographic Algorithm', algorithm), length(bits), mask),
    });
    t.is(type, ObjectType.SymmetricKey);
    const { SymmetricKey: key } = await client.request('Get', { UniqueIdentifier: uid });
    t.is(key?.KeyBlock.KeyFormatType, KeyFormatType.Raw);
    t.is(key?.KeyBlock.CryptographicAlgorithm, algorithm);
    t.is(key?.KeyBlock.CryptographicLength, bits);
    const bytes = await keyBytes(client, uid);
    t.is(bytes.length * 8, bits);
    t.deepEqual(await keyBytes(client, uid), bytes);
    t.notDeepEqual(await keyBytes(client, await createKey(client)), bytes);
  });
}

const material = Buffer.from('0123456789abcdef0123456789abcdef');
for (const [format, value] of [
  [KeyFormatType.Raw, material],
  [KeyFormatType.TransparentSymmetricKey, { Key: material }],
] as const) {
  test(`Register takes a key in format ${format}, and Get gives it in either`, async (t) => {
    const client = await server().connect();
    const { UniqueIdentifier: uid } = await client.request('Register', {
      ObjectType: ObjectType.SymmetricKey,
      TemplateAttribute: templateOf(attribute('Cryptographic Algorithm', 3), length(256), mask),
      SymmetricKey: { KeyBlock: { KeyFormatType: format, KeyValue: { KeyMaterial: value, Attribute: [] } } },
    });
    t.deepEqual(await keyBytes(client, uid), material);
    const KeyFormatTypeAsked = KeyFormatType.TransparentSymmetricKey;
    const { SymmetricKey: key } = await client.request('Get', {
      UniqueIdentifier: uid,
      KeyFormatType: KeyFormatTypeAsked,
    });
    t.is(key?.KeyBlock.KeyFormatType, KeyFormatType.TransparentSymmetricKey);
    const inside = key?.KeyBlock.KeyValue;
    t.deepEqual(inside, { KeyMaterial: { Key: material }, Attribute: [] });
  });
}

test('Activate, Revoke and Destroy lead through the states, and Get serves until Destroy', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client);
  const bytes = await keyBytes(client, uid);
  const stateOf = async (): Promise<number> => {
    const { Attribute: found } = await client.request('GetAttributes', {
      UniqueIdentifier: uid,
      AttributeName: ['State'],
    });
    return attributeValue('State', found[0]?.AttributeValue);
  };
  const acts = [
    () => client.request('Activate', { UniqueIdentifier: uid }),
    () =>
      client.request('Revoke', {
        UniqueIdentifier: uid,
        RevocationReason: { RevocationReasonCode: 6, RevocationMessage: 'old' },
      }),
    () =>
      client.request('Revoke', {
        UniqueIdentifier: uid,
        RevocationReason: { RevocationReasonCode: 2 },
        CompromiseOccurrenceDate: 1000,
      }),
  ];
  t.is(await stateOf(), 1);
  for (const [at, act] of acts.entries()) {
    t.deepEqual(await act(), { UniqueIdentifier: uid });
    t.is(await stateOf(), at + 2);
    t.deepEqual(await keyBytes(client, uid), bytes);
  }
  t.deepEqual(await client.request('Destroy', { UniqueIdentifier: uid }), { UniqueIdentifier: uid });
  t.is(await stateOf(), 6);
  await t.throwsAsync(keyBytes(client, uid), { message: /IllegalOperation/ });
  const { AttributeName: names } = await client.request('GetAttributeList', { UniqueIdentifier: uid });
  for (const name of ['Destroy Date', 'Compromise Date', 'Revocation Reason']) t.true(names.includes(name), name);
});

test('Get Attributes gives what was given, and Get Attribute List names all of it', async (t) => {
  const client = await server().connect();
  const given = [nameOf('all of it'), attribute('Contact Information', 'kms@example.com'), custom('x-Rack', '12')];
  const { UniqueIdentifier: uid } = await client.request('Create', aesKey(...given));
  const { Attribute: all } = await client.request('GetAttributes', { UniqueIdentifier: uid, AttributeName: [] });
  const value = (name: string) => all.find(({ AttributeName }) => AttributeName === name)?.AttributeValue;
  t.is(attributeValue('Unique Identifier', value('Unique Identifier')), uid);
  t.is(attributeValue('Name', value('Name')).NameValue, 'all of it');
  t.is(attributeValue('Cryptographic Usage Mask', value('Cryptographic Usage Mask')), usage);
  t.is(attributeValue('Contact Information', value('Contact Information')), 'kms@example.com');
  t.is(value('x-Rack')?.value, '12');
  const { AttributeName: names } = await client.request('GetAttributeList', { UniqueIdentifier: uid });
  t.deepEqual([...names].sort(), all.map(({ AttributeName }) => AttributeName).sort());
});

test('Get Attributes answers in the order asked for and leaves out what is not there, unknown names included', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client);
  const asked = ['x-nothing', 'State', 'Colour', 'Cryptographic Length', 'Deactivation Date'];
  const { Attribute: found } = await client.request('GetAttributes', { UniqueIdentifier: uid, AttributeName: asked });
  t.deepEqual(
    found.map(({ AttributeName }) => AttributeName),
    ['State', 'Cryptographic Length'],
  );
});

test('Add Attribute counts the instances of an attribute from none, and says each back', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client);
  for (const [at, value] of ['a', 'b', 'c'].entries()) {
    const answer = await client.request('AddAttribute', { UniqueIdentifier: uid, Attribute: custom('x-Tag', value) });
    t.is(answer.Attribute.AttributeIndex, at === 0 ? undefined : at);
    t.is(answer.Attribute.AttributeValue?.value, value);
  }
  const { Attribute: tags } = await client.request('GetAttributes', {
    UniqueIdentifier: uid,
    AttributeName: ['x-Tag'],
  });
  t.deepEqual(
    tags.map(({ AttributeIndex, AttributeValue }) => [AttributeIndex, AttributeValue?.value]),
    [
      [undefined, 'a'],
      [1, 'b'],
      [2, 'c'],
    ],
  );
});

test('Query answers what is asked and nothing else', async (t) => {
  const client = await server().connect();
  const ask = (...functions: number[]) => client.request('Query', { QueryFunction: functions });
  const operations = await ask(QueryFunction.QueryOperations);
  t.deepEqual(
    [...operations.Operation],
    [
      ...[1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 24, 29, 30],
      ...[31, 32, 33, 34, 35, 36, 37, 38, 39, 42, 43],
    ],
  );
  t.is(operations.VendorIdentification, undefined);
  t.deepEqual([...(await ask(QueryFunction.QueryObjects)).ObjectType], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const both = await ask(QueryFunction.QueryServerInformation, QueryFunction.QueryCapabilities);
  t.is(both.VendorIdentification, 'kmip-edge');
  t.is(both.CapabilityInformation[0]?.BatchContinueCapability, true);
  t.is(both.CapabilityInformation[0]?.BatchUndoCapability, true);
  t.deepEqual([...both.Operation], []);
  const nothing = await ask(0x77);
  t.is(nothing.VendorIdentification, undefined);
});

test('Query answers a function once, and does no more for it, however often it is asked for', async (t) => {
  const client = await server().connect();
  const once = await client.request('Query', { QueryFunction: [QueryFunction.QueryProfiles] });
  const began = process.threadCpuUsage();
  const often = await client.request('Query', { QueryFunction: Array(65_000).fill(QueryFunction.QueryProfiles) });
  t.true(process.threadCpuUsage(began).user < 700_000);
  t.deepEqual(often, once);
});

test('Discover Versions names what both sides speak, the newest first', async (t) => {
  const client = await server().connect();
  const discover = async (...offered: readonly (readonly [number, number])[]) => {
    const parts = offered.map(([major, minor]) => ({ ProtocolVersionMajor: major, ProtocolVersionMinor: minor }));
    const { ProtocolVersion: common } = await client.request('DiscoverVersions', { ProtocolVersion: parts });
    return common.map((one) => `${one.ProtocolVersionMajor}.${one.ProtocolVersionMinor}`);
  };
  t.deepEqual(await discover(), ['2.1', '2.0', '1.4', '1.3', '1.2', '1.1', '1.0']);
  t.deepEqual(await discover([1, 0], [2, 2], [1, 2]), ['1.2', '1.0']);
  t.deepEqual(await discover([3, 0]), []);
});
