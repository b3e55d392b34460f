// What the operations on objects refuse, after KMIP 1.4 sections 11.1 and 11.10 to 11.22, by Result Reason and text. The
// objects that the rows speak of are made once.

import test from 'ava';
import type { KmipClient } from '../../src/cli/kmip-client.ts';
import { attribute } from '../../src/kmip/attributes.ts';
import { KeyCompressionType, KeyFormatType, Operation } from '../../src/kmip/enums.ts';
import { ItemType } from '../../src/kmip/item.ts';
import type { OutgoingRequestItem } from '../../src/kmip/message.ts';
import { type PayloadOperation, payloads } from '../../src/kmip/payloads/table.ts';
import { existsIn } from '../../src/kmip/since.ts';
import { Tag } from '../../src/kmip/tags.ts';
import { encodeItem } from '../../src/kmip/ttlv.ts';
import { V1_4 } from '../../src/kmip/version.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { assertRefused, createKey, item, nameOf, refusal } from './exchange.ts';
import { adding, custom, getting, inBytes, length, locating, type Row, revoking, text } from './requests.ts';

const server = sharedServer();
let client: KmipClient;
const uids = { preActive: '', active: '', deactivated: '', compromised: '', destroyed: '' };

test.serial.before('make one object in each state', async () => {
  client = await server().connect();
  for (const state of Object.keys(uids) as (keyof typeof uids)[]) uids[state] = await createKey(client);
  await client.request('AddAttribute', { UniqueIdentifier: uids.preActive, Attribute: nameOf('taken') });
  for (const uid of [uids.active, uids.deactivated]) await client.request('Activate', { UniqueIdentifier: uid });
  await client.request('Revoke', { UniqueIdentifier: uids.deactivated, RevocationReason: { RevocationReasonCode: 1 } });
  await client.request('Revoke', { UniqueIdentifier: uids.compromised, RevocationReason: { RevocationReasonCode: 2 } });
  await client.request('Destroy', { UniqueIdentifier: uids.destroyed });
});

const identifier = encodeItem({ tag: Tag.UniqueIdentifier, type: ItemType.TextString, value: 'x' });
const extended = (critical: boolean): OutgoingRequestItem => ({
  ...getting(uids.active),
  MessageExtension: {
    VendorIdentification: 'ACME',
    CriticalityIndicator: critical,
    VendorExtension: { tag: Tag.VendorExtension, type: ItemType.Structure, value: [] },
  },
});

const rows: readonly Row[] = [
  // 11.1
  [
    'a payload that cannot be read',
    () => inBytes(Operation.Get, Buffer.from('4200940700000040', 'hex')),
    'InvalidMessage',
    /UniqueIdentifier has length 64/,
  ],
  [
    'a field that comes twice',
    () => inBytes(Operation.Get, identifier, identifier),
    'InvalidMessage',
    /UniqueIdentifier comes twice/,
  ],
  ['a required field that is missing', () => inBytes(Operation.Create), 'MissingData', /ObjectType is missing/],
  ['a critical extension', () => extended(true), 'FeatureNotSupported', /critical extension of 'ACME'/],
  [
    'an operation of the future',
    () => inBytes(0x99),
    'OperationNotSupported',
    /0x00000099 is not offered in KMIP 1\.4/,
  ],
  [
    'Discover Versions in 1.0',
    () => item('DiscoverVersions', { ProtocolVersion: [] }),
    'OperationNotSupported',
    /DiscoverVersions is not offered in KMIP 1\.0/,
    100,
  ],
  // 11.10
  [
    'Locate by an attribute nobody knows',
    () => locating(custom('Colour', 'red')),
    'InvalidField',
    /has no attribute 'Colour' here/,
  ],
  [
    'Locate by an attribute newer than the version',
    () => locating(attribute('Comment', 'a')),
    'InvalidField',
    /KMIP 1\.2 has no attribute 'Comment'/,
    102,
  ],
  [
    'Locate by three dates',
    () => locating(...[1, 2, 3].map((date) => attribute('Initial Date', date))),
    'InvalidField',
    /given 3 times/,
  ],
  [
    'Locate by a part of a name',
    () =>
      locating({
        AttributeName: 'Name',
        AttributeValue: {
          tag: Tag.AttributeValue,
          type: ItemType.Structure,
          value: [{ tag: Tag.NameValue, type: ItemType.TextString, value: 'taken' }],
        },
      }),
    'MissingData',
    /NameType is missing/,
  ],
  [
    'Locate of fewer than none',
    () => item('Locate', { MaximumItems: -1, Attribute: [] }),
    'InvalidField',
    /cannot be negative/,
  ],
  [
    'Locate with a value of the wrong type',
    () => locating({ AttributeName: 'State', AttributeValue: text('Active') }),
    'InvalidMessage',
    /AttributeValue/,
  ],
  // 11.12
  ['Get of no object', () => getting('nowhere'), 'ItemNotFound', /no object has unique identifier 'nowhere'/],
  [
    'Get of an identifier longer than any',
    () => getting('u'.repeat(900_000)),
    'ItemNotFound',
    /no object has unique identifier 'u{100}…'$/,
  ],
  ['Get without an identifier', () => item('Get', {}), 'MissingData', /no unique identifier is given/],
  [
    'Get of a destroyed key',
    () => getting(uids.destroyed),
    'IllegalOperation',
    /is destroyed: only its attributes are left/,
  ],
  [
    'Get as PKCS#1',
    () => getting(uids.active, { KeyFormatType: KeyFormatType.PKCS_1 }),
    'KeyFormatTypeNotSupported',
    /format PKCS_1/,
  ],
  [
    'Get compressed',
    () => getting(uids.active, { KeyCompressionType: KeyCompressionType.ECPublicKeyTypeUncompressed }),
    'KeyCompressionTypeNotSupported',
    /not compressed/,
  ],
  [
    'Get wrapped by a key that is not named',
    () => getting(uids.active, { KeyWrappingSpecification: { WrappingMethod: 1, AttributeName: [] } }),
    'FeatureNotSupported',
    /with a key that is named/,
  ],
  // 11.13, 11.14
  [
    'Get Attributes of no object',
    () => item('GetAttributes', { UniqueIdentifier: 'nowhere', AttributeName: [] }),
    'ItemNotFound',
    /'nowhere'/,
  ],
  [
    'Get Attributes of one name twice',
    () => item('GetAttributes', { UniqueIdentifier: uids.active, AttributeName: ['State', 'State'] }),
    'InvalidMessage',
    /given twice/,
  ],
  [
    'Get Attribute List of no object',
    () => item('GetAttributeList', { UniqueIdentifier: 'nowhere' }),
    'ItemNotFound',
    /'nowhere'/,
  ],
  // 11.15
  ['Add Attribute to no object', () => adding('nowhere', custom('x-a', 'b')), 'ItemNotFound', /'nowhere'/],
  [
    'Add Attribute of what only the server sets',
    () => adding(uids.active, attribute('State', 1)),
    'PermissionDenied',
    /State cannot be added/,
  ],
  [
    'Add Attribute of what the server sets',
    () => adding(uids.active, attribute('Lease Time', 1)),
    'PermissionDenied',
    /Lease Time cannot be added/,
  ],
  [
    'Add Attribute of what nobody knows',
    () => adding(uids.active, custom('Colour', 'red')),
    'PermissionDenied',
    /has no attribute 'Colour'/,
  ],
  [
    'Add Attribute with a name that is too long',
    () => adding(uids.active, custom(`x-${'n'.repeat(1023)}`, 'a')),
    'InvalidField',
    /^AttributeName: a text of 1025 bytes, at most 1024 are taken$/,
  ],
  [
    'Add Attribute beginning with y-',
    () => adding(uids.active, custom('y-Mine', 'a')),
    'PermissionDenied',
    /y-Mine begins with y-/,
  ],
  [
    'Add Attribute of a second length',
    () => adding(uids.active, length(128)),
    'IllegalOperation',
    /Cryptographic Length cannot be added/,
  ],
  [
    'Add Attribute of a second activation date',
    () => adding(uids.active, attribute('Activation Date', 1)),
    'IllegalOperation',
    /Activation Date is there already/,
  ],
  [
    'Add Attribute with an index',
    () => adding(uids.active, { ...custom('x-a', 'b'), AttributeIndex: 1 }),
    'InvalidField',
    /cannot be given an index/,
  ],
  [
    'Add Attribute of a name that is taken',
    () => adding(uids.active, nameOf('taken')),
    'IllegalOperation',
    /the name is already that of object/,
  ],
  [
    'Add Attribute without a value',
    () => adding(uids.active, { AttributeName: 'x-a' }),
    'MissingData',
    /x-a has no value/,
  ],
  // 11.20 to 11.22
  ['Activate of no object', () => item('Activate', { UniqueIdentifier: 'nowhere' }), 'ItemNotFound', /'nowhere'/],
  [
    'Activate of an active key',
    () => item('Activate', { UniqueIdentifier: uids.active }),
    'PermissionDenied',
    /is Active and does not permit: activate/,
  ],
  [
    'Activate of a destroyed key',
    () => item('Activate', { UniqueIdentifier: uids.destroyed }),
    'PermissionDenied',
    /is Destroyed and/,
  ],
  ['Revoke of no object', () => revoking('nowhere', 1), 'ItemNotFound', /'nowhere'/],
  ['Revoke for an unknown reason', () => revoking(uids.active, 0x77), 'InvalidField', /RevocationReasonCode/],
  [
    'Revoke of a key that was never active',
    () => revoking(uids.preActive, 5),
    'PermissionDenied',
    /is PreActive and does not permit: deactivate/,
  ],
  [
    'Revoke with a message that is too long',
    () =>
      item('Revoke', {
        UniqueIdentifier: uids.active,
        RevocationReason: { RevocationReasonCode: 1, RevocationMessage: 'm'.repeat(1025) },
      }),
    'InvalidField',
    /^RevocationMessage: a text of 1025 bytes, at most 1024 are taken$/,
  ],
  [
    'Revoke with a date of compromise for another reason',
    () => revoking(uids.active, 5, 1),
    'InvalidField',
    /goes with a compromise only/,
  ],
  ['Destroy of no object', () => item('Destroy', { UniqueIdentifier: 'nowhere' }), 'ItemNotFound', /'nowhere'/],
  [
    'Destroy of an active key',
    () => item('Destroy', { UniqueIdentifier: uids.active }),
    'PermissionDenied',
    /is Active and does not permit: destroy/,
  ],
  [
    'Destroy of a destroyed key',
    () => item('Destroy', { UniqueIdentifier: uids.destroyed }),
    'PermissionDenied',
    /is Destroyed and does not permit: destroy/,
  ],
];

for (const [what, request, reason, text, version] of rows) {
  test.serial(`${what} is ${reason}`, async (t) =>
    assertRefused(t, await refusal(client, request(), version), reason, text),
  );
}

const offered: ReadonlySet<string> = new Set(
  Object.keys(payloads).filter((name) => existsIn('Operation', Operation[name as PayloadOperation], V1_4)),
);
for (const [name, operation] of Object.entries(Operation).filter(([name]) => !offered.has(name))) {
  test.serial(`${name} is OperationNotSupported`, async (t) => {
    const outcome = await refusal(client, inBytes(operation));
    assertRefused(t, outcome, 'OperationNotSupported', new RegExp(`operation ${name} is not offered in KMIP 1\\.4`));
  });
}

test.serial('an extension that is not critical is passed over', async (t) => {
  t.deepEqual(await refusal(client, extended(false)), { status: 'Success' });
});
