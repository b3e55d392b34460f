// A slot wraps the storage key under one way to open it. Three kinds: `credential` (random bytes in a file that only the
// service reads, or that systemd hands it), `passphrase` (a recovery passphrase behind scrypt, which is memory-hard), and
// `key-protect` (a key that a root key outside wraps).

import { createHmac, type KeyObject, randomBytes, randomUUID, scrypt } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import type { RootKey } from '../keys/root-key-ports.ts';
import type { SealSlot } from '../keys/seal-ports.ts';
import type { Secret } from '../secret.ts';
import { decrypt, encrypt } from './aead.ts';

export type SlotKind = 'credential' | 'passphrase' | 'key-protect';

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

/** Where a credential lies: handed over by systemd (sealed by the TPM, on the appliance), or in a file beside the data. */
export type Keeper = 'systemd' | 'file';

/** A slot that `credential` opens. */
export const credentialSlot = (storageKey: Buffer, credential: Buffer, keeper: Keeper, now: number): SealSlot => {
  const id = randomUUID();
  const wrapped = wrap(id, 'credential', credentialKek(credential), storageKey);
  return { id, kind: 'credential', parameters: { keeper }, wrapped, createdAt: now };
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

/** How the root key of a slot is reached: what its upstream's kind takes. */
export interface RootKeyAddress {
  /** The kind of upstream. */
  readonly upstream: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** The service instance that it was taken from, for people. */
  readonly instance: string;
}

/**
 * A slot that `rootKey` opens. The root key makes and wraps a key of its own for it, so that the storage key itself is sent
 * nowhere. Throws what {@link RootKey} throws.
 */
export const rootKeySlot = async (
  storageKey: Buffer,
  rootKey: RootKey,
  address: RootKeyAddress,
  now: number,
): Promise<SealSlot> => {
  const id = randomUUID();
  const { material, wrapped: wrappedKek } = await rootKey.generate(32, identityOf(id, 'key-protect'));
  const wrapped = withBytes(material, (kek) => wrap(id, 'key-protect', kek, storageKey));
  return {
    id,
    kind: 'key-protect',
    parameters: { ...address, wrappedKek: { ...wrappedKek } },
    wrapped,
    createdAt: now,
  };
};

/** Where the root key of a `key-protect` slot is. Throws `data-damaged`. */
export const rootKeyAddressOf = ({ parameters }: SealSlot): RootKeyAddress => {
  const { upstream, settings, instance } = parameters;
  if (typeof upstream !== 'string' || typeof settings !== 'object' || settings === null) throw damagedSlot();
  return { upstream, settings: settings as RootKeyAddress['settings'], instance: String(instance) };
};

/** The storage key in a `key-protect` slot, or undefined where the slot was changed. Throws what {@link RootKey} throws. */
export const openRootKeySlot = async (slot: SealSlot, rootKey: RootKey): Promise<Buffer | undefined> => {
  const { text, version } = (slot.parameters['wrappedKek'] ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof text !== 'string') throw damagedSlot();
  const wrapped = typeof version === 'string' ? { text, version } : { text };
  const { material } = await rootKey.unwrap(wrapped, identityOf(slot.id, slot.kind));
  return withBytes(material, (kek) => unwrap(slot, kek));
};

const damagedSlot = (): EdgeError => new EdgeError('data-damaged', 'the slot of key protect was changed from outside');

const withBytes = <T>(key: KeyObject, use: (bytes: Buffer) => T): T => {
  const bytes = key.export();
  try {
    return use(bytes);
  } finally {
    bytes.fill(0);
  }
};
