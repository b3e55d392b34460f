// The removal of a service instance: all its keys go together, and not before a waiting time is over in which everything is
// kept, nothing is served, and the removal can be taken back. Only time that passes while a server runs counts: for the
// rest there is the wall clock alone, which may be wrong, and what is erased too early is lost.

import { randomUUID } from 'node:crypto';
import type { Cancel, Clock } from '../clock.ts';
import { EdgeError, messageOf } from '../errors.ts';
import type { ServiceInstance } from '../keys/instance-ports.ts';
import type { StoreReader } from '../keys/ports.ts';
import type { Removal } from '../keys/removal-ports.ts';
import { beginErasing, type ErasingParts, erase } from './erasing.ts';
import { lifeOf, remainingOf } from './life.ts';

export interface RemovingParts extends ErasingParts {
  readonly clock: Clock;
  /** Milliseconds for which everything is kept. A removal that was asked for keeps the wait of that moment. */
  readonly wait: number;
}

/** How often the time that was waited is stored: a crash may take away so much of it, to the safe side. */
const storedShare = 1 / 100;
const leastStored = 60_000;
/** From a failure to the next attempt. */
const retryPause = 30_000;

/** What is waited for now. */
interface Wait {
  readonly removal: Removal;
  /** Monotonic milliseconds at which `removal.waited` was true. */
  readonly began: number;
  readonly cancel: Cancel;
}

export class Removing {
  readonly #parts: RemovingParts;
  readonly #waits = new Map<string, Wait>();
  readonly #erasing = new Map<string, Promise<void>>();
  #closed = false;

  constructor(parts: RemovingParts) {
    this.#parts = parts;
  }

  /** Goes on with what waits and with what was being erased. */
  start(): void {
    for (const instance of this.#parts.registry.instances()) if (instance.removal) this.#goOn(instance);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const waits = [...this.#waits];
    for (const [id] of waits) this.#stopWaiting(id);
    await Promise.all(waits.map(([id, wait]) => this.#note(id, this.#waited(wait))));
    await Promise.all(this.#erasing.values());
  }

  /**
   * Begins the wait; nothing of the instance is served any more when this resolves. Harmless twice. Throws `item-not-found`,
   * and `illegal-operation` while its keys are moving.
   */
  async request(name: string, requestedBy: string): Promise<ServiceInstance> {
    const { registry, clock, log, wait } = this.#parts;
    const instance = registry.instanceNamed(name);
    if (instance.removal) return instance;
    const removal: Removal = {
      id: randomUUID(),
      requestedAt: clock.now(),
      requestedBy,
      wait,
      waited: 0,
      erasing: false,
    };
    const requested = await registry.change(instance.id, { removal }, (tx) => {
      requireStill(tx, instance);
      tx.instances.putRemoval(instance.id, removal);
    });
    log.warn('removal of a service instance asked for: its keys are not served', {
      instance: name,
      by: requestedBy,
      wait,
    });
    this.#goOn(requested);
    return requested;
  }

  /**
   * Takes a removal back: the instance is as it was, suspended or not. Throws `illegal-operation` where none waits or it is
   * too late.
   */
  async restore(name: string): Promise<ServiceInstance> {
    const { registry, log } = this.#parts;
    const instance = registry.instanceNamed(name);
    const restored = await registry.change(instance.id, { removal: undefined }, (tx) => {
      requireWaiting(tx, instance, instance.removal);
      tx.instances.deleteRemoval(instance.id);
    });
    this.#stopWaiting(instance.id);
    log.warn('removal of a service instance taken back', { instance: name });
    return restored;
  }

  /** The removal that waits, with the time that has been waited until now. */
  waiting({ id, removal }: ServiceInstance): Removal | undefined {
    const wait = this.#waits.get(id);
    return wait ? this.#waited(wait) : removal;
  }

  #goOn(instance: ServiceInstance): void {
    if (this.#closed) return;
    if (lifeOf(instance) === 'erasing') this.#erase(instance);
    else if (instance.removal) this.#wait(instance.id, instance.removal);
  }

  #wait(id: string, removal: Removal, atLeast = 0): void {
    const { clock } = this.#parts;
    this.#stopWaiting(id);
    const pause = Math.min(remainingOf(removal), Math.max(leastStored, removal.wait * storedShare));
    const cancel = clock.after(Math.max(pause, atLeast), () => {
      const wait = this.#waits.get(id);
      this.#waits.delete(id);
      if (wait) void this.#note(id, this.#waited(wait));
    });
    this.#waits.set(id, { removal, began: clock.monotonic(), cancel });
  }

  #stopWaiting(id: string): void {
    this.#waits.get(id)?.cancel();
    this.#waits.delete(id);
  }

  #waited({ removal, began }: Wait): Removal {
    const passed = Math.floor(this.#parts.clock.monotonic() - began);
    return { ...removal, waited: Math.min(removal.wait, removal.waited + passed) };
  }

  /** Stores how much of the wait is over, or begins to erase at its end. */
  async #note(id: string, removal: Removal): Promise<void> {
    const { registry, log } = this.#parts;
    const instance = this.#instance(id);
    if (instance?.removal?.id !== removal.id) return;
    try {
      if (remainingOf(removal) === 0 && !this.#closed) {
        await beginErasing(this.#parts, instance, (tx) => requireWaiting(tx, instance, removal));
      } else {
        await registry.change(id, { removal }, (tx) => {
          requireWaiting(tx, instance, removal);
          tx.instances.putRemoval(id, removal);
        });
      }
    } catch (error) {
      // It was taken back, or the disk is full; what was waited counts all the same.
      log.warn('the removal of a service instance did not go on', {
        instance: instance.name,
        problem: messageOf(error),
      });
      if (!this.#closed && this.#instance(id)?.removal?.id === removal.id) this.#wait(id, removal, retryPause);
      return;
    }
    const now = this.#instance(id);
    if (now) this.#goOn(now);
  }

  #erase(instance: ServiceInstance): void {
    if (this.#erasing.has(instance.id)) return;
    const erasing = this.#eraseUntilDone(instance).finally(() => this.#erasing.delete(instance.id));
    this.#erasing.set(instance.id, erasing);
  }

  async #eraseUntilDone(instance: ServiceInstance): Promise<void> {
    const { clock, log } = this.#parts;
    try {
      await erase(this.#parts, instance, () => this.#closed);
    } catch (error) {
      log.error('a service instance is not erased yet', { instance: instance.name, problem: messageOf(error) });
      clock.after(retryPause, () => this.#goOn(instance));
    }
  }

  #instance(id: string): ServiceInstance | undefined {
    return this.#parts.registry.instances().find((candidate) => candidate.id === id);
  }
}

/** As it is in the transaction: what was asked for before may have changed it. */
const current = ({ instances }: Pick<StoreReader, 'instances'>, { id, name }: ServiceInstance): ServiceInstance => {
  const found = instances.instances().find((candidate) => candidate.id === id);
  if (found) return found;
  throw new EdgeError('item-not-found', `there is no service instance named '${name}' any more`);
};

const requireStill = (tx: Pick<StoreReader, 'instances' | 'moves'>, instance: ServiceInstance): void => {
  current(tx, instance);
  const moving = tx.moves.moves().some(({ instanceId, state }) => instanceId === instance.id && state === 'running');
  if (!moving) return;
  throw new EdgeError('illegal-operation', `the keys of '${instance.name}' are moving to another upstream`, {
    hint: "stop that first: 'kmip-edge instance migrate NAME --stop'",
  });
};

/** Throws where `expected` does not wait any more, though another one may. */
const requireWaiting = (
  tx: Pick<StoreReader, 'instances'>,
  instance: ServiceInstance,
  expected: Removal | undefined,
): void => {
  const { removal } = current(tx, instance);
  if (removal && !removal.erasing && removal.id === expected?.id) return;
  throw new EdgeError(
    'illegal-operation',
    removal?.erasing
      ? `the keys of '${instance.name}' are being erased: that cannot be taken back`
      : `no removal of '${instance.name}' waits`,
  );
};
