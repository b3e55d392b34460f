// The start of everything that needs the storage key: it is opened, or the server waits, locked, until it is; then come the
// sealer and the seal.

import type { Clock } from '../clock.ts';
import type { Damage } from '../damage.ts';
import { EdgeError } from '../errors.ts';
import type { Store } from '../keys/ports.ts';
import type { Sealer } from '../keys/seal-ports.ts';
import type { Log } from '../log.ts';
import { readMachineFacts } from '../machine.ts';
import type { PassedSockets } from '../passed-sockets.ts';
import type { OpenRootKey } from '../seal/key-protect-slot.ts';
import { createSealer } from '../seal/sealer.ts';
import { openStorageKey } from '../seal/storage-key.ts';
import type { Secret } from '../secret.ts';
import type { ServiceManager } from '../telemetry/service-manager.ts';
import { openOrWait } from './locked.ts';
import { type LockedHttpsParts, lockedHttps } from './locked-https.ts';
import { StorageSeal } from './storage-seal.ts';

export interface OpenStorageParts {
  readonly store: Store;
  readonly dataDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly recoveryPassphrase?: Secret | undefined;
  /** Where no slot opens: wait until somebody opens it. Else that is an error. */
  readonly wait: boolean;
  readonly openRootKey: OpenRootKey;
  readonly config: Pick<LockedHttpsParts, 'admin' | 'server'>;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly damage: Damage;
  readonly manager: ServiceManager;
  readonly sockets: PassedSockets;
}

export interface OpenStorage {
  readonly storageKey: Parameters<typeof createSealer>[0];
  readonly sealer: Sealer;
  readonly seal: StorageSeal;
}

/**
 * Throws `storage-locked` where no slot opens, and `not-ready` where one was opened later while a passed socket was in use:
 * that socket is gone for this process, and the next start has it again.
 */
export const openStorage = async (parts: OpenStorageParts): Promise<OpenStorage> => {
  const { store, dataDirectory, environment, recoveryPassphrase, openRootKey, config, clock, log, damage, sockets } =
    parts;
  const machine = readMachineFacts(environment, log);
  const { key: storageKey, slotId } = await openOrWait({
    ...{ store, dataDirectory, machine, version: parts.version, clock, log, wait: parts.wait },
    open: (given = recoveryPassphrase) =>
      openStorageKey({
        ...{ store, dataDirectory, environment, openRootKey, now: clock.now(), log },
        recoveryPassphrase: given,
      }),
    serveHttps: lockedHttps({ ...{ store, clock, log, damage }, ...config, passed: () => sockets.take('page') }),
    onLocked: (problem) => parts.manager.ready(() => `locked: ${problem}`),
  });
  if (sockets.taken) throw new EdgeError('not-ready', 'the stored keys were opened: the server starts anew');
  const sealer = createSealer(storageKey);
  const seal = await StorageSeal.open({
    ...{ store, dataDirectory, storageKey, slotId, sealer, machine, openRootKey, clock, damage },
  });
  return { storageKey, sealer, seal };
};
