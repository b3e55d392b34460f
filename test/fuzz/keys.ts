// Keys and certificates as clients and strangers bring them, through everything that is done with one: reading, writing in
// other formats, signing, encrypting; chains. Whatever they are, OpenSSL is not brought to end the process or to hold it up.

import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { findChain, leafProblem } from '../../src/ca/chain.ts';
import { x509Parts } from '../../src/ca/x509.ts';
import { EdgeError } from '../../src/errors.ts';
import { HashingAlgorithm, KeyFormatType, PaddingMethod } from '../../src/kmip/enums.ts';
import { type Half, lengthOf, readKey, writeKey } from '../../src/operations/asymmetric-key.ts';
import { certificateFacts } from '../../src/operations/certificate-attributes.ts';
import { decryptByKey, encryptByKey, signData, verifyData } from '../../src/operations/signature.ts';
import { certificateDer, commonName } from '../kit/der.ts';
import type { Random } from '../kmip/mutate.ts';
import { growDer } from './grow-der.ts';

export interface KeySeed {
  readonly kind: 'certificate' | Half;
  readonly format: KeyFormatType;
  readonly bytes: Buffer;
}

type Form = 'pkcs1' | 'pkcs8' | 'sec1' | 'spki';
const privateForms = { pkcs1: KeyFormatType.PKCS_1, pkcs8: KeyFormatType.PKCS_8, sec1: KeyFormatType.ECPrivateKey };
const publicForms = { pkcs1: KeyFormatType.PKCS_1, spki: KeyFormatType.X_509 };

const pairs = (): readonly { readonly privateKey: KeyObject; readonly publicKey: KeyObject }[] => [
  generateKeyPairSync('rsa', { modulusLength: 1024 }),
  generateKeyPairSync('rsa', { modulusLength: 2048 }),
  generateKeyPairSync('rsa-pss', { modulusLength: 1024, hashAlgorithm: 'sha256' }),
  generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }),
  ...['P-256', 'P-384', 'P-521', 'secp256k1', 'sect233k1', 'brainpoolP256r1'].map((namedCurve) =>
    generateKeyPairSync('ec', { namedCurve }),
  ),
  generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }),
  generateKeyPairSync('ed25519'),
  generateKeyPairSync('ed448'),
  generateKeyPairSync('x25519'),
];

const root = commonName('root');

/** Keys of every kind in every format, and certificates of them. */
export const keySeeds = (): readonly KeySeed[] =>
  pairs().flatMap(({ privateKey, publicKey }) => [
    ...exportsOf('private', privateKey, privateForms),
    ...exportsOf('public', publicKey, publicForms),
    {
      kind: 'certificate' as const,
      format: KeyFormatType.X_509,
      bytes: certificateDer({
        subject: root,
        publicKey: publicKey.export({ format: 'der', type: 'spki' }),
      }),
    },
  ]);

const exportsOf = (
  kind: Half,
  key: KeyObject,
  forms: Readonly<Partial<Record<Form, KeyFormatType>>>,
): readonly KeySeed[] =>
  Object.entries(forms).flatMap(([type, format]) => {
    try {
      return [{ kind, format, bytes: key.export({ format: 'der', type: type as 'pkcs8' }) }];
    } catch {
      // Not every kind of key has every format.
      return [];
    }
  });

/** A seed, damaged from `random`. */
export const someKey = (seeds: readonly KeySeed[], random: Random): KeySeed => {
  const seed = seeds[random(seeds.length)];
  const donor = seeds[random(seeds.length)];
  if (!seed || !donor) throw new Error('no keys to begin with');
  return { ...seed, bytes: growDer(seed.bytes, donor.bytes, random) };
};

/** Runs `act`, which may refuse; what node:crypto throws is a refusal where `foreign`. */
const mayRefuse = <T>(act: () => T, foreign = false): T | undefined => {
  try {
    return act();
  } catch (error) {
    if (error instanceof EdgeError || foreign) return undefined;
    throw error;
  }
};

/** True where it was read. Throws what must not happen. */
export const exerciseKey = ({ kind, format, bytes }: KeySeed): boolean => {
  if (kind === 'certificate') return exerciseCertificate(bytes);
  const key = readKey(kind, format, bytes);
  if (!key) return false;
  lengthOf(key);
  for (const other of Object.values(KeyFormatType)) writeKey(kind, key, other);
  const data = Buffer.alloc(20, 1);
  for (const parameters of parameterSets) {
    if (kind === 'private') {
      mayRefuse(() => signData(key, parameters, data));
      mayRefuse(() => decryptByKey(key, parameters, Buffer.alloc(128, 1)));
    } else {
      mayRefuse(() => verifyData(key, parameters, data, Buffer.alloc(128, 1)));
      mayRefuse(() => encryptByKey(key, parameters, data));
    }
  }
  return true;
};

const parameterSets = [
  { PaddingMethod: PaddingMethod.PKCS1V1_5 },
  { PaddingMethod: PaddingMethod.PSS },
  { PaddingMethod: PaddingMethod.OAEP, MaskGeneratorHashingAlgorithm: HashingAlgorithm.SHA_256 },
] as const;

const leafKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' });
const leaf = new X509Certificate(certificateDer({ subject: commonName('leaf'), issuer: root, publicKey: leafKey }));
const rootCertificate = new X509Certificate(certificateDer({ subject: root, publicKey: leafKey }));

const exerciseCertificate = (bytes: Buffer): boolean => {
  const facts = mayRefuse(() => certificateFacts(1, bytes));
  const certificate = mayRefuse(() => new X509Certificate(bytes), true);
  if (!certificate) return false;
  mayRefuse(() => x509Parts(bytes));
  mayRefuse(() => leafProblem(certificate, Date.now()));
  // Both of these turn what they cannot read into a problem.
  findChain(certificate, [certificate], rootCertificate, Date.now());
  findChain(leaf, [certificate], rootCertificate, Date.now());
  return facts !== undefined;
};
