// A server whose storage key no slot opens by itself. It serves no key, but it is there: the console, the command line and
// the page say why, and take the recovery passphrase. Meanwhile Key Protect is asked again, where it has a slot: it may be
// the network that is missing.

import { join } from 'node:path';
import type { Cancel, Clock } from '../clock.ts';
import { EdgeError, isKind, messageOf } from '../errors.ts';
import type { Store } from '../keys/ports.ts';
import type { Log } from '../log.ts';
import type { MachineFacts } from '../machine.ts';
import type { OpenedStorageKey } from '../seal/storage-key.ts';
import { Secret } from '../secret.ts';
import { LockOut } from './access/lock-out.ts';
import type { Actor } from './actor.ts';
import type { SealView } from './api/seal.ts';
import { socketName } from './api/table.ts';
import { describeApi } from './openapi.ts';
import { forEachRoute, type Handlers } from './routes.ts';
import { lastUsed, sealedData, slotView } from './seal-views.ts';
import { serveAdmin } from './server.ts';

export interface LockedParts {
  readonly store: Store;
  readonly dataDirectory: string;
  readonly machine: MachineFacts | undefined;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  /** False: what does not open is an error. */
  readonly wait: boolean;
  /** Tries the slots, with a recovery passphrase where one is given. Throws `storage-locked`. */
  readonly open: (passphrase?: Secret) => Promise<OpenedStorageKey>;
  /** Serves the handlers over HTTPS too; gives how to end that. */
  readonly serveHttps?: (handlers: Handlers) => Promise<() => Promise<void>>;
  /** Told when it turns out to be locked, with the reason. */
  readonly onLocked?: (problem: string) => Promise<void>;
}

/** Milliseconds between two tries without anybody. */
const pause = 30_000;

/** Opens the storage key, or waits until somebody, or Key Protect, opens it. Throws what is no matter of a key. */
export const openOrWait = async (parts: LockedParts): Promise<OpenedStorageKey> => {
  try {
    return await parts.open();
  } catch (error) {
    if (!parts.wait || !isKind(error, 'storage-locked') || parts.store.slots.slots().length === 0) throw error;
    return waitUntilOpen(parts, error);
  }
};

const waitUntilOpen = async (parts: LockedParts, first: EdgeError): Promise<OpenedStorageKey> => {
  const { log, dataDirectory } = parts;
  log.error('the stored keys are locked: none is served', { problem: first.message, hint: first.hint });
  const { promise, resolve } = Promise.withResolvers<OpenedStorageKey>();
  const waiting = new Waiting(parts, first, resolve);
  const handlers = lockedHandlers(parts, waiting);
  const admin = await serveAdmin({ socketPath: join(dataDirectory, socketName), handlers, log });
  const endHttps = await parts.serveHttps?.(handlers);
  try {
    await parts.onLocked?.(first.message);
    waiting.start();
    return await promise;
  } finally {
    waiting.stop();
    await endHttps?.();
    // Whoever opened it has its answer first.
    await admin.close();
    log.info('the stored keys are open');
  }
};

class Waiting {
  readonly #parts: LockedParts;
  readonly #done: (opened: OpenedStorageKey) => void;
  readonly #lockOut: LockOut;
  #reason: EdgeError;
  #trying = false;
  #opened = false;
  #cancel: Cancel = () => {};

  constructor(parts: LockedParts, first: EdgeError, done: (opened: OpenedStorageKey) => void) {
    this.#parts = parts;
    this.#done = done;
    this.#reason = first;
    this.#lockOut = new LockOut(parts.clock);
  }

  get reason(): EdgeError {
    return this.#reason;
  }

  /** Where Key Protect has a slot, it is asked again and again. */
  start(): void {
    if (!this.#parts.store.slots.slots().some(({ kind }) => kind === 'key-protect')) return;
    this.#cancel = this.#parts.clock.after(pause, () => {
      void this.#again().finally(() => {
        if (!this.#opened) this.start();
      });
    });
  }

  stop(): void {
    this.#opened = true;
    this.#cancel();
  }

  /** Each try costs 128 MiB and half a second: one at a time, and who guesses waits. */
  async unlock(passphrase: string, { address }: Actor): Promise<{ readonly opened: boolean }> {
    this.#lockOut.check(address);
    if (this.#trying) throw new EdgeError('not-ready', 'a passphrase is being tried just now', { hint: 'try again' });
    this.#lockOut.failed(address);
    await this.#try(new Secret(passphrase));
    this.#lockOut.succeeded(address);
    return { opened: true };
  }

  async #again(): Promise<void> {
    if (this.#trying) return;
    try {
      await this.#try();
    } catch (error) {
      if (isKind(error, 'storage-locked')) this.#reason = error;
      else this.#parts.log.error('the stored keys were not opened', { problem: messageOf(error) });
    }
  }

  async #try(passphrase?: Secret): Promise<void> {
    this.#trying = true;
    try {
      const opened = await this.#parts.open(passphrase);
      this.#opened = true;
      // The answer first: this ends the server that gives it.
      setImmediate(() => this.#done(opened));
    } finally {
      this.#trying = false;
    }
  }
}

const lockedHandlers = (parts: LockedParts, waiting: Waiting): Handlers => {
  const { store, machine, version } = parts;
  const usedAt = lastUsed(store);
  const view = (): SealView => ({
    state: 'locked',
    problem: waiting.reason.message,
    ...(waiting.reason.hint === undefined ? {} : { hint: waiting.reason.hint }),
    slots: store.slots.slots().map((slot) => slotView(slot, machine, undefined)),
    data: { ...sealedData(store, usedAt), machine: 'unknown' },
  });
  const locked = (_input: unknown, { kind }: Actor): never => {
    const reason = kind === 'box' ? `: ${waiting.reason.message}` : '';
    throw new EdgeError('storage-locked', `the stored keys are locked${reason}`, {
      hint: "give the recovery passphrase: 'kmip-edge seal unlock'",
    });
  };
  const notReady = (): never => {
    throw new EdgeError('storage-locked', 'not ready: the stored keys are locked');
  };
  return {
    ...forEachRoute(locked),
    'seal.show': view,
    'seal.unlock': ({ passphrase }, actor) => waiting.unlock(passphrase, actor),
    'health.live': () => ({ status: 'ok' }),
    health: notReady,
    'health.ready': notReady,
    openapi: () => describeApi(version),
  };
};
