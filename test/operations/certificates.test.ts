// Certificates as objects: what is read out of one, however strange it is. Whatever a client registers, the server goes on.

import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import test from 'ava';
import { certificateFields } from '../../src/certificate-fields.ts';
import type { KmipClient } from '../../src/cli/kmip-client.ts';
import { readDer } from '../../src/der.ts';
import { ObjectType } from '../../src/kmip/enums.ts';
import { V2_1 } from '../../src/kmip/version.ts';
import { nameParts } from '../../src/operations/certificate-names.ts';
import { certificateDer, commonName, der, nameOf } from '../kit/der.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { attributesOf, templateOf } from './exchange.ts';

const server = sharedServer();

const curveKey = (): Buffer =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' });

/** Its unique identifier. */
const register = async (client: KmipClient, CertificateValue: Buffer): Promise<string> => {
  const Certificate = { CertificateType: 1, CertificateValue } as const;
  const object = { ObjectType: ObjectType.Certificate, TemplateAttribute: templateOf(), Certificate };
  return (await client.request('Register', object)).UniqueIdentifier;
};

const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));
const latin = (tag: number, text: string): Buffer => der(tag, Buffer.from(text, 'latin1'));

test('the parts of a name are those that OpenSSL finds, in any of the types of strings', (t) => {
  const subject = nameOf(
    ['550403', utf8('Grüße, = + \n\\')],
    ['550405', latin(0x13, '42')],
    ['550406', latin(0x13, 'DE')],
    ['550407', latin(0x14, 'Zürich')],
    ['550408', der(0x1e, Buffer.from('中文', 'utf16le').swap16())],
    ['55040a', der(0x1c, Buffer.from('0001f511', 'hex'))],
    ['55040b', utf8('first')],
    ['55040b', utf8('second')],
    ['55040c', utf8('title')],
    ['55042e', latin(0x13, 'qualifier')],
    ['0992268993f22c640101', utf8('uid')],
    ['0992268993f22c640119', latin(0x16, 'example')],
    ['2a864886f70d010901', latin(0x16, 'a@example.com')],
    // One without an attribute in KMIP: a given name.
    ['55042a', utf8('given')],
  );
  const certificate = certificateDer({ subject, publicKey: curveKey() });
  const found = nameParts(certificateFields(certificate).subject);
  const { subject: legacy } = new X509Certificate(certificate).toLegacyObject();
  const named: Readonly<Record<string, string>> = {
    Email: 'emailAddress',
    'Serial Number': 'serialNumber',
    Title: 'title',
    'DN Qualifier': 'dnQualifier',
  };
  const all = Object.entries(legacy as Readonly<Record<string, string | readonly string[]>>);
  t.is(found.length, 13);
  for (const part of new Set(found.map(([name]) => name))) {
    const values = found.filter(([name]) => name === part).map(([, value]) => value);
    const [, theirs] = all.find(([name]) => name === (named[part] ?? part)) ?? [];
    t.deepEqual(values, [theirs ?? []].flat(), part);
  }
});

test('a name with a character beyond Unicode, or with none, has a text all the same', (t) => {
  const name = nameOf(['550403', der(0x1c, Buffer.from('7fffffff00000041', 'hex'))], ['55040a', utf8('')]);
  const parts = nameParts(readDer(name));
  t.deepEqual(parts, [
    ['CN', '\u{fffd}A'],
    ['O', ''],
  ]);
});

test('a name of thousands of parts has a hundred of them as attributes', (t) => {
  const parts = nameParts(readDer(nameOf(...Array.from({ length: 5000 }, () => ['55040b', utf8('unit')] as const))));
  t.is(parts.length, 100);
});

const notStrings = {
  'a bit string': der(3, Buffer.from([0, 0x41])),
  'a number': der(2, Buffer.from([5])),
  'a list': der(0x30),
};
for (const [what, value] of Object.entries(notStrings)) {
  test(`a part of a name that is no string is passed over: ${what}`, (t) => {
    t.deepEqual(nameParts(readDer(nameOf(['550403', value], ['55040a', utf8('a')]))), [['O', 'a']]);
  });
}

test('a name whose encoding is not DER has no parts', (t) => {
  // The length of the text takes two octets.
  const value = Buffer.concat([Buffer.from('0c8101', 'hex'), Buffer.from('a')]);
  t.deepEqual(nameParts(readDer(nameOf(['550403', value]))), []);
});

test('what follows a certificate does not keep it from being registered', async (t) => {
  const CertificateValue = Buffer.concat([
    certificateDer({ subject: commonName('padded'), publicKey: curveKey() }),
    Buffer.from('\n'),
  ]);
  const client = await server().connect(undefined, V2_1);
  const uid = await register(client, CertificateValue);
  const got = await client.request('Get', { UniqueIdentifier: uid });
  t.deepEqual(got.Certificate?.CertificateValue, CertificateValue);
});

test('a certificate whose key nobody can read is stored, and the server goes on', async (t) => {
  const publicKey = curveKey();
  // The point is not on the curve any more.
  publicKey.writeUInt8(publicKey.readUInt8(publicKey.length - 1) ^ 1, publicKey.length - 1);
  const CertificateValue = certificateDer({ subject: commonName('strange'), publicKey });
  const client = await server().connect(undefined, V2_1);
  const uid = await register(client, CertificateValue);
  const got = await client.request('Get', { UniqueIdentifier: uid });
  t.deepEqual(got.Certificate?.CertificateValue, CertificateValue);
  const found = await attributesOf(client, uid, ['Certificate Subject CN', 'Cryptographic Algorithm']);
  t.deepEqual(
    found.map(({ AttributeName, AttributeValue }) => [AttributeName, AttributeValue?.value]),
    [['Certificate Subject CN', 'strange']],
  );
});
