// The credential of this machine, once the storage key is open: made where there is none, made anew where the one there is
// cannot be used, handed over to a TPM. Serving the keys never depends on it: what cannot be written now, on a full disk,
// is tried again at the next start, and until then all that opened the storage key still does.

import { EdgeError, isKind, messageOf } from '../errors.ts';
import type { Store } from '../keys/ports.ts';
import type { SealSlot } from '../keys/seal-ports.ts';
import { type Log, silentLog } from '../log.ts';
import { type CredentialPlace, eraseSecretFile, putNewCredential, readCredential } from './credential-file.ts';
import { credentialSlot, type Keeper } from './slot.ts';
import { isStored, replaceSlots } from './stored-slots.ts';

export interface MachineCredentialOptions {
  readonly store: Store;
  readonly dataDirectory: string;
  readonly now: number;
  readonly log?: Log | undefined;
}

/** What lies in a place: a credential, one that cannot be used, or nothing. */
export interface Found {
  readonly place: CredentialPlace;
  readonly credential?: Buffer | undefined;
  /** Why it cannot be used. */
  readonly problem?: EdgeError;
}

/** Never throws for what is wrong with one place: it must not keep the others from opening. */
export const lookInto = (place: CredentialPlace): Found => {
  try {
    return { place, credential: readCredential(place) };
  } catch (error) {
    if (!isKind(error, 'storage-locked')) throw error;
    return { place, problem: error };
  }
};

/** Who keeps what lies in a place. */
export const keeperOf = ({ ours }: CredentialPlace): Keeper => (ours ? 'file' : 'systemd');

/**
 * A machine that has got a TPM takes over from the file on the disk, which is erased then; but only where a recovery
 * passphrase is set, because a TPM can be lost with its machine. Gives the slot that opens from now on, where it did.
 */
export const keptByMachine = async (
  options: MachineCredentialOptions,
  storageKey: Buffer,
  by: CredentialPlace,
  { place, credential }: Found,
): Promise<SealSlot | undefined> => {
  const { store, now } = options;
  if (!by.ours || place.ours || !credential) return undefined;
  if (!store.slots.slots().some(({ kind }) => kind === 'passphrase')) return undefined;
  const slot = credentialSlot(storageKey, credential, 'systemd', now);
  await tried(options, 'the credential of this machine did not take over from the file', async () => {
    await replaceSlots(store, slot);
    eraseSecretFile(by.path);
  });
  return isStored(store, slot) ? slot : undefined;
};

/** A credential that opens nothing here is made good; one that was taken away on purpose stays away. */
export const mendCredential = async (
  options: MachineCredentialOptions,
  storageKey: Buffer,
  found: readonly Found[],
): Promise<void> => {
  if (!options.store.slots.slots().some(({ kind }) => kind === 'credential')) return;
  await tried(options, 'the credential of this machine was not made good', () =>
    replaceCredentialSlot(options, storageKey, found),
  );
};

const tried = async ({ log = silentLog }: MachineCredentialOptions, failure: string, act: () => Promise<void>) => {
  try {
    await act();
  } catch (error) {
    log.error(failure, { problem: messageOf(error) });
  }
};

/**
 * Makes the slot of what lies in the first place that can be used; in our own, a new credential is made where it is needed.
 * Where that fails, all is as it was.
 */
export const replaceCredentialSlot = async (
  options: MachineCredentialOptions,
  storageKey: Buffer,
  found: readonly Found[],
): Promise<void> => {
  const { store, dataDirectory, now } = options;
  const chosen = found.find(({ place, credential }) => place.ours || credential);
  if (!chosen) throw new EdgeError('internal', 'no place for a credential is ours');
  const { place, credential } = chosen;
  if (credential) return replaceSlots(store, credentialSlot(storageKey, credential, keeperOf(place), now));
  const made = putNewCredential(dataDirectory, place);
  const slot = credentialSlot(storageKey, made.credential, keeperOf(place), now);
  try {
    await replaceSlots(store, slot);
  } catch (error) {
    if (!isStored(store, slot)) made.undo();
    throw error;
  }
  if (made.aside === undefined) return;
  const left = eraseOrLeave(made.aside);
  (options.log ?? silentLog).warn('a new credential was made in the place of one that cannot be used', {
    problem: chosen.problem?.message,
    left,
  });
};

/** It opens nothing here any more, but may open an older copy of the data. Gives what is still there: what is no file. */
const eraseOrLeave = (path: string): string | undefined => {
  try {
    eraseSecretFile(path);
    return undefined;
  } catch {
    return path;
  }
};
