// Acts on keys. Each one checks (the caller's service instance owns the object), records (refusals too), and only then
// acts; what changes anything resolves once it is durable.

import { type KeyObject, randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { EdgeError, messageOf } from '../errors.ts';
import type { Authority, ProtectedMaterial } from './authority.ts';
import type { Caller } from './caller.ts';
import { activate, destroy, isDestroyed, revoke } from './life-cycle.ts';
import type { KeptAttribute, ManagedObject, ObjectDates, RevocationReason, Seconds } from './object.ts';
import type { CachedKey, KeyCache, ObjectReader, ObjectWriter, Recorder, Store } from './ports.ts';

/** A symmetric key to be: what a template settles. */
export interface NewKey {
  readonly objectType: number;
  readonly cryptographicAlgorithm: number;
  /** In bits, a multiple of 8. */
  readonly cryptographicLength: number;
  readonly cryptographicUsageMask: number;
  readonly dates: Partial<Omit<ObjectDates, 'initialDate' | 'lastChangeDate'>>;
  readonly attributes: readonly KeptAttribute[];
}

/** What Locate looks for: kept attributes by value through the index, everything else by `matches`. */
export interface Search {
  readonly uid?: string;
  readonly attributes: readonly { readonly name: string; readonly value: Buffer }[];
  readonly matches: (object: ManagedObject) => boolean;
  readonly maximum: number;
  /** How many matches are passed over first. */
  readonly offset: number;
}

export interface KeyServiceOptions {
  readonly store: Store;
  readonly cache: KeyCache;
  readonly recorder: Recorder;
  readonly clock: Clock;
  /** The authority of a service instance that exists. */
  readonly authorityOf: (instanceId: string) => Authority;
}

export class KeyService {
  readonly #options: KeyServiceOptions;

  constructor(options: KeyServiceOptions) {
    this.#options = options;
  }

  /** Makes a key and stores it. Throws the errors of the authority, and `invalid-field` for a name that is taken. */
  create(caller: Caller, key: NewKey): Promise<ManagedObject> {
    const bytes = key.cryptographicLength / 8;
    return this.#insert(caller, 'Create', key, (authority, uid) => authority.create(bytes, uid));
  }

  /** Takes in a key that the client brought. Throws as {@link create}. */
  register(caller: Caller, key: NewKey, material: KeyObject): Promise<ManagedObject> {
    return this.#insert(caller, 'Register', key, (authority, uid) => authority.protect(material, uid));
  }

  /**
   * The key with its material. Throws `item-not-found`, `illegal-operation` for a destroyed key (KMIP 1.4 section 11.12:
   * only attributes are left), or the errors of {@link Authority.open}.
   */
  async get(caller: Caller, uid: string): Promise<CachedKey> {
    const { cache, store } = this.#options;
    const cached = cache.get(uid);
    const stored = cached ? undefined : store.objects.find(uid);
    this.#admit(caller, 'Get', uid, cached ?? stored);
    const authority = this.#options.authorityOf(caller.instanceId);
    if (cached && authority.servesFromMemory()) return cached;
    const object = visible(caller, uid, stored ?? store.objects.find(uid));
    requireMaterial(object);
    const material = await authority.open(object);
    // The object may have been destroyed or changed while its material was on its way.
    const current = visible(caller, uid, store.objects.find(uid));
    requireMaterial(current);
    const key = cachedKey(caller, current, material);
    cache.set(uid, key);
    return key;
  }

  /** The object and its kept attributes, for `operation` to answer from. Throws `item-not-found`. */
  describe(
    caller: Caller,
    operation: string,
    uid: string,
  ): { object: ManagedObject; attributes: readonly KeptAttribute[] } {
    const { store } = this.#options;
    const object = this.#admit(caller, operation, uid, store.objects.find(uid));
    return { object, attributes: store.objects.attributesOf(uid) };
  }

  /** Unique identifiers, oldest first. */
  locate(caller: Caller, search: Search): readonly string[] {
    this.#record(caller, 'Locate', undefined);
    const found: string[] = [];
    if (search.maximum === 0) return found;
    let passedOver = 0;
    for (const object of this.#options.store.objects.search({ ...search, instanceId: caller.instanceId })) {
      if (!search.matches(object)) continue;
      if (passedOver++ < search.offset) continue;
      found.push(object.uid);
      if (found.length === search.maximum) break;
    }
    return found;
  }

  /**
   * Adds what `add` decides from the object as it is when the change commits: a kept attribute, new dates, or both.
   * Throws what `add` throws, `item-not-found`, and `illegal-operation` for a name that is taken.
   */
  addAttribute(
    caller: Caller,
    uid: string,
    add: (
      object: ManagedObject,
      kept: readonly KeptAttribute[],
      now: Seconds,
    ) => {
      readonly object: ManagedObject;
      readonly attribute?: KeptAttribute;
    },
  ): Promise<{ readonly object: ManagedObject; readonly attribute?: KeptAttribute }> {
    return this.#change(caller, 'AddAttribute', uid, (current, objects, now) => {
      const added = add(current, objects.attributesOf(uid), now);
      if (added.attribute) {
        requireNameFree(objects, caller.instanceId, [added.attribute], 'illegal-operation');
        objects.addAttribute(uid, added.attribute);
      }
      objects.update(added.object);
      return added;
    });
  }

  /** KMIP Activate. */
  async activate(caller: Caller, uid: string): Promise<void> {
    await this.#change(caller, 'Activate', uid, (current, objects, now) => objects.update(activate(current, now)));
  }

  /** KMIP Revoke; see {@link revoke}. */
  async revoke(
    caller: Caller,
    uid: string,
    reason: RevocationReason,
    compromise: { readonly occurred?: Seconds | undefined } | undefined,
  ): Promise<void> {
    await this.#change(caller, 'Revoke', uid, (current, objects, now) =>
      objects.update(revoke(current, reason, compromise, now)),
    );
  }

  /** KMIP Destroy: the material is gone from store, log and memory when this resolves. */
  async destroy(caller: Caller, uid: string): Promise<void> {
    const act = (current: ManagedObject, objects: ObjectWriter, now: Seconds) => objects.update(destroy(current, now));
    await this.#change(caller, 'Destroy', uid, act, true);
  }

  async #insert(
    caller: Caller,
    operation: string,
    key: NewKey,
    protect: (authority: Authority, uid: string) => Promise<ProtectedMaterial>,
  ): Promise<ManagedObject> {
    const uid = randomUUID();
    this.#record(caller, operation, uid);
    try {
      return await this.#insertAs(uid, caller, key, protect);
    } catch (error) {
      this.#record(caller, operation, uid, messageOf(error));
      throw error;
    }
  }

  async #insertAs(
    uid: string,
    caller: Caller,
    key: NewKey,
    protect: (authority: Authority, uid: string) => Promise<ProtectedMaterial>,
  ): Promise<ManagedObject> {
    const { store, cache, authorityOf } = this.#options;
    const { dates, attributes, ...rest } = key;
    // Refused before the upstream is bothered; checked again inside the transaction.
    requireNameFree(store.objects, caller.instanceId, attributes, 'invalid-field');
    const { material, wrapped, sealed } = await protect(authorityOf(caller.instanceId), uid);
    const now = this.#now();
    const made = { ...rest, ...dates, uid, instanceId: caller.instanceId, initialDate: now, lastChangeDate: now };
    const object: ManagedObject = { ...made, wrapped, sealed };
    await store.write(({ objects }) => {
      requireNameFree(objects, caller.instanceId, attributes, 'invalid-field');
      objects.insert(object, attributes);
    });
    cache.set(uid, cachedKey(caller, object, material));
    return object;
  }

  async #change<T>(
    caller: Caller,
    operation: string,
    uid: string,
    change: (current: ManagedObject, objects: ObjectWriter, now: Seconds) => T,
    erase = false,
  ): Promise<T> {
    const { store, cache } = this.#options;
    this.#admit(caller, operation, uid, store.objects.find(uid));
    try {
      return await store.write(({ objects }) => change(visible(caller, uid, objects.find(uid)), objects, this.#now()), {
        erase,
      });
    } catch (error) {
      // What was recorded before the act did not happen.
      this.#record(caller, operation, uid, messageOf(error));
      throw error;
    } finally {
      cache.delete(uid);
    }
  }

  /** The one gate to an object: the caller's, or as good as not there. */
  #admit<T extends Owned>(caller: Caller, operation: string, uid: string, object: T | undefined): T {
    const own = object?.instanceId === caller.instanceId;
    this.#record(caller, operation, uid, own ? undefined : object ? 'of another service instance' : 'not found');
    return visible(caller, uid, object);
  }

  #record(caller: Caller, operation: string, uid: string | undefined, refusal?: string): void {
    const { clientName, fingerprint, address, instanceId } = caller;
    this.#options.recorder.record({ client: clientName, fingerprint, address, instanceId, operation, uid, refusal });
  }

  #now(): Seconds {
    return Math.floor(this.#options.clock.now() / 1000);
  }
}

type Owned = Pick<ManagedObject, 'instanceId'>;

/** An object of another service instance is answered exactly as one that does not exist. */
const visible = <T extends Owned>(caller: Caller, uid: string, object: T | undefined): T => {
  if (object && object.instanceId === caller.instanceId) return object;
  throw new EdgeError('item-not-found', `no object has unique identifier '${uid}'`);
};

/** Shares the caller's own copy of the instance's identifier: there may be hundreds of thousands of these. */
const cachedKey = ({ instanceId }: Caller, object: ManagedObject, material: KeyObject): CachedKey => {
  const { uid, objectType, cryptographicAlgorithm, cryptographicLength } = object;
  return { uid, instanceId, objectType, cryptographicAlgorithm, cryptographicLength, material };
};

const requireMaterial = (object: ManagedObject): void => {
  if (!isDestroyed(object)) return;
  throw new EdgeError('illegal-operation', `object '${object.uid}' is destroyed: only its attributes are left`);
};

/** Names are unique within a service instance (KMIP 1.4 section 3.2); a destroyed object gives its name back. */
const requireNameFree = (
  objects: ObjectReader,
  instanceId: string,
  attributes: readonly KeptAttribute[],
  kind: 'invalid-field' | 'illegal-operation',
): void => {
  for (const { name, value } of attributes) {
    if (name !== 'Name') continue;
    for (const other of objects.search({ instanceId, attributes: [{ name, value }] })) {
      if (!isDestroyed(other)) throw new EdgeError(kind, `the name is already that of object '${other.uid}'`);
    }
  }
};
