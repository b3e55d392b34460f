// What KMIP 2.x says of a refusal beside what 1.4 says of the same (KMIP 2.1 sections 6.1 and 11.45).

import test from 'ava';
import { attribute } from '../../src/kmip/attributes.ts';
import { BlockCipherMode, WrappingMethod } from '../../src/kmip/enums.ts';
import type { OutgoingRequestItem } from '../../src/kmip/message.ts';
import type { RequestPayload } from '../../src/kmip/payloads/table.ts';
import { V1_4, V2_0, V2_1, versionText } from '../../src/kmip/version.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { aesKey, createKey, item, nameOf, refusal } from './exchange.ts';
import { adding, creating, custom, getting, locating } from './requests.ts';

const server = sharedServer();

const absent = 'no-such-object';
const wrapping = (uid: string): Pick<RequestPayload<'Get'>, 'KeyWrappingSpecification'> => ({
  KeyWrappingSpecification: {
    WrappingMethod: WrappingMethod.Encrypt,
    EncryptionKeyInformation: {
      UniqueIdentifier: uid,
      CryptographicParameters: { BlockCipherMode: BlockCipherMode.NISTKeyWrap },
    },
    AttributeName: [],
  },
});
const modifying = (uid: string, given: ReturnType<typeof nameOf>): OutgoingRequestItem =>
  item('ModifyAttribute', { UniqueIdentifier: uid, Attribute: given });
const destroying = (uid: string): OutgoingRequestItem => item('Destroy', { UniqueIdentifier: uid });

/** `uid` is an Active key named "taken", `gone` is a destroyed one. */
const rows: readonly (readonly [
  what: string,
  request: (uid: string, gone: string) => OutgoingRequestItem,
  before: string,
  later: string,
])[] = [
  ['an object that is not there', () => getting(absent), 'ItemNotFound', 'ObjectNotFound'],
  ['an object that was destroyed', (_, gone) => getting(gone), 'IllegalOperation', 'ObjectDestroyed'],
  ['the destruction of what is destroyed', (_, gone) => destroying(gone), 'PermissionDenied', 'ObjectDestroyed'],
  ['the destruction of an Active key', (uid) => destroying(uid), 'PermissionDenied', 'WrongKeyLifecycleState'],
  [
    'a wrapping key that is not there',
    (uid) => getting(uid, wrapping(absent)),
    'ItemNotFound',
    'WrappingObjectNotFound',
  ],
  [
    'a new key with a name that is taken',
    () => item('Create', aesKey(nameOf('taken'))),
    'InvalidField',
    'NonUniqueNameAttribute',
  ],
  ['a name twice', (uid) => adding(uid, nameOf('taken')), 'IllegalOperation', 'NonUniqueNameAttribute'],
  [
    'a second value of what has one',
    (uid) => adding(uid, attribute('Contact Information', 'b')),
    'IllegalOperation',
    'AttributeSingleValued',
  ],
  [
    'an attribute of the server added',
    (uid) => adding(uid, attribute('State', 2)),
    'PermissionDenied',
    'ReadOnlyAttribute',
  ],
  [
    'an attribute of the server changed',
    (uid) => modifying(uid, attribute('State', 2)),
    'PermissionDenied',
    'AttributeReadOnly',
  ],
  [
    'an attribute of the server for a new key',
    () => item('Create', aesKey(attribute('State', 2))),
    'InvalidField',
    'AttributeReadOnly',
  ],
  [
    'a change of what is not there',
    (uid) => modifying(uid, custom('x-absent', 'c')),
    'ItemNotFound',
    'AttributeNotFound',
  ],
  [
    'an algorithm twice',
    () => creating(attribute('Cryptographic Algorithm', 3), attribute('Cryptographic Algorithm', 3)),
    'InvalidField',
    'AttributeSingleValued',
  ],
  [
    'a use that the mask does not permit',
    (uid) => item('MAC', { UniqueIdentifier: uid, Data: Buffer.from('a') }),
    'PermissionDenied',
    'IncompatibleCryptographicUsageMask',
  ],
];

const made: { uid: string; gone: string } = { uid: '', gone: '' };
test.before(async () => {
  const client = await server().connect();
  made.uid = await createKey(client, nameOf('taken'), attribute('Contact Information', 'a'));
  await client.request('Activate', { UniqueIdentifier: made.uid });
  made.gone = await createKey(client);
  await client.request('Destroy', { UniqueIdentifier: made.gone });
});

for (const [what, request, before, later] of rows) {
  for (const version of [V1_4, V2_0, V2_1]) {
    const reason = version >= V2_0 ? later : before;
    test(`KMIP ${versionText(version)}: ${what} is ${reason}`, async (t) => {
      const { uid, gone } = made;
      const outcome = await refusal(await server().connect(), request(uid, gone), version);
      t.is(outcome.reason, reason, outcome.text);
    });
  }
}

test('Set and Adjust Attribute have words of their own', async (t) => {
  const client = await server().connect();
  const { uid: UniqueIdentifier } = made;
  const setting = item('SetAttribute', { UniqueIdentifier, NewAttribute: attribute('State', 2) });
  t.is((await refusal(client, setting, V2_1)).reason, 'ReadOnlyAttribute');
  const several = item('SetAttribute', { UniqueIdentifier, NewAttribute: nameOf('other') });
  t.is((await refusal(client, several, V2_1)).reason, 'MultiValuedAttribute');
  const adjusting = item('AdjustAttribute', {
    UniqueIdentifier,
    AttributeReference: 'Usage Limits',
    AdjustmentType: 1,
  });
  t.is((await refusal(client, adjusting, V2_1)).reason, 'ItemNotFound');
});

test('a search by an attribute that 2.x does not have any more is Invalid Attribute', async (t) => {
  const search = locating(attribute('Operation Policy Name', 'default'));
  t.is((await refusal(await server().connect(), search, V2_0)).reason, 'InvalidAttribute');
});
