// A slot wraps the storage key under one way to open it. Two kinds: `credential` (random bytes in a file that only the
// service reads, or that systemd hands it) and `passphrase` (a recovery passphrase behind scrypt, which is memory-hard).

import { createHmac, randomBytes, randomUUID, scrypt } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import type { SealSlot } from '../keys/ports.ts';
import type { Secret } from '../secret.ts';
import { decrypt, encrypt } from './aead.ts';

export type SlotKind = 'credential' | 'passphrase';

/** scrypt at 128 MiB and about half a second: a guess costs a thief as much. */
const scryptCost = { N: 2 ** 17, r: 8, p: 1, maxmem: 192 * 2 ** 20 } as const;
const saltBytes = 16;
const nonceBytes = 12;
/** Shorter ones are guessed sooner or later, memory-hard or not. */
export const minimumPassphraseLength = 12;

const identityOf = (id: string, kind: string): string => `seal slot ${kind} ${id}`;

const wrap = (id: string, kind: SlotKind, kek: Buffer, storageKey: Buffer): Buffer => {
  const nonce = randomBytes(nonceBytes);
  return Buffer.concat([nonce, encrypt(kek, nonce, identityOf(id, kind), storageKey)]);
};

const unwrap = (slot: SealSlot, kek: Buffer): Buffer | undefined =>
  decrypt(kek, slot.wrapped.subarray(0, nonceBytes), identityOf(slot.id, slot.kind), slot.wrapped.subarray(nonceBytes));

const credentialKek = (credential: Buffer): Buffer =>
  createHmac('sha256', credential).update('kmip-edge credential slot 1').digest();

const passphraseKek = (passphrase: Secret, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(passphrase.reveal().normalize('NFKC'), salt, 32, scryptCost, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });

/** A slot that `credential` opens. */
export const credentialSlot = (storageKey: Buffer, credential: Buffer, now: number): SealSlot => {
  const id = randomUUID();
  const kek = credentialKek(credential);
  return { id, kind: 'credential', parameters: {}, wrapped: wrap(id, 'credential', kek, storageKey), createdAt: now };
};

/** The storage key in a credential slot, or undefined where `credential` is not the slot's. */
export const openCredentialSlot = (slot: SealSlot, credential: Buffer): Buffer | undefined =>
  unwrap(slot, credentialKek(credential));

/** A slot that `passphrase` opens. Throws `invalid-field` for a short passphrase. */
export const passphraseSlot = async (storageKey: Buffer, passphrase: Secret, now: number): Promise<SealSlot> => {
  const length = [...passphrase.reveal()].length;
  if (length < minimumPassphraseLength) {
    throw new EdgeError(
      'invalid-field',
      `the passphrase has ${length} characters, at least ${minimumPassphraseLength} are needed`,
    );
  }
  const id = randomUUID();
  const salt = randomBytes(saltBytes);
  const kek = await passphraseKek(passphrase, salt);
  const wrapped = wrap(id, 'passphrase', kek, storageKey);
  return { id, kind: 'passphrase', parameters: { salt: salt.toString('base64') }, wrapped, createdAt: now };
};

/** The storage key in a passphrase slot, or undefined where `passphrase` is not the slot's. */
export const openPassphraseSlot = async (slot: SealSlot, passphrase: Secret): Promise<Buffer | undefined> => {
  const salt = Buffer.from(String(slot.parameters['salt']), 'base64');
  return unwrap(slot, await passphraseKek(passphrase, salt));
};
