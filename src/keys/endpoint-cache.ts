// What we hold of an endpoint's objects: writes down what it says, and knows how fresh that is. Freshness is counted on
// the monotonic clock and forgotten with the process, so that after a start everything is checked once.

import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { KeyCache } from './cache-ports.ts';
import type { SealedCopies } from './copies.ts';
import { differs, type Owner, objectOf, sameAttributes, updated, withoutMarker } from './endpoint-object.ts';
import type { KeptAttribute, ManagedObject, Seconds } from './object.ts';
import type { Store, StoreWriter } from './ports.ts';
import type { EndpointObject } from './upstream-ports.ts';

export interface EndpointCacheOptions {
  readonly owner: Owner;
  readonly markerName: string;
  /** Milliseconds for which what was heard counts without asking again. */
  readonly freshness: number;
  readonly store: Store;
  readonly cache: KeyCache;
  readonly copies: SealedCopies;
  readonly clock: Clock;
}

/** Far more than an adapter holds: beyond it, the oldest are asked for again. */
const mostRemembered = 300_000;

export class EndpointCache {
  readonly #options: EndpointCacheOptions;
  readonly #heard = new Map<string, number>();

  constructor(options: EndpointCacheOptions) {
    this.#options = options;
  }

  isFresh(uid: string): boolean {
    const heard = this.#heard.get(uid);
    return heard !== undefined && this.#options.clock.monotonic() - heard < this.#options.freshness;
  }

  /** The object is as we have it, as of `heard` (monotonic milliseconds). */
  noteFresh(uid: string, heard: number): void {
    this.#heard.delete(uid);
    this.#heard.set(uid, heard);
    if (this.#heard.size <= mostRemembered) return;
    const [oldest] = this.#heard.keys();
    if (oldest !== undefined) this.#heard.delete(oldest);
  }

  forget(uid: string): void {
    this.#heard.delete(uid);
  }

  /** Writes down what the endpoint says of a known object; gives it as it is now, and whether that was news. */
  async heard(
    described: EndpointObject,
  ): Promise<{ readonly object: ManagedObject | undefined; readonly news: boolean }> {
    const { store, cache } = this.#options;
    const known = this.#own(store.objects.find(described.uid));
    if (!known || !this.#isNews(known, store.objects.attributesOf(known.uid), described)) {
      return { object: known, news: false };
    }
    const object = await store.write((tx) => {
      const current = this.#own(tx.objects.find(described.uid));
      if (!current) return undefined;
      const next = updated(current, described, this.#now());
      tx.objects.update(next);
      tx.objects.setAttributes(next.uid, this.kept(described));
      return next;
    });
    cache.delete(described.uid);
    return { object, news: true };
  }

  /** Stores an object that we did not know, unless `admit` throws; undefined where another instance here has it. */
  adopt(
    described: EndpointObject,
    material: KeyObject | undefined,
    admit: (tx: StoreWriter) => void,
  ): Promise<ManagedObject | undefined> {
    const { store, owner, copies } = this.#options;
    const sealed = material && copies.make(described.uid, material);
    return store.write((tx) => {
      const known = tx.objects.find(described.uid);
      if (known) return this.#own(known);
      admit(tx);
      const object = { ...objectOf(described, owner, this.#now()), wrapped: undefined, sealed };
      tx.objects.insert(object, this.kept(described));
      return object;
    });
  }

  /** Keeps a sealed copy of material that was fetched; the object may have been destroyed meanwhile. */
  async keepCopy(uid: string, material: KeyObject): Promise<void> {
    const sealed = this.#options.copies.make(uid, material);
    if (!sealed) return;
    await this.#options.store.write(({ objects }) => {
      const current = this.#own(objects.find(uid));
      if (current && current.destroyDate === undefined && !current.sealed) objects.update({ ...current, sealed });
    });
  }

  /** The endpoint says that it does not have it. Nothing is erased. */
  async markMissing(uid: string): Promise<boolean> {
    const { store, cache, clock } = this.#options;
    const known = this.#own(store.objects.find(uid));
    if (!known || known.missingSince !== undefined || known.destroyDate !== undefined) return false;
    await store.write(({ objects }) => {
      const current = this.#own(objects.find(uid));
      if (current) objects.update({ ...current, missingSince: clock.now() });
    });
    cache.delete(uid);
    return true;
  }

  /** The kept attributes that a client may see. */
  kept(described: EndpointObject): readonly KeptAttribute[] {
    return withoutMarker(described.kept, this.#options.markerName);
  }

  #isNews(known: ManagedObject, kept: readonly KeptAttribute[], described: EndpointObject): boolean {
    return differs(known, updated(known, described, this.#now())) || !sameAttributes(kept, this.kept(described));
  }

  /** An object that moved away meanwhile is not the endpoint's any more. */
  #own(object: ManagedObject | undefined): ManagedObject | undefined {
    const { instanceId, upstreamId } = this.#options.owner;
    return object?.instanceId === instanceId && object.upstreamId === upstreamId ? object : undefined;
  }

  #now(): Seconds {
    return Math.floor(this.#options.clock.now() / 1000);
  }
}
