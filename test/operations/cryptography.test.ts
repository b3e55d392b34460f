// Cryptographic operations by published vectors, wrapped keys, derivation, and what a key may not be used for.

import test from 'ava';
import type { KmipClient } from '../../src/cli/kmip-client.ts';
import { attribute } from '../../src/kmip/attributes.ts';
import {
  BlockCipherMode,
  DerivationMethod,
  EncodingOption,
  HashingAlgorithm,
  ObjectType,
  PaddingMethod,
  RevocationReasonCode,
} from '../../src/kmip/enums.ts';
import type { RequestPayload } from '../../src/kmip/payloads/table.ts';
import type { Attribute } from '../../src/kmip/template-attribute.ts';
import { V2_1 } from '../../src/kmip/version.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { assertRefused, attributesOf, item, keyBytes, refusal, templateOf } from './exchange.ts';

const server = sharedServer();
const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
/** Everything there is. */
const anyUse = 0x3ff;
const active = attribute('Activation Date', 1);

const symmetric = (key: Buffer, algorithm: number, ...given: readonly Attribute[]): RequestPayload<'Register'> => ({
  ObjectType: ObjectType.SymmetricKey,
  TemplateAttribute: templateOf(active, attribute('Cryptographic Usage Mask', anyUse), ...given),
  SymmetricKey: {
    KeyBlock: {
      KeyFormatType: 1,
      KeyValue: { KeyMaterial: key, Attribute: [] },
      CryptographicAlgorithm: algorithm as 3,
      CryptographicLength: key.length * 8,
    },
  },
});
const keyOf = async (client: KmipClient, key: string, algorithm = 3, ...given: readonly Attribute[]): Promise<string> =>
  (await client.request('Register', symmetric(hex(key), algorithm, ...given))).UniqueIdentifier;

interface Vector {
  readonly source: string;
  readonly key: string;
  readonly algorithm?: number;
  readonly parameters: RequestPayload<'Encrypt'>['CryptographicParameters'];
  readonly iv?: string;
  readonly plain: string;
  readonly additional?: string;
  readonly cipher: string;
  readonly tag?: string;
}
const vectors: readonly Vector[] = [
  {
    source: 'SP 800-38A F.1.5, AES-256 in ECB',
    key: '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
    parameters: { BlockCipherMode: BlockCipherMode.ECB },
    plain: '6bc1bee22e409f96e93d7e117393172a',
    cipher: 'f3eed1bdb5d2a03c064b5a7e3db181f8',
  },
  {
    source: 'SP 800-38A F.2.1, AES-128 in CBC',
    key: '2b7e151628aed2a6abf7158809cf4f3c',
    parameters: { BlockCipherMode: BlockCipherMode.CBC, PaddingMethod: PaddingMethod.None },
    iv: '000102030405060708090a0b0c0d0e0f',
    plain: '6bc1bee22e409f96e93d7e117393172a',
    cipher: '7649abac8119b246cee98e9b12e9197d',
  },
  {
    source: 'SP 800-38A F.5.1, AES-128 in CTR',
    key: '2b7e151628aed2a6abf7158809cf4f3c',
    parameters: { BlockCipherMode: BlockCipherMode.CTR },
    iv: 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
    plain: '6bc1bee22e409f96e93d7e117393172a',
    cipher: '874d6191b620e3261bef6864990db6ce',
  },
  {
    source: 'the GCM specification, test case 4',
    key: 'feffe9928665731c6d6a8f9467308308',
    parameters: { BlockCipherMode: BlockCipherMode.GCM },
    iv: 'cafebabefacedbaddecaf888',
    plain:
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    additional: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    cipher:
      '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091',
    tag: '5bc94fbc3221a5db94fae95ae7121a47',
  },
  {
    source: 'SP 800-67 B.1, 3DES in ECB',
    key: '0123456789abcdef23456789abcdef01456789abcdef0123',
    algorithm: 2,
    parameters: { BlockCipherMode: BlockCipherMode.ECB },
    plain: '5468652071756663',
    cipher: 'a826fd8ce53b855f',
  },
];
for (const { source, key, algorithm = 3, parameters, iv, plain, additional, cipher, tag } of vectors) {
  test(`Encrypt and Decrypt give the bytes of ${source}`, async (t) => {
    const client = await server().connect();
    const uid = await keyOf(client, key, algorithm);
    const common = {
      UniqueIdentifier: uid,
      CryptographicParameters: parameters,
      ...(iv === undefined ? {} : { IVCounterNonce: hex(iv) }),
      ...(additional === undefined ? {} : { AuthenticatedEncryptionAdditionalData: hex(additional) }),
    };
    const encrypted = await client.request('Encrypt', { ...common, Data: hex(plain) });
    t.is(encrypted.Data?.toString('hex'), cipher);
    t.is(encrypted.AuthenticatedEncryptionTag?.toString('hex'), tag);
    const given = tag === undefined ? {} : { AuthenticatedEncryptionTag: hex(tag) };
    const decrypted = await client.request('Decrypt', { ...common, ...given, Data: hex(cipher) });
    t.is(decrypted.Data?.toString('hex'), plain);
    if (tag === undefined) return;
    const wrong = { ...common, AuthenticatedEncryptionTag: Buffer.alloc(16), Data: hex(cipher) };
    assertRefused(t, await refusal(client, item('Decrypt', wrong)), 'CryptographicFailure', /refused/);
  });
}

for (const padding of ['PKCS5', 'ANSIX9_23', 'ISO10126'] as const) {
  test(`what was padded by ${padding} comes back at its length`, async (t) => {
    const client = await server().connect();
    const UniqueIdentifier = await keyOf(client, '2b7e151628aed2a6abf7158809cf4f3c');
    const CryptographicParameters = { BlockCipherMode: BlockCipherMode.CBC, PaddingMethod: PaddingMethod[padding] };
    for (const length of [0, 1, 15, 16, 17]) {
      const Data = Buffer.alloc(length, 5);
      const common = { UniqueIdentifier, CryptographicParameters };
      const { Data: cipher, IVCounterNonce } = await client.request('Encrypt', { ...common, Data });
      t.is((cipher?.length ?? 0) % 16, 0);
      const { Data: plain } = await client.request('Decrypt', { ...common, Data: cipher, IVCounterNonce });
      t.deepEqual(plain, Data);
    }
  });
}

test('HMAC is that of RFC 4231 test case 2, and a wrong code is invalid', async (t) => {
  const client = await server().connect();
  const UniqueIdentifier = await keyOf(client, Buffer.from('Jefe').toString('hex'), 9);
  const Data = Buffer.from('what do ya want for nothing?');
  const { MACData } = await client.request('MAC', { UniqueIdentifier, Data });
  t.is(MACData?.toString('hex'), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  t.is((await client.request('MACVerify', { UniqueIdentifier, Data, MACData })).ValidityIndicator, 1);
  const wrong = { UniqueIdentifier, Data, MACData: Buffer.alloc(32) };
  t.is((await client.request('MACVerify', wrong)).ValidityIndicator, 2);
});

const wrapping = (uid: string, encoding: EncodingOption) => ({
  WrappingMethod: 1 as const,
  EncryptionKeyInformation: {
    UniqueIdentifier: uid,
    CryptographicParameters: { BlockCipherMode: BlockCipherMode.NISTKeyWrap },
  },
  AttributeName: [],
  EncodingOption: encoding,
});

test('a key is given wrapped as RFC 3394 section 4.6 has it', async (t) => {
  const client = await server().connect();
  const kek = await keyOf(client, '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
  const UniqueIdentifier = await keyOf(client, '00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f');
  const KeyWrappingSpecification = wrapping(kek, EncodingOption.NoEncoding);
  const { SymmetricKey: key } = await client.request('Get', { UniqueIdentifier, KeyWrappingSpecification });
  const value = key?.KeyBlock.KeyValue;
  t.is(
    Buffer.isBuffer(value) ? value.toString('hex') : '',
    '28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21',
  );
  t.is(key?.KeyBlock.KeyWrappingData?.EncryptionKeyInformation?.UniqueIdentifier, kek);
});

test('an attribute that is named twice is wrapped with the key once', async (t) => {
  const client = await server().connect();
  const kek = await keyOf(client, '000102030405060708090a0b0c0d0e0f');
  const lengthWith = async (...names: readonly string[]): Promise<number> => {
    const KeyWrappingSpecification = { ...wrapping(kek, EncodingOption.TTLVEncoding), AttributeName: names };
    const { SymmetricKey: key } = await client.request('Get', { UniqueIdentifier: kek, KeyWrappingSpecification });
    const value = key?.KeyBlock.KeyValue;
    return Buffer.isBuffer(value) ? value.length : 0;
  };
  const once = await lengthWith('Digest');
  t.true(once > (await lengthWith()));
  t.is(await lengthWith('Digest', 'Digest', 'Digest'), once);
});

for (const [name, encoding] of Object.entries(EncodingOption)) {
  test(`what is given wrapped with ${name} is registered wrapped, and is the same key`, async (t) => {
    const client = await server().connect();
    const kek = await keyOf(client, '000102030405060708090a0b0c0d0e0f');
    const uid = await keyOf(client, '00112233445566778899aabbccddeeff');
    const specification = { UniqueIdentifier: uid, KeyWrappingSpecification: wrapping(kek, encoding) };
    const { SymmetricKey } = await client.request('Get', specification);
    const again = await client.request('Register', {
      ObjectType: ObjectType.SymmetricKey,
      TemplateAttribute: templateOf(attribute('Cryptographic Usage Mask', 12)),
      SymmetricKey,
    });
    t.deepEqual(await keyBytes(client, again.UniqueIdentifier), hex('00112233445566778899aabbccddeeff'));
  });
}

const derivations: readonly (readonly [
  string,
  string,
  RequestPayload<'DeriveKey'>['DerivationParameters'],
  number,
  string,
])[] = [
  [
    'RFC 7914 section 11, PBKDF2',
    Buffer.from('passwd').toString('hex'),
    {
      Salt: Buffer.from('salt'),
      IterationCount: 1,
      CryptographicParameters: { HashingAlgorithm: HashingAlgorithm.SHA_256 },
    },
    DerivationMethod.PBKDF2,
    '55ac046e56e3089fec1691c22544b605',
  ],
  [
    'RFC 5869 A.1, HKDF',
    '0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b',
    {
      Salt: hex('000102030405060708090a0b0c'),
      DerivationData: hex('f0f1f2f3f4f5f6f7f8f9'),
      CryptographicParameters: { HashingAlgorithm: HashingAlgorithm.SHA_256 },
    },
    DerivationMethod.HKDF,
    '3cb25f25faacd57a90434f64d0362f2a',
  ],
  [
    'RFC 4231 test case 2, HMAC',
    Buffer.from('Jefe').toString('hex'),
    {
      DerivationData: Buffer.from('what do ya want for nothing?'),
      CryptographicParameters: { HashingAlgorithm: HashingAlgorithm.SHA_256 },
    },
    DerivationMethod.HMAC,
    '5bdcc146bf60754e6a042426089575c7',
  ],
];
for (const [source, key, parameters, method, derived] of derivations) {
  test(`Derive Key gives the bytes of ${source}, and both objects point to each other`, async (t) => {
    const client = await server().connect();
    const base = await keyOf(client, key, 9);
    const { UniqueIdentifier: uid } = await client.request('DeriveKey', {
      ObjectType: ObjectType.SymmetricKey,
      UniqueIdentifier: [base],
      DerivationMethod: method as 1,
      DerivationParameters: parameters,
      TemplateAttribute: templateOf(attribute('Cryptographic Algorithm', 3), attribute('Cryptographic Length', 128)),
    });
    t.is((await keyBytes(client, uid)).toString('hex'), derived);
    t.is((await attributesOf(client, uid, ['Link'])).length, 1);
    t.is((await attributesOf(client, base, ['Link'])).length, 1);
  });
}

for (const [algorithm, length] of [
  [4, 2048],
  [6, 256],
  [26, 384],
] as const) {
  test(`a pair of algorithm ${algorithm} signs, and verifies no other data`, async (t) => {
    const client = await server().connect();
    const pair = await client.request('CreateKeyPair', {
      CommonTemplateAttribute: templateOf(
        active,
        attribute('Cryptographic Algorithm', algorithm),
        attribute('Cryptographic Length', length),
      ),
      PrivateKeyTemplateAttribute: templateOf(attribute('Cryptographic Usage Mask', 1)),
      PublicKeyTemplateAttribute: templateOf(attribute('Cryptographic Usage Mask', 2)),
    });
    const Data = Buffer.from('signed');
    const signed = await client.request('Sign', { UniqueIdentifier: pair.PrivateKeyUniqueIdentifier, Data });
    const verify = async (data: Buffer): Promise<number> => {
      const request = {
        UniqueIdentifier: pair.PublicKeyUniqueIdentifier,
        Data: data,
        SignatureData: signed.SignatureData,
      };
      return (await client.request('SignatureVerify', request)).ValidityIndicator;
    };
    t.is(await verify(Data), 1);
    t.is(await verify(Buffer.from('other')), 2);
    const next = await client.request('ReKeyKeyPair', {
      PrivateKeyUniqueIdentifier: pair.PrivateKeyUniqueIdentifier,
    });
    t.not(next.PublicKeyUniqueIdentifier, pair.PublicKeyUniqueIdentifier);
    t.is((await attributesOf(client, pair.PrivateKeyUniqueIdentifier, ['Link'])).length, 2);
    t.is((await attributesOf(client, next.PrivateKeyUniqueIdentifier, ['Link'])).length, 2);
  });
}

test('a key does what its mask, its state, its dates and its limits allow, and KMIP 2.x says which of them does not', async (t) => {
  const client = await server().connect();
  const later = await server().connect(undefined, V2_1);
  const encrypt = (uid: string) =>
    item('Encrypt', {
      UniqueIdentifier: uid,
      CryptographicParameters: { BlockCipherMode: BlockCipherMode.ECB },
      Data: Buffer.alloc(16),
    });
  const refusals = async (uid: string) => [
    (await refusal(client, encrypt(uid))).reason,
    (await refusal(later, encrypt(uid), V2_1)).reason,
  ];
  const key = '2b7e151628aed2a6abf7158809cf4f3c';
  const masked = await client.request('Register', {
    ...symmetric(hex(key), 3),
    TemplateAttribute: templateOf(active, attribute('Cryptographic Usage Mask', 8)),
  });
  t.deepEqual(await refusals(masked.UniqueIdentifier), ['PermissionDenied', 'IncompatibleCryptographicUsageMask']);
  const stopped = await keyOf(client, key, 3, attribute('Protect Stop Date', 2));
  t.deepEqual(await refusals(stopped), ['PermissionDenied', 'WrongKeyLifecycleState']);
  const revoked = await keyOf(client, key);
  await client.request('Revoke', {
    UniqueIdentifier: revoked,
    RevocationReason: { RevocationReasonCode: RevocationReasonCode.KeyCompromise },
  });
  t.deepEqual(await refusals(revoked), ['PermissionDenied', 'WrongKeyLifecycleState']);
  const limited = await keyOf(client, key, 3, attribute('Usage Limits', { UsageLimitsTotal: 16n, UsageLimitsUnit: 1 }));
  t.is((await refusal(client, encrypt(limited))).status, 'Success');
  t.deepEqual(await refusals(limited), ['PermissionDenied', 'UsageLimitExceeded']);
  t.deepEqual(await refusals('nowhere'), ['ItemNotFound', 'ObjectNotFound']);
});
