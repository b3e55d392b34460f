// Opens the storage key at start, by any slot that opens; makes it once, for a store that holds nothing yet. A new key is
// never made beside data that an old one sealed: that would lose every key while looking healthy.

import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import type { Store, StoreWriter } from '../keys/ports.ts';
import type { SealSlot } from '../keys/seal-ports.ts';
import type { Secret } from '../secret.ts';
import {
  type CredentialPlace,
  createCredential,
  credentialPlaces,
  eraseSecretFile,
  readCredential,
} from './credential-file.ts';
import { type OpenRootKey, openFirstRootKey } from './key-protect-slot.ts';
import { credentialSlot, openCredentialSlot, openPassphraseSlot, passphraseSlot } from './slot.ts';

export interface StorageKeyOptions {
  readonly store: Store;
  readonly dataDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Opens a passphrase slot where the credential is lost; a new credential slot is then made. */
  readonly recoveryPassphrase?: Secret | undefined;
  /** Reaches the root key of a slot; absent where slots of Key Protect are not tried. */
  readonly openRootKey?: OpenRootKey | undefined;
  readonly now: number;
}

export interface OpenedStorageKey {
  readonly key: KeyObject;
  /** The slot that opened it; one that was made just now where the key is new. */
  readonly slotId: string;
}

interface Opened {
  readonly bytes: Buffer;
  readonly slotId: string;
}

/** The storage key. Throws `storage-locked` where no slot opens. */
export const openStorageKey = async (options: StorageKeyOptions): Promise<OpenedStorageKey> => {
  const places = credentialPlaces(options.dataDirectory, options.environment);
  const { bytes, slotId } = await openOrCreate(options, places);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return { key, slotId };
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
  await replaceSlots(store, 'passphrase', slot);
  return slot;
};

/** An old slot must not be found in what is left of it on the disk. */
const replaceSlots = (store: Store, kind: string, slot: SealSlot): Promise<void> => {
  const replace = ({ slots }: StoreWriter): void => {
    for (const old of slots.slots()) if (old.kind === kind) slots.deleteSlot(old.id);
    slots.putSlot(slot);
  };
  return store.write(replace, { erase: true });
};

type Places = readonly [CredentialPlace, ...CredentialPlace[]];

const openOrCreate = async (options: StorageKeyOptions, places: Places): Promise<Opened> => {
  const slots = options.store.slots.slots();
  if (slots.length === 0) return createStorageKey(options, places[0]);
  for (const place of places) {
    const credential = readCredential(place);
    const opened = credential && firstOpened(slots, credential);
    if (opened) return (await keptByMachine(options, opened, place, places[0])) ?? opened;
  }
  const outside = options.openRootKey && (await openFirstRootKey(slots, options.dataDirectory, options.openRootKey));
  if (outside && 'bytes' in outside) {
    await mendCredential(options, slots, outside.bytes, places[0]);
    return outside;
  }
  if (options.recoveryPassphrase) return recover(options, places[0], slots, options.recoveryPassphrase);
  throw locked(places[0], outside?.problem);
};

const locked = (place: CredentialPlace, problem: string | undefined): EdgeError => {
  const outside = problem === undefined ? '' : `; key protect does not open it either: ${problem}`;
  const what = readCredential(place)
    ? `${place.path} does not open the storage key`
    : `${place.path} is missing, and with it the storage key`;
  const hint = place.ours
    ? 'put the file back, or start once with --recovery-passphrase-file'
    : "give the recovery passphrase: 'kmip-edge seal unlock', or start once with --recovery-passphrase-file";
  return new EdgeError('storage-locked', `${what}${outside}`, { hint });
};

const firstOpened = (slots: readonly SealSlot[], credential: Buffer): Opened | undefined => {
  for (const slot of slots) {
    const bytes = slot.kind === 'credential' ? openCredentialSlot(slot, credential) : undefined;
    if (bytes) return { bytes, slotId: slot.id };
  }
  return undefined;
};

/**
 * A machine that has got a TPM takes over from the file on the disk, which is erased then; but only where a recovery
 * passphrase is set, because a TPM can be lost with its machine.
 */
const keptByMachine = async (
  options: StorageKeyOptions,
  { bytes }: Opened,
  by: CredentialPlace,
  wanted: CredentialPlace,
): Promise<Opened | undefined> => {
  if (!by.ours || wanted.ours) return undefined;
  if (!options.store.slots.slots().some(({ kind }) => kind === 'passphrase')) return undefined;
  const credential = readCredential(wanted);
  if (!credential) return undefined;
  const slot = credentialSlot(bytes, credential, 'systemd', options.now);
  await replaceSlots(options.store, 'credential', slot);
  eraseSecretFile(by.path);
  return { bytes, slotId: slot.id };
};

const createStorageKey = async (options: StorageKeyOptions, place: CredentialPlace): Promise<Opened> => {
  const { store, now } = options;
  if (store.instances.instances().length > 0 || !store.vault.isEmpty()) {
    throw new EdgeError('storage-locked', 'the database holds data but no slot for its storage key', {
      hint: 'restore the database from a backup',
    });
  }
  // A credential without a slot is what a crash in between leaves: it is used, not replaced.
  const credential = readCredential(place) ?? createCredential(options.dataDirectory, place);
  const bytes = randomBytes(32);
  const slot = credentialSlot(bytes, credential, keeperOf(place), now);
  await store.write(({ slots }) => slots.putSlot(slot));
  return { bytes, slotId: slot.id };
};

const keeperOf = ({ ours }: CredentialPlace) => (ours ? 'file' : 'systemd');

const recover = async (
  options: StorageKeyOptions,
  place: CredentialPlace,
  slots: readonly SealSlot[],
  passphrase: Secret,
): Promise<Opened> => {
  const opened = await firstPassphraseOpened(slots, passphrase);
  if (!opened) {
    throw new EdgeError('storage-locked', 'the recovery passphrase opens no slot', {
      hint: slots.some((slot) => slot.kind === 'passphrase')
        ? 'check the passphrase'
        : 'no recovery passphrase was ever set',
    });
  }
  await mendCredential(options, slots, opened.bytes, place);
  return opened;
};

/** A credential that opens nothing here is made good; one that was taken away on purpose stays away. */
const mendCredential = async (
  options: StorageKeyOptions,
  slots: readonly SealSlot[],
  storageKey: Buffer,
  place: CredentialPlace,
): Promise<void> => {
  if (slots.some(({ kind }) => kind === 'credential')) await replaceCredentialSlot(options, storageKey, place);
};

const replaceCredentialSlot = async (
  options: Pick<StorageKeyOptions, 'store' | 'now' | 'dataDirectory'>,
  storageKey: Buffer,
  place: CredentialPlace,
): Promise<void> => {
  const credential = readCredential(place) ?? createCredential(options.dataDirectory, place);
  const slot = credentialSlot(storageKey, credential, keeperOf(place), options.now);
  await replaceSlots(options.store, 'credential', slot);
};

/**
 * Lets the credential of this machine open a store that came from another one: made where there is none. Passphrase slots
 * stay as they are.
 */
export const moveInStorageKey = async (
  options: Omit<StorageKeyOptions, 'recoveryPassphrase'>,
  storageKey: KeyObject,
): Promise<void> => {
  const [place] = credentialPlaces(options.dataDirectory, options.environment);
  const bytes = storageKey.export();
  await replaceCredentialSlot(options, bytes, place).finally(() => bytes.fill(0));
};

const firstPassphraseOpened = async (slots: readonly SealSlot[], passphrase: Secret): Promise<Opened | undefined> => {
  for (const slot of slots) {
    const bytes = slot.kind === 'passphrase' ? await openPassphraseSlot(slot, passphrase) : undefined;
    if (bytes) return { bytes, slotId: slot.id };
  }
  return undefined;
};
