// Undoing that comes late: of batches that a server which ended had not decided, and of those whose undoing the store did not
// take. It is tried until the store takes it, because the clients of such a batch were told that nothing of it stays.

import type { Cancel, Clock } from '../clock.ts';
import type { Damage } from '../damage.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { KeyCache } from './cache-ports.ts';
import type { Store, StoreWriter } from './ports.ts';

export interface LateUndoParts {
  readonly store: Store;
  readonly cache: Pick<KeyCache, 'delete'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly damage: Pick<Damage, 'orElse'>;
}

/** Milliseconds. */
const retryAfter = 5000;

export class LateUndo {
  readonly #parts: LateUndoParts;
  /** Not those that are at work: they decide themselves. */
  readonly #batches = new Set<string>();
  #cancel: Cancel = () => {};
  #closed = false;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: LateUndoParts) {
    this.#parts = parts;
  }

  /** Undoes what was not decided when the server ended. To be awaited before anybody is served; never throws. */
  async start(): Promise<void> {
    const { store, damage } = this.#parts;
    const meaning = 'what a batch did that was not decided when the server ended is not undone';
    const batches = damage.orElse('table undecided', meaning, () => store.undo.undecided(), []);
    for (const batch of batches) this.#batches.add(batch);
    await this.#all();
  }

  /** Undoes a batch as soon as the store takes it. */
  add(batch: string): void {
    this.#batches.add(batch);
    this.#later();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#running;
  }

  #later(): void {
    this.#cancel();
    if (this.#closed || this.#batches.size === 0) return;
    this.#cancel = this.#parts.clock.after(retryAfter, () => {
      this.#running = this.#all();
    });
  }

  async #all(): Promise<void> {
    const { log } = this.#parts;
    for (const batch of [...this.#batches]) {
      try {
        await this.#undo(batch);
        this.#batches.delete(batch);
      } catch (error) {
        // A disk that takes no change must not keep from being served what is there.
        log.error('what a batch did was not undone yet', { problem: messageOf(error), again: retryAfter / 1000 });
      }
    }
    this.#later();
  }

  async #undo(batch: string): Promise<void> {
    const { store, cache } = this.#parts;
    const act = { by: 'server', name: 'kmip-edge', address: '', operation: 'Undo', outcome: 'success' } as const;
    const undo = ({ undo, audit }: StoreWriter): readonly string[] => {
      const undone = undo.undo(batch);
      for (const { uid, instanceId } of undone) audit.record({ ...act, uid, instanceId });
      return undone.map(({ uid }) => uid);
    };
    for (const uid of await store.write(undo, { erase: true })) cache.delete(uid);
  }
}
