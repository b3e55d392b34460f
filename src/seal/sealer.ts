// Seals records under the storage key. Each record gets a key and nonce of its own, derived from the storage key and a
// random salt, so no nonce is ever used twice however many records there are. The record's identity is authenticated:
// a row moved or swapped in the database does not open.
//
//   sealed = version (1 byte, 1) | salt (16) | ciphertext | tag (16)
//   key (32) | nonce (12) = first 44 bytes of HMAC-SHA-512(storage key, label | salt)

import { createHmac, type KeyObject, randomBytes } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import type { Sealer } from '../keys/seal-ports.ts';
import { decrypt, encrypt } from './aead.ts';

const version = 1;
const saltBytes = 16;
const label = 'kmip-edge sealed record 1';

/** A sealer under `storageKey` (32 bytes). */
export const createSealer = (storageKey: KeyObject): Sealer => {
  const derive = (salt: Buffer): { readonly key: Buffer; readonly nonce: Buffer; wipe(): void } => {
    const derived = createHmac('sha512', storageKey).update(label).update(salt).digest();
    return { key: derived.subarray(0, 32), nonce: derived.subarray(32, 44), wipe: () => void derived.fill(0) };
  };
  return {
    seal(identity, plaintext) {
      const salt = randomBytes(saltBytes);
      const { key, nonce, wipe } = derive(salt);
      const sealed = Buffer.concat([Buffer.of(version), salt, encrypt(key, nonce, identity, plaintext)]);
      wipe();
      return sealed;
    },
    open(identity, sealed) {
      if (sealed.length < 1 + saltBytes || sealed[0] !== version) throw damaged(identity);
      const { key, nonce, wipe } = derive(sealed.subarray(1, 1 + saltBytes));
      const plaintext = decrypt(key, nonce, identity, sealed.subarray(1 + saltBytes));
      wipe();
      if (!plaintext) throw damaged(identity);
      return plaintext;
    },
  };
};

const damaged = (identity: string): EdgeError =>
  new EdgeError('data-damaged', `the sealed record of ${identity} is not the one that was stored`, {
    hint: 'the database was changed from outside or the disk is failing: restore a backup',
  });
