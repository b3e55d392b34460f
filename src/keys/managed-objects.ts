// Acts on objects beyond those on a single key: several made at once, any change to an object and its attributes, and the
// undoing of a batch. As in the key service, each one checks, records how it ended, and is durable with its record.

import { shorten } from '../shorten.ts';
import { requireLocal, visible } from './access.ts';
import type { Keep, MadeKey } from './authority.ts';
import type { CachedKey } from './cache-ports.ts';
import type { Caller } from './caller.ts';
import { type Journal, writeNoted } from './journal.ts';
import { requireNameFree } from './names.ts';
import type { Seconds } from './object.ts';
import type { ObjectWriter } from './object-ports.ts';
import type { StoreWriter } from './ports.ts';
import { problemOf, success } from './record.ts';
import type { KeyServiceOptions } from './service-options.ts';
import type { Alter, WantedObject } from './wanted.ts';

type Change = (objects: ObjectWriter, now: Seconds) => void;

export class ManagedObjects {
  readonly #options: KeyServiceOptions;

  constructor(options: KeyServiceOptions) {
    this.#options = options;
  }

  /**
   * Makes objects in one transaction, or none of them: an object without material is made by the authority. `also` changes
   * others in the same transaction. Throws as the key service's `create`, and `operation-not-supported` where an endpoint
   * decides.
   */
  async registerAll(
    caller: Caller,
    operation: string,
    wanted: readonly WantedObject[],
    also: Change = nothing,
    options: { readonly erase?: boolean } = {},
  ): Promise<void> {
    const { store, cache, authorityOfInstance, requireActive } = this.#options;
    const made: MadeKey[] = [];
    const keep: Keep = async (one) => void made.push(one);
    const write = (tx: StoreWriter): void => {
      requireActive(caller);
      also(tx.objects, this.#now());
      for (const { settle, object, attributes } of made) {
        settle(tx);
        tx.objects.insert(object, attributes);
        tx.audit.record(success(caller, operation, object.uid));
      }
    };
    try {
      requireActive(caller);
      const authority = authorityOfInstance(caller.instanceId);
      requireLocal(authority, operation);
      for (const { uid, key, material } of wanted) {
        await (material ? authority.register(key, material, uid, keep) : authority.create(key, uid, keep));
      }
      await writeNoted(store, caller, write, options);
    } catch (error) {
      this.#recordProblem(caller, operation, wanted[0]?.uid, error);
      throw error;
    } finally {
      for (const { uid } of wanted) cache.delete(uid);
    }
  }

  /**
   * Changes an object and its kept attributes by `alter`, which sees them as they are when the change commits. Throws what
   * `alter` throws, `item-not-found`, and `operation-not-supported` where an endpoint holds the object.
   */
  async alter<T>(caller: Caller, operation: string, uid: string, alter: Alter<T>): Promise<T> {
    const { store, cache, authorityOf, authorityOfInstance, requireActive } = this.#options;
    const write = (tx: StoreWriter): T => {
      requireActive(caller);
      const { objects } = tx;
      const current = visible(caller, uid, objects.find(uid));
      const attributes = objects.attributesOf(uid);
      const altered = alter(current, attributes, this.#now());
      if (altered.object) objects.update(altered.object);
      if (altered.attributes) {
        const added = altered.attributes.filter((one) => !attributes.includes(one));
        objects.setAttributes(uid, altered.attributes);
        requireNameFree(objects, caller.instanceId, added, 'illegal-operation', uid);
      }
      tx.audit.record(success(caller, operation, uid));
      return altered.result;
    };
    try {
      requireActive(caller);
      const found = store.objects.find(uid) ?? (await authorityOfInstance(caller.instanceId).find(uid));
      requireLocal(authorityOf(visible(caller, uid, found).upstreamId), operation);
      return await writeNoted(store, caller, write);
    } catch (error) {
      this.#recordProblem(caller, operation, uid, error);
      throw error;
    } finally {
      cache.delete(uid);
    }
  }

  /** Notes that a client has got the key: it is not fresh any more. Nobody waits for this, and it may be lost in a crash. */
  served(key: CachedKey): void {
    const { store, cache } = this.#options;
    const { fresh, ...known } = key;
    if (!fresh) return;
    if (cache.get(key.uid) === key) cache.set(key.uid, known);
    const change = ({ objects }: StoreWriter): void => {
      const current = objects.find(key.uid);
      if (current?.fresh) objects.update({ ...current, fresh: false });
    };
    // The next Get of a key that is still fresh in the store tries again.
    store.write(change).catch(nothing);
  }

  /** What a client wants to have written down. */
  note(caller: Caller, text: string): void {
    this.#options.recorder.record({ ...success(caller, 'Log', undefined), subject: { message: shorten(text) } });
  }

  /** Undoes what the journal has, all of it or, where that fails, nothing yet. */
  async undo(caller: Caller, journal: Journal): Promise<void> {
    const { store, cache } = this.#options;
    const write = ({ undo, audit }: StoreWriter): void => {
      for (const { uid } of undo.undo(journal.batch)) audit.record(success(caller, 'Undo', uid));
    };
    try {
      await store.write(write, { erase: true });
    } catch (error) {
      this.#recordProblem(caller, 'Undo', undefined, error);
      this.#options.undoLater(journal.batch);
      throw error;
    } finally {
      for (const uid of journal.uids) cache.delete(uid);
    }
  }

  /**
   * The batch stays as it is: what was kept to undo it is erased, and what it destroyed is gone for good when this resolves.
   * Where that fails, the batch is undone.
   */
  async settle(caller: Caller, journal: Journal): Promise<void> {
    if (journal.uids.size === 0) return;
    try {
      await this.#options.store.write(({ undo }) => undo.settle(journal.batch), { erase: true });
    } catch (error) {
      await this.undo(caller, journal);
      throw error;
    }
  }

  #recordProblem(caller: Caller, operation: string, uid: string | undefined, error: unknown): void {
    this.#options.recorder.record({ ...success(caller, operation, uid), ...problemOf(error) });
  }

  #now(): Seconds {
    return Math.floor(this.#options.clock.now() / 1000);
  }
}

const nothing = (): void => {};
