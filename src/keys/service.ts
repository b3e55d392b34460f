// Acts on keys. Each one checks that the caller's service instance owns the object, and records how it ended, refusals too,
// before it is answered; what changes anything resolves once it is durable together with its record.

import type { KeyObject } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import type { Attribute } from '../kmip/template-attribute.ts';
import type { Version } from '../kmip/version.ts';
import { cachedKey, requireLocal, visible } from './access.ts';
import type { ServedFrom } from './audit-ports.ts';
import type { Authority, Change, Keep, Told } from './authority.ts';
import type { CachedKey } from './cache-ports.ts';
import type { Caller } from './caller.ts';
import { newIdentifier } from './identifier.ts';
import { writeNoted } from './journal.ts';
import { activate, destroy, requireMaterial, revoke } from './life-cycle.ts';
import { ManagedObjects } from './managed-objects.ts';
import { requireNameFree } from './names.ts';
import type { NewKey } from './new-key.ts';
import type { KeptAttribute, ManagedObject, RevocationReason, Seconds } from './object.ts';
import type { ObjectWriter } from './object-ports.ts';
import type { StoreWriter } from './ports.ts';
import { problemOf, success } from './record.ts';
import { type Search, searchPages } from './search-pages.ts';
import type { KeyServiceOptions } from './service-options.ts';
import { addToObject, checkAddition } from './template.ts';

interface WantedChange<T> {
  readonly operation: string;
  readonly uid: string;
  /** For an authority that makes it elsewhere. */
  readonly change: Change;
  /** Makes it here, from the object as it is when the change commits. */
  readonly act: (current: ManagedObject, objects: ObjectWriter, now: Seconds) => T;
  /** The result where it was made elsewhere. */
  readonly told: (told: Told) => T;
  /** Throws what no authority need be asked. */
  readonly check?: () => void;
}

export class KeyService {
  /** What there is beyond single keys. */
  readonly objects: ManagedObjects;
  readonly #options: KeyServiceOptions;

  constructor(options: KeyServiceOptions) {
    this.#options = options;
    this.objects = new ManagedObjects(options);
  }

  /** Makes a key and stores it. Throws the errors of the authority, and `invalid-field` for a name that is taken. */
  create(caller: Caller, key: NewKey): Promise<ManagedObject> {
    return this.#insert(caller, 'Create', (authority, uid, keep) => authority.create(key, uid, keep));
  }

  /** Takes in a key that the client brought. Throws as {@link create}. */
  register(caller: Caller, key: NewKey, material: KeyObject): Promise<ManagedObject> {
    return this.#insert(caller, 'Register', (authority, uid, keep) => authority.register(key, material, uid, keep));
  }

  /**
   * The key with its material. Throws `item-not-found`, `object-destroyed` for a destroyed key (KMIP 1.4 section 11.12:
   * only attributes are left), or the errors of {@link Authority.open}.
   */
  async get(caller: Caller, uid: string, operation = 'Get'): Promise<CachedKey> {
    const { cache, uses, authorityOf, requireActive } = this.#options;
    try {
      requireActive(caller);
      const cached = cache.get(uid);
      if (cached && authorityOf(visible(caller, uid, cached).upstreamId).servesFromMemory(uid)) {
        this.#record(caller, operation, uid, 'memory');
        uses.fetched(caller, uid);
        return cached;
      }
      return await this.#getUncached(caller, uid, operation);
    } catch (error) {
      this.#recordProblem(caller, operation, uid, error);
      throw error;
    }
  }

  async #getUncached(caller: Caller, uid: string, operation: string): Promise<CachedKey> {
    const { cache, store, uses } = this.#options;
    const { current, authority, material, from } = await this.#openAsItIs(caller, uid);
    const key = cachedKey(caller, authority, current, store.objects.attributesOf(uid), material);
    // A key that moved meanwhile is the next one's to keep.
    if (authority.keepsInMemory() && current.upstreamId === authority.upstreamId) cache.set(uid, key);
    this.#record(caller, operation, uid, from);
    uses.fetched(caller, uid);
    return key;
  }

  /** The object and its material as they are in the end, whatever became of them meanwhile. */
  async #openAsItIs(caller: Caller, uid: string) {
    const { store, authorityOf, requireActive } = this.#options;
    for (let object = visible(caller, uid, await this.#find(caller, uid)); ; ) {
      requireMaterial(object);
      const authority = authorityOf(object.upstreamId);
      const opened = await authority.open(object);
      // The object may have been destroyed or changed, and its instance suspended, while its material was on its way.
      requireActive(caller);
      const current = visible(caller, uid, store.objects.find(uid));
      requireMaterial(current);
      // An import may have put another key in its place, which has a wrapped form of its own.
      if (current.wrapped?.text === object.wrapped?.text) return { ...opened, current, authority };
      object = current;
    }
  }

  /** The object and its kept attributes, for `operation` to answer from. Throws `item-not-found`. */
  async describe(
    caller: Caller,
    operation: string,
    uid: string,
  ): Promise<{ object: ManagedObject; attributes: readonly KeptAttribute[] }> {
    const { store, authorityOf, requireActive } = this.#options;
    try {
      requireActive(caller);
      const known = visible(caller, uid, await this.#find(caller, uid));
      const refreshing = authorityOf(known.upstreamId).refresh(known);
      await refreshing;
      const object = refreshing !== undefined ? visible(caller, uid, store.objects.find(uid)) : known;
      this.#record(caller, operation, uid, refreshing !== undefined ? 'upstream' : 'store');
      return { object, attributes: store.objects.attributesOf(uid) };
    } catch (error) {
      this.#recordProblem(caller, operation, uid, error);
      throw error;
    }
  }

  /** Unique identifiers, oldest first. */
  async locate(caller: Caller, search: Search): Promise<readonly string[]> {
    const { store, authorityOfInstance, requireActive } = this.#options;
    try {
      requireActive(caller);
      const refreshing = search.maximum > 0 ? authorityOfInstance(caller.instanceId).refreshList() : undefined;
      await refreshing;
      const found =
        search.maximum > 0 ? await searchPages(store.objects, caller, search, () => requireActive(caller)) : [];
      this.#record(caller, 'Locate', undefined, refreshing !== undefined ? 'upstream' : 'store');
      return found;
    } catch (error) {
      this.#recordProblem(caller, 'Locate', undefined, error);
      throw error;
    }
  }

  /**
   * KMIP Add Attribute: a kept attribute, or a date. Throws as {@link addToObject}, `item-not-found`, and
   * `illegal-operation` for a name that is taken.
   */
  addAttribute(
    caller: Caller,
    uid: string,
    given: Attribute,
    version: Version,
  ): Promise<{ readonly attribute?: { readonly index: number; readonly value?: Buffer } }> {
    const add = (current: ManagedObject, objects: ObjectWriter, now: Seconds) => {
      const added = addToObject(current, objects.attributesOf(uid), given, version, now);
      if (added.attribute) {
        requireNameFree(objects, caller.instanceId, [added.attribute], 'illegal-operation');
        objects.addAttribute(uid, added.attribute);
      }
      objects.update(added.object);
      return added.attribute ? { attribute: added.attribute } : {};
    };
    const told = ({ index }: Told) => (index === undefined ? {} : { attribute: { index } });
    const change = { act: 'add attribute', attribute: given } as const;
    const check = () => checkAddition(given, version);
    return this.#change(caller, { operation: 'AddAttribute', uid, change, act: add, told, check });
  }

  /** KMIP Activate. */
  activate(caller: Caller, uid: string): Promise<void> {
    const act = (current: ManagedObject, objects: ObjectWriter, now: Seconds) => objects.update(activate(current, now));
    return this.#change(caller, { operation: 'Activate', uid, change: { act: 'activate' }, act, told: nothing });
  }

  /** KMIP Revoke; see {@link revoke}. */
  revoke(
    caller: Caller,
    uid: string,
    reason: RevocationReason,
    compromise: { readonly occurred?: Seconds | undefined } | undefined,
  ): Promise<void> {
    const act = (current: ManagedObject, objects: ObjectWriter, now: Seconds) =>
      objects.update(revoke(current, reason, compromise, now));
    const change = { act: 'revoke', reason, compromise } as const;
    return this.#change(caller, { operation: 'Revoke', uid, change, act, told: nothing });
  }

  /** KMIP Destroy: the material is gone from store, log and memory when this resolves. */
  destroy(caller: Caller, uid: string): Promise<void> {
    const act = (current: ManagedObject, objects: ObjectWriter, now: Seconds) => objects.update(destroy(current, now));
    return this.#change(caller, { operation: 'Destroy', uid, change: { act: 'destroy' }, act, told: nothing });
  }

  async #insert(
    caller: Caller,
    operation: string,
    make: (authority: Authority, uid: string, keep: Keep) => Promise<void>,
  ): Promise<ManagedObject> {
    const { store, cache, clock, authorityOfInstance, requireActive } = this.#options;
    const proposed = newIdentifier(clock.now());
    let stored: ManagedObject | undefined;
    try {
      requireActive(caller);
      const authority = authorityOfInstance(caller.instanceId);
      await make(authority, proposed, async ({ object, attributes, material, settle, lingers = false }) => {
        const write = (tx: StoreWriter): void => {
          requireActive(caller);
          settle(tx);
          tx.objects.insert(object, attributes);
          tx.audit.record(success(caller, operation, object.uid));
        };
        await writeNoted(store, caller, write, { lingers });
        stored = object;
        if (material && authority.keepsInMemory())
          cache.set(object.uid, cachedKey(caller, authority, object, attributes, material));
      });
      if (!stored) throw new EdgeError('internal', 'a key was made and not stored');
    } catch (error) {
      this.#recordProblem(caller, operation, proposed, error);
      throw error;
    }
    return stored;
  }

  async #change<T>(caller: Caller, wanted: WantedChange<T>): Promise<T> {
    const { store, cache, authorityOf, requireActive } = this.#options;
    const { operation, uid, change } = wanted;
    try {
      requireActive(caller);
      const object = visible(caller, uid, await this.#find(caller, uid));
      wanted.check?.();
      const authority = authorityOf(object.upstreamId);
      if (caller.journal) requireLocal(authority, 'undoing a batch');
      const told = await authority.tell(object, change);
      const act = (objects: ObjectWriter): T => {
        const current = visible(caller, uid, objects.find(uid));
        if (!told) {
          requireActive(caller);
          return wanted.act(current, objects, this.#now());
        }
        objects.update(told.object(current, this.#now()));
        if (told.attributes) objects.setAttributes(uid, told.attributes);
        return wanted.told(told);
      };
      const write = (tx: StoreWriter): T => {
        const result = act(tx.objects);
        tx.audit.record(success(caller, operation, uid));
        return result;
      };
      return await writeNoted(store, caller, write, { erase: change.act === 'destroy' });
    } catch (error) {
      this.#recordProblem(caller, operation, uid, error);
      throw error;
    } finally {
      cache.delete(uid);
    }
  }

  /** The object as our store has it, or as an authority finds it elsewhere. */
  async #find(caller: Caller, uid: string): Promise<ManagedObject | undefined> {
    const { store, authorityOfInstance } = this.#options;
    return store.objects.find(uid) ?? (await authorityOfInstance(caller.instanceId).find(uid));
  }

  /** A read that succeeds; changes record themselves where they commit. */
  #record(caller: Caller, operation: string, uid: string | undefined, servedFrom: ServedFrom): void {
    const { clientName: name, fingerprint, address, instanceId } = caller;
    const who = { by: 'client', name, address, fingerprint, instanceId } as const;
    this.#options.recorder.record({ ...who, operation, uid, outcome: 'success', servedFrom });
  }

  #recordProblem(caller: Caller, operation: string, uid: string | undefined, error: unknown): void {
    this.#options.recorder.record({ ...success(caller, operation, uid), ...problemOf(error) });
  }

  #now(): Seconds {
    return Math.floor(this.#options.clock.now() / 1000);
  }
}

const nothing = (): void => {};
