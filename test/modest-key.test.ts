// Keys that would hold the process up are told by their encoding, and no key that somebody uses is among them.

import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import test from 'ava';
import { findChain } from '../src/ca/chain.ts';
import { KeyFormatType } from '../src/kmip/enums.ts';
import { largestPrivate, largestPublic, modestKey } from '../src/modest-key.ts';
import { readKey } from '../src/operations/asymmetric-key.ts';
import { certificateFacts } from '../src/operations/certificate-attributes.ts';
import {
  certificateDer,
  commonName,
  der,
  dsaPrivate,
  number,
  octets,
  oid,
  otherPrimes,
  rsaInfo,
  rsaPrivate,
  rsaPublic,
  sequence,
  small,
} from './kit/der.ts';

/** Milliseconds of our thread: most of these take seconds where nobody looks at them before OpenSSL does. */
const quick = 500;

const cpu = (act: () => unknown): number => {
  const began = process.threadCpuUsage();
  act();
  const { user, system } = process.threadCpuUsage(began);
  return (user + system) / 1000;
};

/** A PKCS #8 key of RSA whose bytes are one string in pieces, which is not DER. */
const inPieces = (pkcs1: Buffer): Buffer => {
  const piece = 500;
  const count = Math.ceil(pkcs1.length / piece);
  const pieces = Array.from({ length: count }, (_, at) => octets(pkcs1.subarray(at * piece, (at + 1) * piece)));
  return sequence(small(0), sequence(oid('2a864886f70d010101'), der(5)), der(0x24, ...pieces));
};

const hostile: Readonly<Record<string, readonly [type: KeyFormatType, bytes: Buffer]>> = {
  'an RSA key of a million bits': [KeyFormatType.PKCS_1, rsaPrivate(125_000)],
  'a small RSA key with a large exponent': [KeyFormatType.PKCS_1, rsaPrivate(256, { exponent: 100_000 })],
  'a small RSA key with large primes': [KeyFormatType.PKCS_1, rsaPrivate(256, { prime: 8192 })],
  'an RSA key with ten thousand primes': [KeyFormatType.PKCS_1, rsaPrivate(256, {}, otherPrimes(10_000, 16))],
  'a DSA key with a large modulus': [KeyFormatType.PKCS_8, dsaPrivate(4000)],
  'an RSA key of 16,000 bits in pieces': [KeyFormatType.PKCS_8, inPieces(rsaPrivate(2000))],
  'a small DSA key with a large exponent': [KeyFormatType.PKCS_8, dsaPrivate(128, 1_000_000)],
};
for (const [what, [type, bytes]] of Object.entries(hostile)) {
  test(`${what} is not read`, (t) => {
    let key: KeyObject | undefined;
    const took = cpu(() => {
      key = readKey('private', type, bytes);
    });
    t.is(key, undefined);
    t.is(modestKey(bytes, largestPrivate), undefined);
    t.true(took < quick, `${took} ms`);
  });
}

test('transparent numbers have the same limits', (t) => {
  const { n, e } = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
  const bigOf = (text = ''): bigint => BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`);
  const read = (Modulus: bigint, PublicExponent: bigint) =>
    readKey('public', KeyFormatType.TransparentRSAPublicKey, { Modulus, PublicExponent });
  t.is(read(bigOf(n), bigOf(e))?.asymmetricKeyType, 'rsa');
  t.is(read(1n << 16_384n, bigOf(e)), undefined);
  t.is(read(bigOf(n), (1n << 400_000n) + 1n), undefined);
});

const pairs = {
  'RSA, 1024': () => generateKeyPairSync('rsa', { modulusLength: 1024 }),
  'RSA, 4096': () => generateKeyPairSync('rsa', { modulusLength: 4096 }),
  'RSA-PSS': () => generateKeyPairSync('rsa-pss', { modulusLength: 2048, hashAlgorithm: 'sha256' }),
  'DSA, 2048': () => generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }),
  DH: () => generateKeyPairSync('dh' as 'x25519', { group: 'modp14' } as object),
  'P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-521, its curve spelt out': () => generateKeyPairSync('ec', { namedCurve: 'P-521', paramEncoding: 'explicit' }),
  Ed25519: () => generateKeyPairSync('ed25519'),
  Ed448: () => generateKeyPairSync('ed448'),
  X25519: () => generateKeyPairSync('x25519'),
} as const;
for (const [what, generate] of Object.entries(pairs)) {
  test(`a key that somebody uses is read: ${what}`, (t) => {
    const { publicKey, privateKey } = generate();
    const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    t.truthy(modestKey(pkcs8, largestPrivate));
    t.truthy(modestKey(spki, largestPublic));
    t.true(readKey('private', KeyFormatType.PKCS_8, pkcs8)?.equals(privateKey));
    t.true(readKey('public', KeyFormatType.X_509, spki)?.equals(publicKey));
    // A line break after it, as text editors leave it.
    t.true(readKey('private', KeyFormatType.PKCS_8, Buffer.concat([pkcs8, Buffer.from('\n')]))?.equals(privateKey));
  });
}

test('what is no DER is no key', (t) => {
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('30', 'hex'),
    Buffer.from('3080020100', 'hex'),
    Buffer.alloc(64, 0xff),
  ]) {
    t.is(modestKey(bytes, largestPublic), undefined);
  }
  // What follows is not looked at: OpenSSL does not get to see it.
  const key = sequence(small(1));
  t.deepEqual(modestKey(Buffer.concat([key, number(10_000)]), largestPublic), key);
  // Values of no length, more than a call may have arguments.
  t.is(modestKey(sequence(Buffer.alloc(600_000)), largestPublic), undefined);
  t.truthy(modestKey(sequence(number(2048)), largestPublic));
  t.is(modestKey(sequence(number(2049)), largestPublic), undefined);
});

/** A key whose exponent takes seconds to be written down. */
const largeExponent = rsaInfo(rsaPublic(256, 200_000));

test('a certificate with a key that is too large, or that cannot be read, is kept without a word on its key', (t) => {
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' });
  const subject = commonName('a');
  const whole = certificateFacts(1, certificateDer({ subject, publicKey: curve }));
  t.deepEqual([whole.keyType, whole.keyLength], ['ec', 256]);
  // A point that is not on the curve.
  curve.writeUInt8(curve.readUInt8(curve.length - 1) ^ 1, curve.length - 1);
  for (const publicKey of [largeExponent, curve]) {
    let facts: ReturnType<typeof certificateFacts> | undefined;
    const took = cpu(() => {
      facts = certificateFacts(1, certificateDer({ subject, publicKey }));
    });
    t.true(took < quick, `${took} ms`);
    t.deepEqual([facts?.keyType, facts?.keyLength], [undefined, undefined]);
    t.true(facts?.attributes.some(({ name }) => name === 'Certificate Subject CN'));
  }
});

test('an authority that a stranger sends along is refused for such a key, quickly', (t) => {
  const publicKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
    format: 'der',
    type: 'spki',
  });
  const [top, middle] = [commonName('root'), commonName('middle')];
  const certificate = (draft: Parameters<typeof certificateDer>[0]) => new X509Certificate(certificateDer(draft));
  const leaf = certificate({ subject: commonName('leaf'), issuer: middle, publicKey });
  const sent = certificate({ subject: middle, issuer: top, publicKey: largeExponent });
  const root = certificate({ subject: top, publicKey });
  let outcome: unknown;
  const took = cpu(() => {
    outcome = findChain(leaf, [sent], root, Date.now());
  });
  t.deepEqual(outcome, { problem: "'CN=middle' has a key that is too large" });
  t.true(took < quick, `${took} ms`);
});
