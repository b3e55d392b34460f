// Opens the storage key at start, by any slot that opens; makes it once, for a store that holds nothing yet. A new key is
// never made beside data that an old one sealed: that would lose every key while looking healthy.

import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import type { SealSlot, Store, StoreWriter } from '../keys/ports.ts';
import type { Secret } from '../secret.ts';
import { type CredentialPlace, createCredential, credentialPlace, readCredential } from './credential-file.ts';
import { credentialSlot, openCredentialSlot, openPassphraseSlot, passphraseSlot } from './slot.ts';

export interface StorageKeyOptions {
  readonly store: Store;
  readonly dataDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Opens a passphrase slot where the credential is lost; a new credential slot is then made. */
  readonly recoveryPassphrase?: Secret | undefined;
  readonly now: number;
}

/** The storage key. Throws `storage-locked` where no slot opens. */
export const openStorageKey = async (options: StorageKeyOptions): Promise<KeyObject> => {
  const place = credentialPlace(options.dataDirectory, options.environment);
  const bytes = await openOrCreate(options, place);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
};

/** Adds a slot that `passphrase` opens, replacing the passphrase slots before it. */
export const setRecoveryPassphrase = async (
  store: Store,
  storageKey: KeyObject,
  passphrase: Secret,
  now: number,
): Promise<SealSlot> => {
  const bytes = storageKey.export();
  const slot = await passphraseSlot(bytes, passphrase, now).finally(() => bytes.fill(0));
  const replace = ({ slots }: StoreWriter): void => {
    for (const old of slots.slots()) if (old.kind === 'passphrase') slots.deleteSlot(old.id);
    slots.putSlot(slot);
  };
  // An old passphrase must not open what is left of its slot on the disk.
  await store.write(replace, { erase: true });
  return slot;
};

const openOrCreate = async (options: StorageKeyOptions, place: CredentialPlace): Promise<Buffer> => {
  const slots = options.store.slots.slots();
  if (slots.length === 0) return createStorageKey(options, place);
  const credential = readCredential(place);
  const bytes = credential && firstOpened(slots, credential);
  if (bytes) return bytes;
  if (options.recoveryPassphrase) return recover(options, place, slots, options.recoveryPassphrase, credential);
  throw new EdgeError(
    'storage-locked',
    credential
      ? `${place.path} does not open the storage key`
      : `${place.path} is missing, and with it the storage key`,
    { hint: 'put the file back, or start once with --recovery-passphrase-file' },
  );
};

const firstOpened = (slots: readonly SealSlot[], credential: Buffer): Buffer | undefined => {
  for (const slot of slots) {
    const bytes = slot.kind === 'credential' ? openCredentialSlot(slot, credential) : undefined;
    if (bytes) return bytes;
  }
  return undefined;
};

const createStorageKey = async (options: StorageKeyOptions, place: CredentialPlace): Promise<Buffer> => {
  const { store, now } = options;
  if (store.instances.instances().length > 0 || !store.vault.isEmpty()) {
    throw new EdgeError('storage-locked', 'the database holds data but no slot for its storage key', {
      hint: 'restore the database from a backup',
    });
  }
  // A credential without a slot is what a crash in between leaves: it is used, not replaced.
  const credential = readCredential(place) ?? createCredential(options.dataDirectory, place);
  const bytes = randomBytes(32);
  await store.write(({ slots }) => slots.putSlot(credentialSlot(bytes, credential, now)));
  return bytes;
};

const recover = async (
  options: StorageKeyOptions,
  place: CredentialPlace,
  slots: readonly SealSlot[],
  passphrase: Secret,
  present: Buffer | undefined,
): Promise<Buffer> => {
  const bytes = await firstPassphraseOpened(slots, passphrase);
  if (!bytes) {
    throw new EdgeError('storage-locked', 'the recovery passphrase opens no slot', {
      hint: slots.some((slot) => slot.kind === 'passphrase')
        ? 'check the passphrase'
        : 'no recovery passphrase was ever set',
    });
  }
  await replaceCredentialSlot(options, bytes, present ?? createCredential(options.dataDirectory, place));
  return bytes;
};

const replaceCredentialSlot = async (
  { store, now }: Pick<StorageKeyOptions, 'store' | 'now'>,
  storageKey: Buffer,
  credential: Buffer,
): Promise<void> => {
  const slot = credentialSlot(storageKey, credential, now);
  const replace = ({ slots }: StoreWriter): void => {
    for (const old of slots.slots()) if (old.kind === 'credential') slots.deleteSlot(old.id);
    slots.putSlot(slot);
  };
  await store.write(replace, { erase: true });
};

/**
 * Lets the credential of this machine open a store that came from another one: made where there is none. Passphrase slots
 * stay. Throws `storage-locked` for a credential that others may read.
 */
export const moveInStorageKey = async (
  options: Omit<StorageKeyOptions, 'recoveryPassphrase'>,
  storageKey: KeyObject,
): Promise<void> => {
  const place = credentialPlace(options.dataDirectory, options.environment);
  const credential = readCredential(place) ?? createCredential(options.dataDirectory, place);
  const bytes = storageKey.export();
  await replaceCredentialSlot(options, bytes, credential).finally(() => bytes.fill(0));
};

const firstPassphraseOpened = async (slots: readonly SealSlot[], passphrase: Secret): Promise<Buffer | undefined> => {
  for (const slot of slots) {
    const bytes = slot.kind === 'passphrase' ? await openPassphraseSlot(slot, passphrase) : undefined;
    if (bytes) return bytes;
  }
  return undefined;
};
