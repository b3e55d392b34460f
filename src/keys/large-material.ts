// A root key wraps keys, and how much more than a key an upstream takes is not promised. So material of more than a few
// keys' length is encrypted under a key of its own, and that key is what the root key wraps.

import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import type { RootKey, WrappedKey } from './root-key-ports.ts';

/** Bytes that every root key wraps as they are. */
const small = 512;
const prefix = 'large1.';
const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** `rootKey`, for material of any length. */
export const forAnyLength = (rootKey: RootKey): RootKey => ({
  get name() {
    return rootKey.name;
  },
  generate: (bytes, uid) => rootKey.generate(bytes, uid),
  async wrap(material, uid) {
    if ((material.symmetricKeySize ?? 0) <= small) return rootKey.wrap(material, uid);
    const inner = createSecretKey(randomBytes(32));
    const wrapped = await rootKey.wrap(inner, uid);
    return joined(wrapped, sealed(inner, material, uid));
  },
  async unwrap(wrapped, uid) {
    const parts = partsOf(wrapped);
    if (!parts) return rootKey.unwrap(wrapped, uid);
    const { material: inner, rewrapped } = await rootKey.unwrap(parts.key, uid);
    const material = opened(inner, parts.body, uid);
    return rewrapped ? { material, rewrapped: joined(rewrapped, parts.body) } : { material };
  },
  status: () => rootKey.status(),
  close: () => rootKey.close(),
});

const joined = (key: WrappedKey, body: string): WrappedKey => ({ ...key, text: `${prefix}${body}.${key.text}` });

const partsOf = ({ text, ...rest }: WrappedKey): { readonly key: WrappedKey; readonly body: string } | undefined => {
  if (!text.startsWith(prefix)) return undefined;
  const end = text.indexOf('.', prefix.length);
  return { key: { ...rest, text: text.slice(end + 1) }, body: text.slice(prefix.length, end) };
};

const sealed = (key: KeyObject, material: KeyObject, uid: string): string => {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(uid));
  const bytes = material.export();
  try {
    const body = Buffer.concat([cipher.update(bytes), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
  } finally {
    bytes.fill(0);
  }
};

const opened = (key: KeyObject, text: string, uid: string): KeyObject => {
  const bytes = Buffer.from(text, 'base64url');
  const start = nonceBytes + tagBytes;
  try {
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(uid)).setAuthTag(bytes.subarray(nonceBytes, start));
    const plain = Buffer.concat([decipher.update(bytes.subarray(start)), decipher.final()]);
    const material = createSecretKey(plain);
    plain.fill(0);
    return material;
  } catch (cause) {
    throw new EdgeError('wrapped-key-refused', `the material of '${uid}' does not open under its own key`, { cause });
  }
};
