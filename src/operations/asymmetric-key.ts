// Public and private keys between the formats of a key block (KMIP 1.4 sections 2.1.3 and 2.1.7) and node:crypto.

import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { KeyFormatType, RecommendedCurve } from '../kmip/enums.ts';
import type { KeyMaterial, TransparentKey } from '../kmip/key-block.ts';
import { largestPrivate, largestPublic, modestKey } from '../modest-key.ts';

export type Half = 'private' | 'public';

const format = 'der';

const privateForms: Readonly<Partial<Record<KeyFormatType, 'pkcs1' | 'pkcs8' | 'sec1'>>> = {
  [KeyFormatType.PKCS_1]: 'pkcs1',
  [KeyFormatType.PKCS_8]: 'pkcs8',
  [KeyFormatType.ECPrivateKey]: 'sec1',
};
const publicForms: Readonly<Partial<Record<KeyFormatType, 'pkcs1' | 'spki'>>> = {
  [KeyFormatType.PKCS_1]: 'pkcs1',
  [KeyFormatType.X_509]: 'spki',
};
const rsaForms: ReadonlySet<number> = new Set([
  KeyFormatType.TransparentRSAPrivateKey,
  KeyFormatType.TransparentRSAPublicKey,
]);
const curveForms: ReadonlySet<number> = new Set([
  KeyFormatType.TransparentECPrivateKey,
  KeyFormatType.TransparentECPublicKey,
  KeyFormatType.TransparentECDSAPrivateKey,
  KeyFormatType.TransparentECDSAPublicKey,
  KeyFormatType.TransparentECDHPrivateKey,
  KeyFormatType.TransparentECDHPublicKey,
]);

interface Curve {
  readonly number: RecommendedCurve;
  readonly name: string;
  /** Bytes of a coordinate. */
  readonly size: number;
}
const curves: readonly Curve[] = [
  { number: RecommendedCurve.P_256, name: 'P-256', size: 32 },
  { number: RecommendedCurve.P_384, name: 'P-384', size: 48 },
  { number: RecommendedCurve.P_521, name: 'P-521', size: 66 },
];

/** The key in this format; undefined where we cannot read it, which does not keep it from being stored. */
export const readKey = (half: Half, type: KeyFormatType, material: KeyMaterial): KeyObject | undefined => {
  try {
    if (!Buffer.isBuffer(material)) return fromTransparent(half, type, material);
    if (half === 'private') {
      const form = privateForms[type];
      const key = form && modestKey(material, largestPrivate);
      return key && createPrivateKey({ key, format, type: form });
    }
    const form = publicForms[type];
    const key = form && modestKey(material, largestPublic);
    return key && createPublicKey({ key, format, type: form });
  } catch {
    return undefined;
  }
};

/** The key in this format; undefined where it has no such form. The caller wipes bytes of a private key. */
export const writeKey = (half: Half, key: KeyObject, type: KeyFormatType): KeyMaterial | undefined => {
  try {
    if (rsaForms.has(type)) return key.asymmetricKeyType === 'rsa' ? transparentRsa(half, key) : undefined;
    if (curveForms.has(type)) return transparentCurve(half, key);
    if (half === 'private') {
      const form = privateForms[type];
      return form && key.export({ format, type: form });
    }
    const form = publicForms[type];
    return form && key.export({ format, type: form });
  } catch {
    return undefined;
  }
};

/** Bits of the modulus or of the curve. */
export const lengthOf = (key: KeyObject): number | undefined => {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined) return modulusLength;
  return namedCurve === undefined ? undefined : curveLengths[namedCurve];
};

/** By the names of OpenSSL. */
const curveLengths: Readonly<Record<string, number>> = {
  prime256v1: 256,
  secp256k1: 256,
  secp384r1: 384,
  secp521r1: 521,
  secp224r1: 224,
};

/** The name that OpenSSL has for a curve; undefined where we make no keys on it. */
export const curveNameOf = (curve: RecommendedCurve | undefined, bits: number): string | undefined =>
  curve === undefined ? curvesByLength[bits] : curvesByNumber[curve];

const curvesByLength: Readonly<Record<number, string>> = {
  224: 'secp224r1',
  256: 'prime256v1',
  384: 'secp384r1',
  521: 'secp521r1',
};
const curvesByNumber: Readonly<Partial<Record<RecommendedCurve, string>>> = {
  [RecommendedCurve.P_224]: 'secp224r1',
  [RecommendedCurve.P_256]: 'prime256v1',
  [RecommendedCurve.P_384]: 'secp384r1',
  [RecommendedCurve.P_521]: 'secp521r1',
};

const toBig = (text: string | undefined): bigint | undefined =>
  text === undefined ? undefined : BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`);

const toText = (value: bigint | undefined, size = 0): string | undefined => {
  if (value === undefined || value < 0n) return undefined;
  const hex = value.toString(16);
  const bytes = Math.max(size, Math.ceil(hex.length / 2));
  return Buffer.from(hex.padStart(bytes * 2, '0'), 'hex').toString('base64url');
};

const definedOnly = (jwk: Readonly<Record<string, string | undefined>>): JsonWebKey =>
  Object.fromEntries(Object.entries(jwk).filter(([, value]) => value !== undefined));

const fromTransparent = (half: Half, type: KeyFormatType, key: TransparentKey): KeyObject | undefined => {
  const beyond = 1n << BigInt(half === 'private' ? largestPrivate : largestPublic);
  if (Object.values(key).some((value) => typeof value === 'bigint' && value >= beyond)) return undefined;
  const jwk = rsaForms.has(type) ? rsaJwk(half, key) : curveForms.has(type) ? curveJwk(half, key) : undefined;
  if (!jwk) return undefined;
  return half === 'private'
    ? createPrivateKey({ key: jwk, format: 'jwk' })
    : createPublicKey({ key: jwk, format: 'jwk' });
};

const rsaJwk = (half: Half, key: TransparentKey): JsonWebKey => {
  const publicPart = { kty: 'RSA', n: toText(key.Modulus), e: toText(key.PublicExponent) };
  if (half === 'public') return definedOnly(publicPart);
  return definedOnly({
    ...publicPart,
    d: toText(key.PrivateExponent),
    p: toText(key.P),
    q: toText(key.Q),
    dp: toText(key.PrimeExponentP),
    dq: toText(key.PrimeExponentQ),
    qi: toText(key.CRTCoefficient),
  });
};

/** Only of public keys: the point of a private one is not in the structure, and JWK needs it. */
const curveJwk = (half: Half, key: TransparentKey): JsonWebKey | undefined => {
  const curve = curves.find(({ number }) => number === key.RecommendedCurve);
  const point = key.QString;
  if (half === 'private' || !curve || point?.[0] !== 4 || point.length !== 1 + 2 * curve.size) return undefined;
  const coordinate = (from: number): string => point.subarray(from, from + curve.size).toString('base64url');
  return { kty: 'EC', crv: curve.name, x: coordinate(1), y: coordinate(1 + curve.size) };
};

const transparentRsa = (half: Half, key: KeyObject): TransparentKey => {
  const { n, e, d, p, q, dp, dq, qi } = key.export({ format: 'jwk' });
  const publicPart = { Modulus: toBig(n), PublicExponent: toBig(e) };
  if (half === 'public') return publicPart;
  return {
    ...publicPart,
    PrivateExponent: toBig(d),
    P: toBig(p),
    Q: toBig(q),
    PrimeExponentP: toBig(dp),
    PrimeExponentQ: toBig(dq),
    CRTCoefficient: toBig(qi),
  };
};

const transparentCurve = (half: Half, key: KeyObject): TransparentKey | undefined => {
  const { crv, x = '', y = '', d } = key.export({ format: 'jwk' });
  const curve = curves.find(({ name }) => name === crv);
  if (!curve) return undefined;
  if (half === 'private') return { RecommendedCurve: curve.number, D: toBig(d) };
  const coordinates = [x, y].map((text) => Buffer.from(text, 'base64url'));
  return { RecommendedCurve: curve.number, QString: Buffer.concat([Buffer.from([4]), ...coordinates]) };
};
