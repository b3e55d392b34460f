// Objects of every type: what is registered comes back as it was, in every version that has it, with the attributes that it
// brings; and forms that are asked for.

import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import test from 'ava';
import { attribute } from '../../src/kmip/attributes.ts';
import { CryptographicAlgorithm, KeyFormatType, ObjectType, State } from '../../src/kmip/enums.ts';
import type { RequestPayload } from '../../src/kmip/payloads/table.ts';
import type { Attribute } from '../../src/kmip/template-attribute.ts';
import { supportedVersions, V1_0, V1_2, V1_4, V2_0, V2_1, versionText } from '../../src/kmip/version.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { assertRefused, attributesOf, createKey, item, nameOf, refusal, templateOf } from './exchange.ts';
import { custom } from './requests.ts';

const server = sharedServer();
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const privateDer = privateKey.export({ format: 'der', type: 'pkcs1' });
const publicDer = publicKey.export({ format: 'der', type: 'spki' });
const value = (material: Buffer) => ({ KeyMaterial: material, Attribute: [] });
const mask = attribute('Cryptographic Usage Mask', 3);

type Registered = Omit<RequestPayload<'Register'>, 'TemplateAttribute'>;
const objects: Readonly<Record<string, Registered>> = {
  'a private key': {
    ObjectType: ObjectType.PrivateKey,
    PrivateKey: {
      KeyBlock: {
        KeyFormatType: KeyFormatType.PKCS_1,
        KeyValue: value(privateDer),
        CryptographicAlgorithm: CryptographicAlgorithm.RSA,
        CryptographicLength: 2048,
      },
    },
  },
  'a public key': {
    ObjectType: ObjectType.PublicKey,
    PublicKey: {
      KeyBlock: {
        KeyFormatType: KeyFormatType.X_509,
        KeyValue: value(publicDer),
        CryptographicAlgorithm: CryptographicAlgorithm.RSA,
        CryptographicLength: 2048,
      },
    },
  },
  'secret data': {
    ObjectType: ObjectType.SecretData,
    SecretData: {
      SecretDataType: 1,
      KeyBlock: { KeyFormatType: KeyFormatType.Opaque, KeyValue: value(Buffer.from('passphrase')) },
    },
  },
  'an opaque object': {
    ObjectType: ObjectType.OpaqueObject,
    OpaqueObject: { OpaqueDataType: 0x80000001, OpaqueDataValue: Buffer.alloc(5000, 7) },
  },
  'a split key': {
    ObjectType: ObjectType.SplitKey,
    SplitKey: {
      SplitKeyParts: 3,
      KeyPartIdentifier: 1,
      SplitKeyThreshold: 2,
      SplitKeyMethod: 1,
      PrimeFieldSize: 104729n,
      KeyBlock: {
        KeyFormatType: KeyFormatType.Raw,
        KeyValue: value(Buffer.alloc(16, 9)),
        CryptographicAlgorithm: CryptographicAlgorithm.AES,
        CryptographicLength: 128,
      },
    },
  },
};

for (const version of supportedVersions) {
  for (const [what, object] of Object.entries(objects)) {
    test(`${what} comes back as it was registered, in ${versionText(version)}`, async (t) => {
      const client = await server().connect(undefined, version);
      const given = what === 'an opaque object' ? [] : [mask];
      const TemplateAttribute = templateOf(...given, custom('x-Tag', 'a'));
      const { UniqueIdentifier: uid } = await client.request('Register', { ...object, TemplateAttribute });
      const got = await client.request('Get', { UniqueIdentifier: uid });
      const { ObjectType: type, ...fields } = object;
      t.is(got.ObjectType, type);
      t.like(got, fields);
      const found = await attributesOf(client, uid, ['State', 'x-Tag', 'Object Type']);
      t.deepEqual(
        found.map(({ AttributeName, AttributeValue }) => [AttributeName, AttributeValue?.value]),
        [
          ['State', State.PreActive],
          ['x-Tag', 'a'],
          ['Object Type', type],
        ],
      );
      await client.request('Destroy', { UniqueIdentifier: uid });
    });
  }
}

const made = async (client: Awaited<ReturnType<ReturnType<typeof server>['connect']>>, object: Registered) =>
  (await client.request('Register', { ...object, TemplateAttribute: templateOf(mask) })).UniqueIdentifier;

test('a key is given in the other forms that it has, and they are the same key', async (t) => {
  const client = await server().connect();
  const uid = await made(client, objects['a private key'] as Registered);
  const pkcs8 = await client.request('Get', { UniqueIdentifier: uid, KeyFormatType: KeyFormatType.PKCS_8 });
  const plain = pkcs8.PrivateKey?.KeyBlock.KeyValue;
  const der =
    plain && !Buffer.isBuffer(plain) && Buffer.isBuffer(plain.KeyMaterial) ? plain.KeyMaterial : Buffer.alloc(0);
  t.true(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).equals(privateKey));
  const format = KeyFormatType.TransparentRSAPrivateKey;
  const open = await client.request('Get', { UniqueIdentifier: uid, KeyFormatType: format });
  const parts = open.PrivateKey?.KeyBlock.KeyValue;
  const again = await client.request('Register', {
    ObjectType: ObjectType.PrivateKey,
    TemplateAttribute: templateOf(mask),
    PrivateKey: {
      KeyBlock: { KeyFormatType: format, KeyValue: parts, CryptographicAlgorithm: 4, CryptographicLength: 2048 },
    },
  });
  const back = await client.request('Get', { ...again, KeyFormatType: KeyFormatType.PKCS_1 });
  const bytes = back.PrivateKey?.KeyBlock.KeyValue;
  t.deepEqual(bytes, value(privateDer));
  const publicUid = await made(client, objects['a public key'] as Registered);
  const pkcs1 = await client.request('Get', { UniqueIdentifier: publicUid, KeyFormatType: KeyFormatType.PKCS_1 });
  const half = pkcs1.PublicKey?.KeyBlock.KeyValue;
  const halfDer =
    half && !Buffer.isBuffer(half) && Buffer.isBuffer(half.KeyMaterial) ? half.KeyMaterial : Buffer.alloc(0);
  t.true(createPublicKey({ key: halfDer, format: 'der', type: 'pkcs1' }).equals(publicKey));
  const refused = await refusal(client, item('Get', { UniqueIdentifier: uid, KeyFormatType: KeyFormatType.X_509 }));
  t.is(refused.reason, 'KeyFormatTypeNotSupported');
});

test('a certificate brings its names, its length and the kind of its key', async (t) => {
  const client = await server().connect();
  const pem = server().client.certificate;
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const { UniqueIdentifier: uid } = await client.request('Register', {
    ObjectType: ObjectType.Certificate,
    TemplateAttribute: templateOf(mask),
    Certificate: { CertificateType: 1, CertificateValue: der },
  });
  const names = [
    'Certificate Type',
    'Certificate Length',
    'X.509 Certificate Subject',
    'Certificate Subject',
    'Digest',
  ];
  const found = await attributesOf(client, uid, names);
  t.deepEqual(
    found.map(({ AttributeName }) => AttributeName),
    names,
  );
  t.is(found[1]?.AttributeValue?.value, der.length);
  const got = await client.request('Get', { UniqueIdentifier: uid });
  t.deepEqual(got.Certificate?.CertificateValue, der);
  const later = await (await server().connect(undefined, V2_1)).request('GetAttributes', {
    UniqueIdentifier: uid,
    AttributeName: [],
  });
  const seen = later.Attribute.map(({ AttributeName }) => AttributeName);
  t.true(seen.includes('X.509 Certificate Subject'));
  t.false(seen.includes('Certificate Subject'));
  const partOf = (name: string) => later.Attribute.find(({ AttributeName }) => AttributeName === name)?.AttributeValue;
  const { subject, issuer } = new X509Certificate(pem).toLegacyObject();
  t.truthy(subject.CN);
  t.is(partOf('Certificate Subject CN')?.value, subject.CN as string);
  t.is(partOf('Certificate Issuer CN')?.value, issuer.CN as string);
  t.false((await attributesOf(client, uid, [])).some(({ AttributeName }) => AttributeName.endsWith(' CN')));
});

test('a template gives its attributes to those that name it, and none to KMIP 2.x', async (t) => {
  const client = await server().connect(undefined, V1_2);
  await client.request('Register', {
    ObjectType: ObjectType.Template,
    TemplateAttribute: templateOf(nameOf('a template')),
    Template: { Attribute: [custom('x-Tag', 'from the template'), attribute('Cryptographic Length', 128)] },
  });
  const { UniqueIdentifier: uid } = await client.request('Create', {
    ObjectType: ObjectType.SymmetricKey,
    TemplateAttribute: {
      Name: [{ NameValue: 'a template', NameType: 1 }],
      Attribute: [attribute('Cryptographic Algorithm', 3), attribute('Cryptographic Length', 256), mask],
    },
  });
  const found = await attributesOf(client, uid, ['x-Tag', 'Cryptographic Length']);
  t.deepEqual(
    found.map(({ AttributeValue }) => AttributeValue?.value),
    ['from the template', 256],
  );
  const later = await server().connect(undefined, V2_0);
  const { ObjectType: types } = await later.request('Query', { QueryFunction: [2] });
  t.false(types.includes(ObjectType.Template));
});

test('more templates than anybody has are not put together', async (t) => {
  const client = await server().connect(undefined, V1_2);
  const Name = Array.from({ length: 101 }, () => ({ NameValue: 'any', NameType: 1 }) as const);
  const making = { ObjectType: ObjectType.SymmetricKey, TemplateAttribute: { Name, Attribute: [] } };
  assertRefused(t, await refusal(client, item('Create', making)), 'InvalidField', /at most 100 templates/);
});

const versionsOf = (name: string) =>
  supportedVersions.filter((version) => version >= V1_0).map((version) => ({ version, name }));
const newer: readonly { readonly version: number; readonly name: string; readonly since: number }[] = [
  ...versionsOf('Fresh').map((row) => ({ ...row, since: 101 })),
  ...versionsOf('Original Creation Date').map((row) => ({ ...row, since: 102 })),
  ...versionsOf('Sensitive').map((row) => ({ ...row, since: 104 })),
];
for (const { version, name, since } of newer) {
  test(`${name} is ${version < since ? 'not ' : ''}seen in ${versionText(version)}`, async (t) => {
    const client = await server().connect(undefined, version);
    const uid = await createKey(client);
    const { AttributeName: names } = await client.request('GetAttributeList', { UniqueIdentifier: uid });
    t.is(names.includes(name), version >= since);
  });
}

test('a key is fresh until it has been given out once', async (t) => {
  const client = await server().connect(undefined, V1_4);
  const uid = await createKey(client);
  const fresh = async (): Promise<unknown> => {
    const [found]: readonly Attribute[] = await attributesOf(client, uid, ['Fresh']);
    return found?.AttributeValue?.value;
  };
  t.true(await fresh());
  await client.request('Get', { UniqueIdentifier: uid });
  await client.request('Activate', { UniqueIdentifier: uid });
  t.false(await fresh());
});

test('KMIP 2.x has attributes of its own for every object, which 1.x does not see', async (t) => {
  const client = await server().connect();
  const key = await createKey(client);
  const { UniqueIdentifier: opaque } = await client.request('Register', {
    ObjectType: ObjectType.OpaqueObject,
    TemplateAttribute: templateOf(),
    OpaqueObject: { OpaqueDataType: 0x8000_0001, OpaqueDataValue: Buffer.from('abc') },
  });
  const later = await server().connect(undefined, V2_1);
  const of = async (uid: string) =>
    new Map((await attributesOf(later, uid, [])).map((one) => [one.AttributeName, one.AttributeValue?.value]));
  const [ofKey, ofOpaque] = [await of(key), await of(opaque)];
  t.deepEqual(ofKey.get('Short Unique Identifier'), createHash('sha256').update(key).digest());
  t.is(ofKey.get('Protection Storage Mask'), 1);
  t.is(ofKey.get('Key Format Type'), KeyFormatType.Raw);
  t.is(ofOpaque.get('Opaque Data Type'), 0x8000_0001);
  t.false(ofOpaque.has('Key Format Type'));
  const short = attribute('Short Unique Identifier', createHash('sha256').update(opaque).digest());
  t.deepEqual((await later.request('Locate', { Attribute: [short] })).UniqueIdentifier, [opaque]);
  const names = (await attributesOf(client, opaque, [])).map(({ AttributeName }) => AttributeName);
  t.deepEqual(
    names.filter((name) => /Short|Storage|Format|Opaque/.test(name)),
    [],
  );
});
