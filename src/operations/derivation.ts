// Key derivation (KMIP 1.4 section 4.6.1): from the bytes of a base object to those of a new one.

import { createHash, createHmac, createSecretKey, hkdf, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { EdgeError } from '../errors.ts';
import { DerivationMethod, HashingAlgorithm } from '../kmip/enums.ts';
import type { DerivationParameters } from '../kmip/payloads/derive-key.ts';
import { enumName } from '../kmip/since.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
import { encryptData } from './cipher.ts';
import { hashName, hmacHash } from './hashes.ts';

/** What is derived from. */
export interface Base {
  readonly bytes: Buffer;
  readonly algorithm: number;
}

/**
 * PBKDF2 is slow on purpose, and does its iterations for each block of the hash anew. Of these together nobody needs more: it
 * is twice what OWASP counsels for SHA-1 (1,300,000), which a key of 256 bits takes two blocks of.
 */
const mostIterations = 3_000_000;
const longest = 4096;
/** Bytes of label and context, which the rounds of NIST SP 800-108 hash again and again. */
const longestContext = 4096;

const pbkdf2Of = promisify(pbkdf2);
const hkdfOf = promisify(hkdf);

type Derive = (
  base: Base,
  parameters: DerivationParameters,
  length: number,
  slowWork: OneAtATime,
) => Buffer | Promise<Buffer>;

const hashOf = ({ CryptographicParameters: parameters }: DerivationParameters): string => {
  const { HashingAlgorithm: hash, CryptographicAlgorithm: algorithm } = parameters ?? {};
  const implied = algorithm === undefined ? undefined : hmacHash(algorithm);
  return implied ?? hashName(hash ?? HashingAlgorithm.SHA_256);
};

const dataIn = ({ DerivationData: data }: DerivationParameters): Buffer => {
  if (data) return data;
  throw new EdgeError('missing-data', 'there are no derivation data');
};

const byPassword: Derive = async ({ bytes }, parameters, length, slowWork) => {
  const { Salt: salt, IterationCount: count } = parameters;
  if (!salt || count === undefined) throw new EdgeError('missing-data', 'PBKDF2 needs a salt and an iteration count');
  const hash = hashOf(parameters);
  const most = Math.floor(mostIterations / Math.ceil(length / createHash(hash).digest().length));
  if (count < 1 || count > most) {
    throw new EdgeError(
      'invalid-field',
      `PBKDF2 gives ${length} bytes with 1 to ${most} iterations, not with ${count}`,
    );
  }
  return slowWork.run(() => pbkdf2Of(bytes, salt, count, length, hash));
};

const byHash: Derive = ({ bytes }, parameters) =>
  createHash(hashOf(parameters))
    .update(bytes.length > 0 ? bytes : dataIn(parameters))
    .digest();

const byHmac: Derive = ({ bytes }, parameters) =>
  createHmac(hashOf(parameters), bytes).update(dataIn(parameters)).digest();

const byCipher: Derive = ({ bytes, algorithm }, parameters) => {
  const { CryptographicParameters: suite = {}, InitializationVector: iv } = parameters;
  const input = { data: dataIn(parameters), iv, additional: undefined, tag: undefined };
  return encryptData(createSecretKey(bytes), algorithm, suite, input).data;
};

const byHkdf: Derive = async ({ bytes }, parameters, length) => {
  const { Salt: salt = Buffer.alloc(0), DerivationData: info = Buffer.alloc(0) } = parameters;
  return Buffer.from(await hkdfOf(hashOf(parameters), bytes, salt, info, length));
};

/** NIST SP 800-108 with HMAC: `input` gives what is hashed in round `i`, from the round before. */
const byRounds =
  (input: (counter: Buffer, before: Buffer, data: Buffer, prf: (text: Buffer) => Buffer) => Buffer): Derive =>
  ({ bytes }, parameters, length) => {
    const hash = hashOf(parameters);
    const data = dataIn(parameters);
    if (data.length > longestContext) {
      const text = `the derivation data may have ${longestContext} bytes at most with this method, not ${data.length}`;
      throw new EdgeError('invalid-field', text);
    }
    const prf = (text: Buffer): Buffer => createHmac(hash, bytes).update(text).digest();
    const blocks: Buffer[] = [];
    let before = parameters.InitializationVector ?? Buffer.alloc(0);
    for (let round = 1; Buffer.concat(blocks).length < length; round++) {
      const counter = Buffer.alloc(4);
      counter.writeUInt32BE(round);
      before = prf(input(counter, before, data, prf));
      blocks.push(before);
    }
    return Buffer.concat(blocks);
  };

const methods: Readonly<Partial<Record<DerivationMethod, Derive>>> = {
  [DerivationMethod.PBKDF2]: byPassword,
  [DerivationMethod.HASH]: byHash,
  [DerivationMethod.HMAC]: byHmac,
  [DerivationMethod.ENCRYPT]: byCipher,
  [DerivationMethod.HKDF]: byHkdf,
  [DerivationMethod.NIST800_108_C]: byRounds((counter, _, data) => Buffer.concat([counter, data])),
  [DerivationMethod.NIST800_108_F]: byRounds((counter, before, data) => Buffer.concat([before, counter, data])),
};

/**
 * `length` bytes; what is slow waits its turn in `slowWork`. Throws `cryptographic-failure` where the method gives fewer,
 * `invalid-field` for a method that is not done, and what `slowWork` throws. The caller wipes the result.
 */
export const derive = async (
  slowWork: OneAtATime,
  base: Base,
  method: DerivationMethod,
  parameters: DerivationParameters,
  length: number,
): Promise<Buffer> => {
  const act = methods[method];
  if (!act)
    throw new EdgeError('invalid-field', `the derivation ${enumName(DerivationMethod, method)} is not done here`);
  if (length < 1 || length > longest)
    throw new EdgeError('invalid-field', `1 to ${longest} bytes are derived, not ${length}`);
  const derived = await act(base, parameters, length, slowWork);
  if (derived.length >= length) return derived.subarray(0, length);
  throw new EdgeError(
    'cryptographic-failure',
    `the derivation gives ${derived.length} bytes where ${length} are asked for`,
  );
};
