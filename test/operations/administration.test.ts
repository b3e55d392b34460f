// Operations around objects: attributes changed, deleted and adjusted, leases and allocations, archive, replacement, import
// and export, and what KMIP 2.x has of its own.

import test from 'ava';
import type { KmipClient } from '../../src/cli/kmip-client.ts';
import { attribute } from '../../src/kmip/attributes.ts';
import { AdjustmentType, ObjectType } from '../../src/kmip/enums.ts';
import { ProfileName } from '../../src/kmip/profile-names.ts';
import { enumName } from '../../src/kmip/since.ts';
import { V1_4, V2_1, type Version } from '../../src/kmip/version.ts';
import { sharedServer } from '../kit/shared-server.ts';
import {
  aesKey,
  assertRefused,
  attributesOf,
  createKey,
  item,
  keyBytes,
  nameOf,
  payloadOf,
  refusal,
  send,
  templateOf,
} from './exchange.ts';
import { custom } from './requests.ts';

const server = sharedServer();
const valuesOf = async (client: KmipClient, uid: string, name: string): Promise<readonly unknown[]> =>
  (await attributesOf(client, uid, [name])).map(({ AttributeValue }) => AttributeValue?.value);

for (const version of [V1_4, V2_1]) {
  test(`one value of several is changed and deleted, in ${version}`, async (t) => {
    const client = await server().connect(undefined, version);
    const uid = await createKey(client);
    for (const value of ['a', 'b', 'c']) {
      await client.request('AddAttribute', { UniqueIdentifier: uid, Attribute: custom('x-Tag', value) });
    }
    const index = version === V1_4 ? { AttributeIndex: 1 } : {};
    const current = version === V1_4 ? {} : { CurrentAttribute: custom('x-Tag', 'b') };
    await client.request('ModifyAttribute', {
      UniqueIdentifier: uid,
      Attribute: { ...custom('x-Tag', 'B'), ...index },
      ...current,
    });
    t.deepEqual(await valuesOf(client, uid, 'x-Tag'), ['a', 'B', 'c']);
    const named =
      version === V1_4 ? { AttributeName: 'x-Tag', AttributeIndex: 0 } : { CurrentAttribute: custom('x-Tag', 'a') };
    await client.request('DeleteAttribute', { UniqueIdentifier: uid, ...named });
    t.deepEqual(await valuesOf(client, uid, 'x-Tag'), ['B', 'c']);
  });
}

test('by a reference KMIP 2.x deletes all values of an attribute', async (t) => {
  const client = await server().connect(undefined, V2_1);
  const uid = await createKey(client, custom('x-Tag', 'a'), custom('x-Tag', 'b'));
  await client.request('DeleteAttribute', { UniqueIdentifier: uid, AttributeName: 'x-Tag' });
  t.deepEqual(await valuesOf(client, uid, 'x-Tag'), []);
});

test('what the server sets is neither changed nor deleted, and a name stays unique', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client, nameOf('first'));
  const other = await createKey(client, nameOf('second'));
  const modify = (given: ReturnType<typeof nameOf>) =>
    refusal(client, item('ModifyAttribute', { UniqueIdentifier: other, Attribute: given }));
  assertRefused(t, await modify(nameOf('first')), 'IllegalOperation', new RegExp(uid));
  assertRefused(t, await modify(attribute('State', 2)), 'PermissionDenied', /State cannot be changed/);
  assertRefused(t, await modify(custom('x-None', 'a')), 'ItemNotFound', /x-None/);
  const remove = (name: string) =>
    refusal(client, item('DeleteAttribute', { UniqueIdentifier: other, AttributeName: name }));
  assertRefused(t, await remove('Cryptographic Length'), 'PermissionDenied', /cannot be deleted/);
  assertRefused(t, await remove('Digest'), 'PermissionDenied', /cannot be deleted/);
  t.is((await modify(nameOf('second'))).status, 'Success');
});

test('a date that State has passed stays, and one that lies ahead moves', async (t) => {
  const client = await server().connect();
  const ahead = 4_000_000_000;
  const uid = await createKey(client, attribute('Activation Date', ahead), attribute('Deactivation Date', ahead + 9));
  const set = (name: 'Activation Date' | 'Deactivation Date', date: number) =>
    refusal(client, item('ModifyAttribute', { UniqueIdentifier: uid, Attribute: attribute(name, date) }));
  t.is((await set('Activation Date', 5)).status, 'Success');
  t.deepEqual(await valuesOf(client, uid, 'State'), [2]);
  assertRefused(t, await set('Activation Date', 6), 'PermissionDenied', /cannot be changed any more/);
  t.is((await set('Deactivation Date', 7)).status, 'Success');
  t.deepEqual(await valuesOf(client, uid, 'State'), [3]);
});

test('Check names what is not satisfied, Get Usage Allocation takes what is left', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client, attribute('Usage Limits', { UsageLimitsTotal: 10n, UsageLimitsUnit: 2 }));
  const good = await client.request('Check', {
    UniqueIdentifier: uid,
    CryptographicUsageMask: 4,
    UsageLimitsCount: 10n,
  });
  t.deepEqual(
    Object.entries(good).filter(([, value]) => value !== undefined),
    [['UniqueIdentifier', uid]],
  );
  await client.request('GetUsageAllocation', { UniqueIdentifier: uid, UsageLimitsCount: 7n });
  const bad = await client.request('Check', {
    UniqueIdentifier: uid,
    CryptographicUsageMask: 5,
    UsageLimitsCount: 4n,
    LeaseTime: 9999,
  });
  t.deepEqual([bad.UsageLimitsCount, bad.CryptographicUsageMask, bad.LeaseTime], [3n, 12, 3600]);
  const more = item('GetUsageAllocation', { UniqueIdentifier: uid, UsageLimitsCount: 4n });
  assertRefused(t, await refusal(client, more), 'PermissionDenied', /used up/);
  t.is((await client.request('ObtainLease', { UniqueIdentifier: uid })).LeaseTime, 3600);
});

test('an archived key is not given out, is found where it is asked for, and comes back', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client, nameOf('archived'));
  const bytes = await keyBytes(client, uid);
  await client.request('Archive', { UniqueIdentifier: uid });
  assertRefused(t, await refusal(client, item('Get', { UniqueIdentifier: uid })), 'ObjectArchived', /is archived/);
  const locate = async (mask: number) =>
    (await client.request('Locate', { StorageStatusMask: mask, Attribute: [nameOf('archived')] })).UniqueIdentifier;
  t.deepEqual([...(await locate(1))], []);
  t.deepEqual([...(await locate(2))], [uid]);
  await client.request('Recover', { UniqueIdentifier: uid });
  t.deepEqual(await keyBytes(client, uid), bytes);
});

test('Re-key makes another key with the name and the attributes of the old one, which points to it', async (t) => {
  const client = await server().connect();
  const old = await createKey(client, nameOf('renewed'), custom('x-Tag', 'a'), attribute('Activation Date', 100));
  const bytes = await keyBytes(client, old);
  const { UniqueIdentifier: uid } = await client.request('ReKey', {
    UniqueIdentifier: old,
    Offset: 60,
    TemplateAttribute: templateOf(nameOf('renewed'), nameOf('renewed too')),
  });
  t.is((await attributesOf(client, uid, ['Name'])).length, 2);
  t.notDeepEqual(await keyBytes(client, uid), bytes);
  t.deepEqual(await keyBytes(client, old), bytes);
  t.deepEqual(await valuesOf(client, old, 'Name'), []);
  t.deepEqual(await valuesOf(client, uid, 'x-Tag'), ['a']);
  t.deepEqual(await valuesOf(client, uid, 'State'), [1]);
  const { UniqueIdentifier: found } = await client.request('Locate', { Attribute: [nameOf('renewed')] });
  t.deepEqual([...found], [uid]);
  t.is((await attributesOf(client, old, ['Link'])).length, 1);
});

test('what is exported is imported under its identifier, and replaced only where that is asked for', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client, nameOf('exported'), custom('x-Tag', 'a'));
  const bytes = await keyBytes(client, uid);
  const { Attribute: attributes, SymmetricKey } = await client.request('Export', { UniqueIdentifier: uid });
  const whole = { UniqueIdentifier: uid, ObjectType: ObjectType.SymmetricKey, Attribute: attributes, SymmetricKey };
  assertRefused(t, await refusal(client, item('Import', whole)), 'ObjectAlreadyExists', new RegExp(uid));
  await client.request('Import', { ...whole, ReplaceExisting: true });
  t.deepEqual(await keyBytes(client, uid), bytes);
  t.deepEqual(await valuesOf(client, uid, 'x-Tag'), ['a']);
  const other = {
    ...whole,
    UniqueIdentifier: 'another',
    Attribute: attributes.filter((one) => one.AttributeName !== 'Name'),
  };
  await client.request('Import', other);
  t.deepEqual(await keyBytes(client, 'another'), bytes);
});

test('a sensitive key is given wrapped only, one that is not extractable not at all', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client, attribute('Sensitive', true));
  assertRefused(t, await refusal(client, item('Get', { UniqueIdentifier: uid })), 'Sensitive', /wrapped only/);
  t.deepEqual(await valuesOf(client, uid, 'Always Sensitive'), [true]);
  await client.request('ModifyAttribute', { UniqueIdentifier: uid, Attribute: attribute('Sensitive', false) });
  t.deepEqual(await valuesOf(client, uid, 'Always Sensitive'), [false]);
  t.is((await keyBytes(client, uid)).length, 32);
  await client.request('AddAttribute', { UniqueIdentifier: uid, Attribute: attribute('Extractable', false) });
  assertRefused(t, await refusal(client, item('Get', { UniqueIdentifier: uid })), 'NotExtractable', /not extractable/);
});

test('KMIP 2.1 sets and adjusts attributes', async (t) => {
  const client = await server().connect(undefined, V2_1);
  const uid = await createKey(client);
  await client.request('SetAttribute', { UniqueIdentifier: uid, NewAttribute: attribute('Protection Period', 60) });
  await client.request('AdjustAttribute', {
    UniqueIdentifier: uid,
    AttributeReference: 'Protection Period',
    AdjustmentType: AdjustmentType.Increment,
    AdjustmentValue: { tag: 0x420162, type: 0x0a, value: 5 },
  });
  t.deepEqual(await valuesOf(client, uid, 'Protection Period'), [65]);
  const multiple = item('SetAttribute', { UniqueIdentifier: uid, NewAttribute: nameOf('a') });
  assertRefused(t, await refusal(client, multiple, V2_1), 'MultiValuedAttribute', /several values/);
  const odd = item('AdjustAttribute', { UniqueIdentifier: uid, AttributeReference: 'State', AdjustmentType: 1 });
  assertRefused(t, await refusal(client, odd, V2_1), 'InvalidDataType', /enumeration/);
});

test('KMIP 2.1 answers Interop, Log and Ping, which 1.4 does not have', async (t) => {
  const client = await server().connect(undefined, V2_1);
  await client.request('Interop', { InteropFunction: 1, InteropIdentifier: 'BL-M-1-21' });
  await client.request('Log', { LogMessage: 'a line of the client' });
  await client.request('Ping', {});
  t.is((await refusal(client, item('Ping', {}), V1_4)).reason, 'OperationNotSupported');
});

test('KMIP 2.x refers to an object of the same batch by the operation that made it, or by its place', async (t) => {
  const client = await server().connect(undefined, V2_1);
  const items = [
    item('Create', aesKey()),
    item('Register', {
      ObjectType: ObjectType.OpaqueObject,
      TemplateAttribute: templateOf(),
      OpaqueObject: { OpaqueDataType: 0x80000001, OpaqueDataValue: Buffer.from('x') },
    }),
  ];
  // The client's own encoder writes texts alone, so these two are written by hand.
  const inBytes = (identifier: string) => Buffer.from(`4200790100000010420094${identifier}`, 'hex');
  const activate = { Operation: 0x12, RequestPayload: inBytes('050000000400000003'.concat('00000000')) };
  const byPlace = { Operation: 0x0a, RequestPayload: inBytes('020000000400000000'.concat('00000000')) };
  const { items: answers } = await send(client, [...items, activate, byPlace], {}, V2_1);
  const made = payloadOf('Create', answers[0], V2_1).UniqueIdentifier;
  t.is(payloadOf('Activate', answers[2], V2_1).UniqueIdentifier, made);
  t.is(payloadOf('Get', answers[3], V2_1).UniqueIdentifier, made);
});

test('Query names the profiles in the words of the version, each one that the version has', async (t) => {
  const profilesOf = async (version: Version) => {
    const answer = await (await server().connect(undefined, version)).request('Query', { QueryFunction: [10, 14] });
    return { ...answer, names: answer.ProfileInformation.map((one) => enumName(ProfileName, one.ProfileName)) };
  };
  const before = await profilesOf(V1_4);
  t.true(before.names.includes('SymmetricKeyLifecycleServerKMIPV1_4'));
  t.true(before.names.every((name) => /Server.*KMIPV1_[0-4]$/.test(name)));
  t.is(before.ProtectionStorageMasks, undefined);
  const later = await profilesOf(V2_1);
  t.true(later.names.includes('SymmetricKeyLifecycleServer'));
  // Numbers below that are reserved since 2.0.
  t.true(later.ProfileInformation.every((one) => one.ProfileName >= 0x104));
  t.deepEqual(later.ProfileInformation[0]?.ProfileVersion, { ProfileVersionMajor: 2, ProfileVersionMinor: 1 });
  t.deepEqual(later.ProtectionStorageMasks, { ProtectionStorageMask: [1] });
});
