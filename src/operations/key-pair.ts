// New key pairs, made by node:crypto outside the event loop, as the objects that are kept of them.

import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { EdgeError } from '../errors.ts';
import { digestOf } from '../keys/new-object.ts';
import type { KeptAttribute } from '../keys/object.ts';
import { CryptographicAlgorithm, KeyFormatType, type RecommendedCurve } from '../kmip/enums.ts';
import { enumName } from '../kmip/since.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
import { curveNameOf, type Half, lengthOf, writeKey } from './asymmetric-key.ts';
import { packed } from './stored-object.ts';

export interface MadeHalf {
  readonly material: KeyObject;
  readonly digest: KeptAttribute;
}

export interface MadePair {
  readonly algorithm: number;
  /** Bits. */
  readonly length: number;
  readonly private: MadeHalf;
  readonly public: MadeHalf;
}

const rsaLengths: ReadonlySet<number> = new Set([1024, 2048, 3072, 4096]);
const onCurves: ReadonlySet<number> = new Set([
  CryptographicAlgorithm.EC,
  CryptographicAlgorithm.ECDSA,
  CryptographicAlgorithm.ECDH,
  CryptographicAlgorithm.ECMQV,
]);
const edwards: Readonly<Partial<Record<CryptographicAlgorithm, readonly [name: 'ed25519' | 'ed448', bits: number]>>> = {
  [CryptographicAlgorithm.Ed25519]: ['ed25519', 256],
  [CryptographicAlgorithm.Ed448]: ['ed448', 456],
};

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const generateRsa = promisify<'rsa', { modulusLength: number }, Pair>(generateKeyPair as never);
const generateCurve = promisify<'ec', { namedCurve: string }, Pair>(generateKeyPair as never);
const generateEdwards = promisify<'ed25519' | 'ed448', object, Pair>(generateKeyPair as never);

/**
 * Looking for the primes of RSA waits its turn in `slowWork`; a pair on a curve takes about a millisecond, and does not.
 * Throws `missing-data` where neither length nor curve is said, `invalid-field` for what is not made here, and what `slowWork`
 * throws.
 */
export const makePair = async (
  slowWork: OneAtATime,
  algorithm: number | undefined,
  length: number | undefined,
  curve: RecommendedCurve | undefined,
): Promise<MadePair> => {
  if (algorithm === undefined) throw new EdgeError('missing-data', 'Create Key Pair needs a Cryptographic Algorithm');
  if (algorithm === CryptographicAlgorithm.RSA) return rsaPair(slowWork, algorithm, length);
  const named = edwards[algorithm as CryptographicAlgorithm];
  if (named) {
    const [name, bits] = named;
    return made(algorithm, bits, await generateEdwards(name, {}), KeyFormatType.PKCS_8, KeyFormatType.X_509);
  }
  if (onCurves.has(algorithm)) return curvePair(algorithm, length, curve);
  const name = enumName(CryptographicAlgorithm, algorithm);
  throw new EdgeError('invalid-field', `key pairs for ${name} are not made here`);
};

const rsaPair = async (slowWork: OneAtATime, algorithm: number, length: number | undefined): Promise<MadePair> => {
  if (length === undefined) throw new EdgeError('missing-data', 'Create Key Pair needs a Cryptographic Length');
  if (!rsaLengths.has(length)) {
    throw new EdgeError('invalid-field', `RSA keys are made with ${[...rsaLengths].join(', ')} bits, not ${length}`);
  }
  const pair = await slowWork.run(() => generateRsa('rsa', { modulusLength: length }));
  return made(algorithm, length, pair, KeyFormatType.PKCS_1, KeyFormatType.PKCS_1);
};

const curvePair = async (
  algorithm: number,
  length: number | undefined,
  curve: RecommendedCurve | undefined,
): Promise<MadePair> => {
  if (length === undefined && curve === undefined) {
    throw new EdgeError('missing-data', 'Create Key Pair needs a Cryptographic Length or a Recommended Curve');
  }
  const namedCurve = curveNameOf(curve, length ?? 0);
  if (namedCurve === undefined) throw new EdgeError('invalid-field', 'keys on this curve are not made here');
  const pair = await generateCurve('ec', { namedCurve });
  const bits = lengthOf(pair.publicKey) ?? length ?? 0;
  if (length !== undefined && length !== bits)
    throw new EdgeError('invalid-field', `the curve has ${bits} bits, not ${length}`);
  return made(algorithm, bits, pair, KeyFormatType.ECPrivateKey, KeyFormatType.X_509);
};

const made = (
  algorithm: number,
  length: number,
  { privateKey, publicKey }: Pair,
  privateFormat: KeyFormatType,
  publicFormat: KeyFormatType,
): MadePair => ({
  algorithm,
  length,
  private: halfOf('private', privateKey, privateFormat, algorithm, length),
  public: halfOf('public', publicKey, publicFormat, algorithm, length),
});

const halfOf = (half: Half, key: KeyObject, format: KeyFormatType, algorithm: number, length: number): MadeHalf => {
  const bytes = writeKey(half, key, format);
  if (!Buffer.isBuffer(bytes)) throw new EdgeError('internal', 'a key that was made here has no bytes');
  const block = {
    KeyFormatType: format,
    KeyValue: { KeyMaterial: bytes, Attribute: [] },
    CryptographicAlgorithm: algorithm as CryptographicAlgorithm,
    CryptographicLength: length,
  };
  const field = half === 'private' ? 'PrivateKey' : 'PublicKey';
  try {
    return { material: packed({ [field]: { KeyBlock: block } }, field), digest: digestOf(bytes, format) };
  } finally {
    bytes.fill(0);
  }
};
