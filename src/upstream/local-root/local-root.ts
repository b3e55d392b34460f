// A root key of our own, for evaluation and for sites without a cloud: AES-256-GCM with the unique identifier as
// additional data. It is always active; its owner's kill switch is the seal that protects it. The wrapped form is
// `lr1.` and base64url of nonce (12 bytes), tag (16 bytes) and ciphertext, so that later forms can be told apart.

import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { EdgeError } from '../../errors.ts';
import type { RootKey, WrappedKey } from '../../keys/root-key-ports.ts';

const prefix = 'lr1.';
const nonceBytes = 12;
const tagBytes = 16;
const algorithm = 'aes-256-gcm';
const longestText = 64 * 1024;

export interface LocalRootKeyOptions {
  /** 32 bytes. */
  readonly key: KeyObject;
  /** What a person would call it, for messages. */
  readonly name: string;
}

const refused = (uid: string): EdgeError =>
  new EdgeError('wrapped-key-refused', `the local root key does not open the wrapped key of ${uid}`, {
    hint: 'it was wrapped by another root key, belongs to another object, or is damaged: restore a backup',
  });

/** `nonce` is random and new. */
const seal = (key: KeyObject, plain: Buffer, uid: string, nonce: Buffer): WrappedKey => {
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(uid, 'utf8'));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { text: prefix + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url') };
};

const parse = (text: string): { nonce: Buffer; tag: Buffer; sealed: Buffer } | undefined => {
  if (!text.startsWith(prefix) || text.length > longestText) return undefined;
  const bytes = Buffer.from(text.slice(prefix.length), 'base64url');
  if (bytes.length <= nonceBytes + tagBytes || bytes.toString('base64url') !== text.slice(prefix.length))
    return undefined;
  const body = nonceBytes + tagBytes;
  return { nonce: bytes.subarray(0, nonceBytes), tag: bytes.subarray(nonceBytes, body), sealed: bytes.subarray(body) };
};

const open = (key: KeyObject, text: string, uid: string): Buffer => {
  const parts = parse(text);
  if (parts === undefined) throw refused(uid);
  const decipher = createDecipheriv(algorithm, key, parts.nonce, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(uid, 'utf8')).setAuthTag(parts.tag);
  const plain = decipher.update(parts.sealed);
  try {
    decipher.final();
    return plain;
  } catch {
    plain.fill(0);
    throw refused(uid);
  }
};

const toMaterial = (bytes: Buffer): KeyObject => {
  try {
    return createSecretKey(bytes);
  } finally {
    bytes.fill(0);
  }
};

const sealMaterial = (key: KeyObject, material: KeyObject, uid: string): WrappedKey => {
  const bytes = material.export();
  try {
    return seal(key, bytes, uid, randomBytes(nonceBytes));
  } finally {
    bytes.fill(0);
  }
};

/**
 * A {@link RootKey} that needs nobody else. Calls take microseconds. Errors: `wrapped-key-refused` for a wrapped key
 * of another root key, of another unique identifier, or damaged; `invalid-field` for a root key that is not 32 bytes.
 */
export const createLocalRootKey = (options: LocalRootKeyOptions): RootKey => {
  const { key, name } = options;
  if (key.type !== 'secret' || key.symmetricKeySize !== 32) {
    throw new EdgeError('invalid-field', `the local root key "${name}" is not a symmetric key of 32 bytes`);
  }
  return {
    name,
    generate: async (bytes, uid) => {
      // One call for both: it costs more than what it gives.
      const random = randomBytes(nonceBytes + bytes);
      const plain = random.subarray(nonceBytes);
      const wrapped = seal(key, plain, uid, random.subarray(0, nonceBytes));
      return { material: toMaterial(plain), wrapped };
    },
    wrap: async (material, uid) => sealMaterial(key, material, uid),
    unwrap: async (wrapped, uid) => ({ material: toMaterial(open(key, wrapped.text, uid)) }),
    status: async () => ({ state: 'active', name }),
    close: async () => {},
  };
};
