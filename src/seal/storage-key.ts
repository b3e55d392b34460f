// Opens the storage key at start, by any slot that opens; makes it once, for a store that holds nothing yet. A new key is
// never made beside data that an old one sealed: that would lose every key while looking healthy.

import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { EdgeError, messageOf } from '../errors.ts';
import type { Store } from '../keys/ports.ts';
import type { SealSlot } from '../keys/seal-ports.ts';
import { type Log, silentLog } from '../log.ts';
import type { Secret } from '../secret.ts';
import { type CredentialPlace, createCredential, credentialPlaces, readCredential } from './credential-file.ts';
import { eraseUnusedFiles, type OpenRootKey, openFirstRootKey } from './key-protect-slot.ts';
import {
  type Found,
  keeperOf,
  keptByMachine,
  lookInto,
  mendCredential,
  replaceCredentialSlot,
} from './machine-credential.ts';
import { credentialSlot, openCredentialSlot, openPassphraseSlot, passphraseSlot } from './slot.ts';
import { replaceSlots } from './stored-slots.ts';

export interface StorageKeyOptions {
  readonly store: Store;
  readonly dataDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Opens a passphrase slot where the credential is lost; a new credential slot is then made. */
  readonly recoveryPassphrase?: Secret | undefined;
  /** Reaches the root key of a slot; absent where slots of Key Protect are not tried. */
  readonly openRootKey?: OpenRootKey | undefined;
  readonly now: number;
  /** Told of what could not be made good. */
  readonly log?: Log | undefined;
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
  eraseLeftovers(options);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return { key, slotId };
};

/** Nobody waits for this: what cannot be erased now is tried again at the next start. */
const eraseLeftovers = ({ store, dataDirectory, log = silentLog }: StorageKeyOptions): void => {
  try {
    eraseUnusedFiles(store, dataDirectory);
  } catch (error) {
    log.error('an API key that belongs to no slot was not erased', { problem: messageOf(error) });
  }
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
  await replaceSlots(store, slot);
  return slot;
};

type Places = readonly [CredentialPlace, ...CredentialPlace[]];

const openOrCreate = async (options: StorageKeyOptions, places: Places): Promise<Opened> => {
  const slots = options.store.slots.slots();
  if (slots.length === 0) return createStorageKey(options, places[0]);
  const found = [lookInto(places[0]), ...places.slice(1).map(lookInto)] as const;
  for (const { place, credential } of found) {
    const opened = credential && firstOpened(slots, credential);
    if (!opened) continue;
    const kept = await keptByMachine(options, opened.bytes, place, found[0]);
    return kept ? { bytes: opened.bytes, slotId: kept.id } : opened;
  }
  const outside = options.openRootKey && (await openFirstRootKey(slots, options.dataDirectory, options.openRootKey));
  if (outside && 'bytes' in outside) {
    await mendCredential(options, outside.bytes, found);
    return outside;
  }
  if (options.recoveryPassphrase) return recover(options, found, slots, options.recoveryPassphrase);
  throw locked(found, outside?.problem);
};

const locked = (found: readonly [Found, ...Found[]], problem: string | undefined): EdgeError => {
  const [first, ...others] = found;
  const unusable = others.flatMap((other) => (other.problem ? [other.problem.message] : []));
  const outside = problem === undefined ? [] : [`key protect does not open it either: ${problem}`];
  const hint = first.place.ours
    ? 'put the file back, or start once with --recovery-passphrase-file'
    : "give the recovery passphrase: 'kmip-edge seal unlock', or start once with --recovery-passphrase-file";
  return new EdgeError('storage-locked', [problemOf(first), ...unusable, ...outside].join('; '), {
    hint: found.find((one) => one.problem?.hint !== undefined)?.problem?.hint ?? hint,
  });
};

const problemOf = ({ place: { path }, credential, problem }: Found): string => {
  if (problem) return problem.message;
  return credential ? `${path} does not open the storage key` : `${path} is missing, and with it the storage key`;
};

const firstOpened = (slots: readonly SealSlot[], credential: Buffer): Opened | undefined => {
  for (const slot of slots) {
    const bytes = slot.kind === 'credential' ? openCredentialSlot(slot, credential) : undefined;
    if (bytes) return { bytes, slotId: slot.id };
  }
  return undefined;
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

const recover = async (
  options: StorageKeyOptions,
  found: readonly Found[],
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
  await mendCredential(options, opened.bytes, found);
  return opened;
};

/**
 * Lets the credential of this machine open a store that came from another one: made where there is none. Passphrase slots
 * stay as they are.
 */
export const moveInStorageKey = async (
  options: Omit<StorageKeyOptions, 'recoveryPassphrase'>,
  storageKey: KeyObject,
): Promise<void> => {
  const found = credentialPlaces(options.dataDirectory, options.environment).map(lookInto);
  const bytes = storageKey.export();
  await replaceCredentialSlot(options, bytes, found).finally(() => bytes.fill(0));
};

const firstPassphraseOpened = async (slots: readonly SealSlot[], passphrase: Secret): Promise<Opened | undefined> => {
  for (const slot of slots) {
    const bytes = slot.kind === 'passphrase' ? await openPassphraseSlot(slot, passphrase) : undefined;
    if (bytes) return { bytes, slotId: slot.id };
  }
  return undefined;
};
