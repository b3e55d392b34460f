// Encrypt and Decrypt with symmetric keys (KMIP 1.4 sections 4.29 and 4.30) by node:crypto, whose ciphers are named by
// algorithm, length and mode.

import {
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  type DecipherGCM,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { EdgeError, messageOf } from '../errors.ts';
import type { CryptographicParameters } from '../kmip/attribute-values.ts';
import { BlockCipherMode, CryptographicAlgorithm, PaddingMethod } from '../kmip/enums.ts';
import { enumName } from '../kmip/since.ts';

/** What a cipher is made of. */
interface Suite {
  readonly name: string;
  /** Bytes of a block, 1 for a stream. */
  readonly block: number;
  /** Bytes of the initialization vector where none is given; 0 where there is none. */
  readonly iv: number;
  readonly authenticated: boolean;
  readonly key: Buffer;
}

const modes: Readonly<Partial<Record<BlockCipherMode, string>>> = {
  [BlockCipherMode.CBC]: 'cbc',
  [BlockCipherMode.ECB]: 'ecb',
  [BlockCipherMode.CFB]: 'cfb',
  [BlockCipherMode.OFB]: 'ofb',
  [BlockCipherMode.CTR]: 'ctr',
  [BlockCipherMode.GCM]: 'gcm',
  [BlockCipherMode.CCM]: 'ccm',
  [BlockCipherMode.XTS]: 'xts',
};
const padded: ReadonlySet<string> = new Set(['cbc', 'ecb']);
const authenticated: ReadonlySet<string> = new Set(['gcm', 'ccm']);
const families: Readonly<Partial<Record<CryptographicAlgorithm, string>>> = {
  [CryptographicAlgorithm.AES]: 'aes',
  [CryptographicAlgorithm.Camellia]: 'camellia',
  [CryptographicAlgorithm.ARIA]: 'aria',
};
const longestTag = 16;

/** A request's values; they are views of the message. */
export interface CipherInput {
  readonly data: Buffer;
  readonly iv: Buffer | undefined;
  readonly additional: Buffer | undefined;
  readonly tag: Buffer | undefined;
}

export interface CipherOutput {
  readonly data: Buffer;
  /** Only where it was made here. */
  readonly iv?: Buffer | undefined;
  readonly tag?: Buffer | undefined;
}

/** Throws `invalid-field`, `missing-iv` or `cryptographic-failure`. */
export const encryptData = (
  material: KeyObject,
  algorithm: number,
  parameters: CryptographicParameters,
  input: CipherInput,
): CipherOutput =>
  withSuite(material, algorithm, parameters, (suite) => {
    const made = input.iv === undefined && suite.iv > 0 ? randomBytes(ivLength(suite, parameters)) : undefined;
    if (made && parameters.RandomIV === false) throw missing();
    const iv = input.iv ?? made ?? null;
    const padding = paddingOf(suite, parameters);
    if (!suite.authenticated) {
      const cipher = createCipheriv(suite.name, suite.key, iv).setAutoPadding(padding === PaddingMethod.PKCS5);
      const plain = pad(input.data, suite.block, padding);
      return { data: Buffer.concat([cipher.update(plain), cipher.final()]), iv: made };
    }
    const length = tagLength(parameters);
    const cipher = createCipheriv(suite.name as 'aes-256-gcm', suite.key, iv ?? Buffer.alloc(0), {
      authTagLength: length,
    });
    authenticate(cipher, input);
    const data = Buffer.concat([cipher.update(input.data), cipher.final()]);
    return { data, iv: made, tag: cipher.getAuthTag() };
  });

/** Throws as {@link encryptData}. The result is plaintext: the caller wipes it. */
export const decryptData = (
  material: KeyObject,
  algorithm: number,
  parameters: CryptographicParameters,
  input: CipherInput,
): Buffer =>
  withSuite(material, algorithm, parameters, (suite) => {
    if (input.iv === undefined && suite.iv > 0) throw missing();
    const iv = suite.iv > 0 ? (input.iv ?? null) : null;
    const padding = paddingOf(suite, parameters);
    if (!suite.authenticated) {
      const decipher = createDecipheriv(suite.name, suite.key, iv).setAutoPadding(padding === PaddingMethod.PKCS5);
      return unpad(Buffer.concat([decipher.update(input.data), decipher.final()]), suite.block, padding);
    }
    if (!input.tag) throw new EdgeError('missing-data', 'an authenticated encryption tag is needed');
    const options = { authTagLength: input.tag.length };
    const decipher = createDecipheriv(suite.name as 'aes-256-gcm', suite.key, iv ?? Buffer.alloc(0), options);
    decipher.setAuthTag(input.tag);
    authenticate(decipher, input);
    return Buffer.concat([decipher.update(input.data), decipher.final()]);
  });

const missing = (): EdgeError => new EdgeError('missing-iv', 'an initialization vector is needed');

/** Runs `act` with the key in a Buffer that is wiped afterwards; what node:crypto throws is a cryptographic failure. */
const withSuite = <T>(
  material: KeyObject,
  algorithm: number,
  parameters: CryptographicParameters,
  act: (suite: Suite) => T,
): T => {
  const key = material.export();
  try {
    return act(suiteOf(algorithm, parameters, key));
  } catch (error) {
    if (error instanceof EdgeError) throw error;
    throw new EdgeError('cryptographic-failure', `the cipher refused: ${messageOf(error)}`, { cause: error });
  } finally {
    key.fill(0);
  }
};

const suiteOf = (algorithm: number, parameters: CryptographicParameters, key: Buffer): Suite => {
  const asked = parameters.CryptographicAlgorithm ?? algorithm;
  if (asked === CryptographicAlgorithm.ChaCha20Poly1305) {
    return { name: 'chacha20-poly1305', block: 1, iv: 12, authenticated: true, key };
  }
  if (asked === CryptographicAlgorithm.ChaCha20) {
    return { name: 'chacha20', block: 1, iv: 16, authenticated: false, key };
  }
  const mode = modeOf(parameters);
  if (asked === CryptographicAlgorithm.DES3 || asked === CryptographicAlgorithm.DES) return desSuite(mode, key);
  const family = families[asked as CryptographicAlgorithm];
  if (family === undefined) {
    throw new EdgeError('invalid-field', `nothing is encrypted with ${enumName(CryptographicAlgorithm, asked)} here`);
  }
  const bits = mode === 'xts' ? key.length * 4 : key.length * 8;
  const aead = authenticated.has(mode);
  const iv = mode === 'ecb' ? 0 : aead ? 12 : 16;
  return { name: `${family}-${bits}-${mode}`, block: padded.has(mode) ? 16 : 1, iv, authenticated: aead, key };
};

/** One and two keys of DES as three: single DES is not in OpenSSL's default provider any more, and is the same then. */
const desSuite = (mode: string, key: Buffer): Suite => {
  const [first, second] = [key.subarray(0, 8), key.subarray(8, 16)];
  const whole = key.length === 24 ? key : Buffer.concat([first, second.length === 8 ? second : first, first]);
  return {
    name: `des-ede3-${mode}`,
    block: padded.has(mode) ? 8 : 1,
    iv: mode === 'ecb' ? 0 : 8,
    authenticated: false,
    key: whole,
  };
};

const modeOf = ({ BlockCipherMode: mode }: CryptographicParameters): string => {
  if (mode === undefined) throw new EdgeError('invalid-field', 'a block cipher mode is needed');
  const name = modes[mode];
  if (name !== undefined) return name;
  throw new EdgeError('invalid-field', `the block cipher mode ${enumName(BlockCipherMode, mode)} is not done here`);
};

const ivLength = (suite: Suite, { IVLength: bits }: CryptographicParameters): number =>
  bits !== undefined && suite.authenticated && bits > 0 && bits <= 1024 && bits % 8 === 0 ? bits / 8 : suite.iv;

const tagLength = ({ TagLength: bytes = longestTag }: CryptographicParameters): number => {
  if (bytes >= 4 && bytes <= longestTag) return bytes;
  throw new EdgeError(
    'bad-cryptographic-parameters',
    `an authentication tag has 4 to ${longestTag} bytes, not ${bytes}`,
  );
};

const authenticate = (cipher: CipherGCM | DecipherGCM, { data, additional }: CipherInput): void => {
  if (additional) cipher.setAAD(additional, { plaintextLength: data.length } as never);
};

const paddings: ReadonlySet<number> = new Set([
  PaddingMethod.None,
  PaddingMethod.PKCS5,
  PaddingMethod.Zeros,
  PaddingMethod.ANSIX9_23,
  PaddingMethod.ISO10126,
]);

const paddingOf = ({ block }: Suite, { PaddingMethod: method = PaddingMethod.None }: CryptographicParameters) => {
  if (block === 1) return PaddingMethod.None;
  if (paddings.has(method)) return method;
  throw new EdgeError('invalid-field', `the padding ${enumName(PaddingMethod, method)} is not done with this cipher`);
};

/** PKCS#5 is left to node:crypto; without padding the data have to be whole blocks. */
const pad = (data: Buffer, block: number, method: PaddingMethod): Buffer => {
  if (method === PaddingMethod.PKCS5) return data;
  const over = data.length % block;
  if (method === PaddingMethod.Zeros) return over === 0 ? data : Buffer.concat([data, Buffer.alloc(block - over)]);
  if (method === PaddingMethod.None) {
    if (over === 0) return data;
    throw new EdgeError(
      'cryptographic-failure',
      `${data.length} bytes are no whole blocks of ${block}, and no padding is asked for`,
    );
  }
  const added = method === PaddingMethod.ISO10126 ? randomBytes(block - over) : Buffer.alloc(block - over);
  added[added.length - 1] = added.length;
  return Buffer.concat([data, added]);
};

/** Zeros stay: how many were added cannot be told. */
const unpad = (data: Buffer, block: number, method: PaddingMethod): Buffer => {
  if (method !== PaddingMethod.ANSIX9_23 && method !== PaddingMethod.ISO10126) return data;
  const added = data.at(-1) ?? 0;
  if (added >= 1 && added <= block && added <= data.length) return data.subarray(0, data.length - added);
  throw new EdgeError('cryptographic-failure', 'the padding is wrong');
};

/** Whether two values are the same, in a time that does not tell where they differ. */
export const sameBytes = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other);
