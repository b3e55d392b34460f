// The slot of Key Protect: a root key outside opens the storage key. It needs the network at the moment of the start, so it
// is only ever an addition to others. Its API key cannot be kept sealed, because it is needed before anything is open: it
// lies in a file of mode 0600 beside the data. Whoever copies the disk can use it until it is revoked, which is what sets
// this slot apart from a credential in a file: every use is seen in the cloud, and can be ended there. A slot that replaces
// another has its file beside the other's: whatever ends that half-way, there is one slot with its file.

import type { KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { EdgeError, messageOf } from '../errors.ts';
import type { Store } from '../keys/ports.ts';
import type { RootKey } from '../keys/root-key-ports.ts';
import type { SealSlot } from '../keys/seal-ports.ts';
import { draftOf, eraseSecretFile, ownCredentialPath, readCredential, writeSecretFile } from './credential-file.ts';
import { openRootKeySlot, type RootKeyAddress, rootKeyAddressOf, rootKeySlot } from './slot.ts';
import { replaceSlots } from './stored-slots.ts';

/** Reaches a root key. Nothing is sent yet. The caller wipes `secret` afterwards. */
export type OpenRootKey = (address: RootKeyAddress, secret: Buffer) => RootKey;

const fileNames = ['storage-key.key-protect', 'storage-key.key-protect.2'] as const;
/** The files that may hold the API key; each slot names its own. */
export const apiKeyPaths = (dataDirectory: string): readonly string[] =>
  fileNames.map((name) => join(dataDirectory, name));

/** The file of a slot. A database that came out of a backup may name the other one. */
const apiKeyFileOf = (dataDirectory: string, { parameters }: SealSlot): string => {
  const [first, second] = fileNames.map((name) => join(dataDirectory, name)) as [string, string];
  const [named, other] = parameters['apiKeyFile'] === fileNames[1] ? [second, first] : [first, second];
  return !existsSync(named) && existsSync(other) ? other : named;
};

/** The files that no slot uses. */
const unusedFiles = (store: Store, dataDirectory: string): readonly string[] => {
  const slots = store.slots.slots().filter(({ kind }) => kind === 'key-protect');
  const used = slots.map((slot) => apiKeyFileOf(dataDirectory, slot));
  return apiKeyPaths(dataDirectory).filter((path) => !used.includes(path));
};

/** What the first slot that opens holds, or why none does; undefined where there is no such slot. */
export const openFirstRootKey = async (
  slots: readonly SealSlot[],
  dataDirectory: string,
  open: OpenRootKey,
): Promise<{ readonly bytes: Buffer; readonly slotId: string } | { readonly problem: string } | undefined> => {
  let problem: string | undefined;
  for (const slot of slots) {
    if (slot.kind !== 'key-protect') continue;
    try {
      const bytes = await opened(slot, dataDirectory, open);
      if (bytes) return { bytes, slotId: slot.id };
      problem = 'its slot was changed from outside';
    } catch (error) {
      problem = messageOf(error);
    }
  }
  return problem === undefined ? undefined : { problem };
};

const opened = async (slot: SealSlot, dataDirectory: string, open: OpenRootKey): Promise<Buffer | undefined> => {
  const path = apiKeyFileOf(dataDirectory, slot);
  const secret = readCredential({ path, ours: true });
  if (!secret) throw new EdgeError('missing-data', `${path} is missing`);
  const rootKey = open(rootKeyAddressOf(slot), secret);
  try {
    return await openRootKeySlot(slot, rootKey);
  } finally {
    secret.fill(0);
    await rootKey.close();
  }
};

export interface NewRootKeySlot {
  readonly store: Store;
  readonly dataDirectory: string;
  readonly storageKey: KeyObject;
  readonly address: RootKeyAddress;
  /** The API key; wiped here. */
  readonly secret: Buffer;
  readonly open: OpenRootKey;
  readonly now: number;
}

/**
 * Makes a slot that a root key opens, in the place of the one before, once it was seen to open. Throws what {@link RootKey}
 * throws; then all is as it was. One call at a time.
 */
export const addRootKeySlot = async (wanted: NewRootKeySlot): Promise<void> => {
  const { store, dataDirectory, storageKey, address, secret, open, now } = wanted;
  const bytes = storageKey.export();
  const rootKey = open(address, secret);
  try {
    const slot = await rootKeySlot(bytes, rootKey, address, now);
    const again = await openRootKeySlot(slot, rootKey);
    if (!again?.equals(bytes)) throw new EdgeError('internal', 'the new slot of key protect does not open');
    again.fill(0);
    await replaceRootKeySlot(store, dataDirectory, slot, secret);
  } finally {
    bytes.fill(0);
    secret.fill(0);
    await rootKey.close();
  }
};

/** The file first: a slot without it is one that cannot be used, and would look as if it could. The old one goes last. */
const replaceRootKeySlot = async (
  store: Store,
  dataDirectory: string,
  slot: SealSlot,
  secret: Buffer,
): Promise<void> => {
  eraseUnusedFiles(store, dataDirectory);
  const [path] = unusedFiles(store, dataDirectory);
  if (path === undefined) throw new EdgeError('internal', 'two slots of key protect are there');
  const named = { ...slot, parameters: { ...slot.parameters, apiKeyFile: basename(path) } };
  try {
    writeSecretFile(dataDirectory, path, secret);
    await replaceSlots(store, named);
  } finally {
    // What the store holds decides which one that is: a write may have failed after it was committed.
    eraseUnusedFiles(store, dataDirectory);
  }
};

/** API keys that belong to no slot, and drafts: what a crash has left. Throws what the file system does. */
export const eraseUnusedFiles = (store: Store, dataDirectory: string): void => {
  const drafts = apiKeyPaths(dataDirectory).map(draftOf);
  for (const path of [...unusedFiles(store, dataDirectory), ...drafts]) eraseSecretFile(path);
};

/** Takes a slot away, and with it the file of ours that belongs to it. */
export const removeSlot = async (store: Store, dataDirectory: string, { id, kind }: SealSlot): Promise<void> => {
  await store.write(({ slots }) => void slots.deleteSlot(id), { erase: true });
  if (kind === 'key-protect') eraseUnusedFiles(store, dataDirectory);
  if (kind === 'credential') eraseSecretFile(ownCredentialPath(dataDirectory));
};
