// What Create and Register refuse, after KMIP 1.4 sections 11.2 and 11.4, by Result Reason and text.

import test from 'ava';
import type { KmipClient } from '../../src/cli/kmip-client.ts';
import { attribute } from '../../src/kmip/attributes.ts';
import { KeyCompressionType, KeyFormatType, ObjectType } from '../../src/kmip/enums.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { aesKey, assertRefused, createKey, item, nameOf, refusal } from './exchange.ts';
import {
  aes,
  creating,
  creatingType,
  custom,
  length,
  mask,
  type Row,
  registering,
  registeringBlock,
  text,
} from './requests.ts';

const server = sharedServer();
let client: KmipClient;

test.serial.before('take a name', async () => {
  client = await server().connect();
  await createKey(client, nameOf('taken'));
});

const full = aesKey().TemplateAttribute.Attribute;

const rows: readonly Row[] = [
  // 11.2
  ['Create of an unknown object type', () => creatingType(0x77), 'InvalidField', /0x77|119|00000077/],
  [
    'Create of a certificate',
    () => creatingType(ObjectType.Certificate),
    'InvalidField',
    /makes symmetric keys, not Certificate/,
  ],
  [
    'Create by a template',
    () =>
      item('Create', {
        ...aesKey(),
        TemplateAttribute: { ...aesKey().TemplateAttribute, Name: [{ NameValue: 'gold', NameType: 1 }] },
      }),
    'ItemNotFound',
    /no template is named 'gold'/,
  ],
  [
    'Create without an algorithm',
    () => creating(length(256), mask),
    'MissingData',
    /Create needs the attribute Cryptographic Algorithm/,
  ],
  [
    'Create without a length',
    () => creating(aes, mask),
    'MissingData',
    /Create needs the attribute Cryptographic Length/,
  ],
  [
    'Create without a usage mask',
    () => creating(aes, length(256)),
    'MissingData',
    /Create needs the attribute Cryptographic Usage Mask/,
  ],
  [
    'Create of AES-100',
    () => creating(aes, length(100), mask),
    'InvalidField',
    /AES has keys of 128, 192, 256 bits, not 100/,
  ],
  ['Create of a negative length', () => creating(aes, length(-128), mask), 'InvalidField', /not -128/],
  [
    'Create of RSA',
    () => creating(attribute('Cryptographic Algorithm', 4), length(2048), mask),
    'InvalidField',
    /keys for RSA are not made here/,
  ],
  [
    'Create of a MAC key of odd length',
    () => creating(attribute('Cryptographic Algorithm', 9), length(129), mask),
    'InvalidField',
    /cannot have 129 bits/,
  ],
  [
    'Create with an algorithm that is a text',
    () => creating({ AttributeName: 'Cryptographic Algorithm', AttributeValue: text('AES') }, length(256), mask),
    'InvalidMessage',
    /AttributeValue/,
  ],
  [
    'Create with an attribute without a value',
    () => creating(aes, length(256), mask, { AttributeName: 'x-empty' }),
    'MissingData',
    /x-empty has no value/,
  ],
  [
    'Create with two lengths',
    () => creating(aes, length(256), length(128), mask),
    'InvalidField',
    /Cryptographic Length is given twice/,
  ],
  [
    'Create with two contacts',
    () => creating(...full, attribute('Contact Information', 'a'), attribute('Contact Information', 'b')),
    'InvalidField',
    /Contact Information is given twice/,
  ],
  [
    'Create with a State',
    () => creating(...full, attribute('State', 2)),
    'InvalidField',
    /State is set by the server alone/,
  ],
  [
    'Create with an attribute nobody knows',
    () => creating(...full, custom('Colour', 'red')),
    'InvalidField',
    /KMIP 1\.4 has no attribute 'Colour'/,
  ],
  [
    'Create with an attribute whose name is too long',
    () => creating(...full, custom(`x-${'n'.repeat(1023)}`, 'a')),
    'InvalidField',
    /^AttributeName: a text of 1025 bytes/,
  ],
  [
    'Create by a template with a long name',
    () =>
      item('Create', {
        ...aesKey(),
        TemplateAttribute: { Name: [{ NameValue: 'g'.repeat(2000), NameType: 1 }], Attribute: [] },
      }),
    'ItemNotFound',
    /no template is named 'g{100}…'$/,
  ],
  [
    'Create with a lease time',
    () => creating(...full, attribute('Lease Time', 60)),
    'InvalidField',
    /Lease Time is set by the server alone/,
  ],
  [
    'Create with an attribute of the server',
    () => creating(...full, custom('y-Mine', 'a')),
    'InvalidField',
    /y-Mine begins with y-/,
  ],
  [
    'Create with an attribute newer than the version',
    () => creating(...full, attribute('Description', 'a')),
    'InvalidField',
    /KMIP 1\.3 has no attribute 'Description'/,
    103,
  ],
  [
    'Create with a name that is taken',
    () => item('Create', aesKey(nameOf('taken'))),
    'InvalidField',
    /the name is already that of object/,
  ],
  [
    'Create with too many instances',
    () => item('Create', aesKey(...Array.from({ length: 1001 }, (_, at) => custom('x-many', `${at}`)))),
    'IndexOutOfBounds',
    /at most 1000/,
  ],
  // 11.4
  [
    'Register of an unknown object type',
    () => registering({ ObjectType: 0x77 as ObjectType }),
    'InvalidField',
    /0x77|119|00000077/,
  ],
  [
    'Register of a key as a certificate',
    () => registering({ ObjectType: ObjectType.Certificate }),
    'InvalidField',
    /the object type is Certificate and the message holds SymmetricKey/,
  ],
  [
    'Register without the key',
    () => registering({ SymmetricKey: undefined }),
    'InvalidField',
    /the message holds none/,
  ],
  [
    'Register by a template',
    () => registering({ TemplateAttribute: { Name: [{ NameValue: 'gold', NameType: 1 }], Attribute: [] } }),
    'ItemNotFound',
    /no template is named 'gold'/,
  ],
  [
    'Register with two algorithms',
    () => registering({}, attribute('Cryptographic Algorithm', 9)),
    'InvalidField',
    /Cryptographic Algorithm is 3 in the key block and 9 in the template/,
  ],
  [
    'Register with two lengths',
    () => registering({}, length(128)),
    'InvalidField',
    /Cryptographic Length is 256 in the key block and 128/,
  ],
  [
    'Register with a length that is not the key’s',
    () => registeringBlock({ CryptographicLength: 128 }),
    'InvalidField',
    /states 128 bits and holds 256/,
  ],
  [
    'Register of an AES key of 40 bits',
    () => registeringBlock({ CryptographicLength: 40, KeyValue: { KeyMaterial: Buffer.alloc(5, 1), Attribute: [] } }),
    'InvalidField',
    /AES has keys of 128, 192, 256 bits, not 40/,
  ],
  [
    'Register without an algorithm',
    () => registeringBlock({ CryptographicAlgorithm: undefined }),
    'MissingData',
    /needs the attribute Cryptographic Algorithm/,
  ],
  [
    'Register of nothing',
    () =>
      registeringBlock({ CryptographicLength: undefined, KeyValue: { KeyMaterial: Buffer.alloc(0), Attribute: [] } }),
    'InvalidField',
    /a key of 0 bytes/,
  ],
  ['Register without a key value', () => registeringBlock({ KeyValue: undefined }), 'MissingData', /has no key value/],
  [
    'Register of a key wrapped by nobody knows what',
    () => registeringBlock({ KeyWrappingData: { WrappingMethod: 1 } }),
    'FeatureNotSupported',
    /with a key that is named/,
  ],
  [
    'Register of a compressed key',
    () => registeringBlock({ KeyCompressionType: KeyCompressionType.ECPublicKeyTypeUncompressed }),
    'KeyCompressionTypeNotSupported',
    /compressed keys/,
  ],
  [
    'Register of PKCS#8',
    () => registeringBlock({ KeyFormatType: KeyFormatType.PKCS_8 }),
    'KeyFormatTypeNotSupported',
    /in the format PKCS_8 is not taken in/,
  ],
  [
    'Register with a name that is taken',
    () => registering({}, nameOf('taken')),
    'InvalidField',
    /the name is already that of object/,
  ],
  [
    'Register with an attribute of the server',
    () => registering({}, attribute('Initial Date', 1)),
    'InvalidField',
    /Initial Date is set by the server alone/,
  ],
];

for (const [what, request, reason, text, version] of rows) {
  test.serial(`${what} is ${reason}`, async (t) =>
    assertRefused(t, await refusal(client, request(), version), reason, text),
  );
}
