// AES-256-GCM in one shape for everything that we encrypt at rest: ciphertext followed by its 16-byte tag.

import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';

const tagBytes = 16;
const nonceBytes = 12;

// Key objects, because Node takes three times as long with the same bytes in a Buffer.

/** Encrypts `plaintext`, binding `identity`. A key and nonce pair must never be used twice. */
export const encrypt = (key: Buffer, nonce: Buffer, identity: string, plaintext: Buffer): Buffer => {
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), nonce);
  cipher.setAAD(Buffer.from(identity));
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
};

/** The plaintext, or undefined for anything that was not made by {@link encrypt} with the same key, nonce and identity. */
export const decrypt = (key: Buffer, nonce: Buffer, identity: string, sealed: Buffer): Buffer | undefined => {
  if (sealed.length < tagBytes || nonce.length !== nonceBytes) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), nonce);
  decipher.setAAD(Buffer.from(identity));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const plaintext = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
  try {
    decipher.final();
    return plaintext;
  } catch {
    plaintext.fill(0);
    return undefined;
  }
};
