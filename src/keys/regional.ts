// Regional authority: a KMIP endpoint holds the keys and has the last word; our store is a cache of it that is honest about
// its age. Fresh for some minutes; past that the endpoint is asked, with a short deadline; out of reach, the offline lease
// decides. Changes go to the endpoint first.

import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { EdgeError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Authority, AuthorityStatus, Change, Forms, Keep, Opened, SyncState, Told } from './authority.ts';
import type { KeyCache } from './cache-ports.ts';
import { SealedCopies } from './copies.ts';
import { missingAlarms, trustAlarms } from './endpoint-alarms.ts';
import { EndpointCache } from './endpoint-cache.ts';
import { EndpointChange } from './endpoint-change.ts';
import { EndpointCheck, isSilence, isVerdict } from './endpoint-check.ts';
import { type CreatedKey, EndpointCreate } from './endpoint-create.ts';
import { type Owner, objectOf } from './endpoint-object.ts';
import { EndpointSync } from './endpoint-sync.ts';
import type { OfflineLease } from './lease.ts';
import { requireMaterial } from './life-cycle.ts';
import type { NewKey } from './new-key.ts';
import { endpointKey } from './new-key.ts';
import type { ManagedObject } from './object.ts';
import type { Store } from './ports.ts';
import type { RootKeyWatch } from './root-key-watch.ts';
import type { Sealer } from './seal-ports.ts';
import type { EndpointObject, KeyEndpoint } from './upstream-ports.ts';

/** Milliseconds, all of them. */
export interface RegionalTimings {
  /** How long what the endpoint said counts without asking again. */
  readonly freshness: number;
  /** How long a read waits for the endpoint before the lease decides. */
  readonly checkTimeout: number;
  /** From one sweep over all keys to the next. */
  readonly syncInterval: number;
}

export interface RegionalOptions {
  readonly instance: { readonly id: string; readonly name: string };
  readonly upstreamId: string;
  readonly endpoint: KeyEndpoint;
  readonly lease: OfflineLease;
  readonly watch: RootKeyWatch;
  readonly timings: RegionalTimings;
  /** When we were last known to live before this start, in milliseconds since 1970. */
  readonly aliveUntil: number;
  readonly store: Store;
  readonly cache: KeyCache;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly log: Log;
}

export class RegionalAuthority implements Authority {
  readonly upstreamId: string;
  readonly isLocal = false;
  readonly #options: RegionalOptions;
  readonly #owner: Owner;
  readonly #copies: SealedCopies;
  readonly #cache: EndpointCache;
  readonly #check: EndpointCheck;
  readonly #changes: EndpointChange;
  readonly #creates: EndpointCreate;
  readonly #sync: EndpointSync;
  readonly #opening = new Map<string, Promise<Opened>>();
  readonly #finding = new Map<string, Promise<ManagedObject | undefined>>();
  #listing: Promise<void> | undefined;

  constructor(options: RegionalOptions) {
    this.#options = options;
    this.upstreamId = options.upstreamId;
    const { instance, upstreamId, endpoint, store, cache, sealer, clock, log, lease, watch, timings } = options;
    const owner = { instanceId: instance.id, upstreamId };
    const keepsCopies = lease.term !== 0;
    this.#owner = owner;
    this.#copies = new SealedCopies({ instanceId: instance.id, sealer, log, kept: keepsCopies });
    const { freshness, checkTimeout, syncInterval: interval } = timings;
    const { markerName } = endpoint;
    this.#cache = new EndpointCache({ owner, markerName, freshness, store, cache, copies: this.#copies, clock });
    this.#check = new EndpointCheck({ endpoint, cache: this.#cache, watch, clock, log });
    this.#creates = new EndpointCreate({ owner, endpoint, store, clock, log, aliveUntil: options.aliveUntil });
    const parts = { cache: this.#cache, check: this.#check, creates: this.#creates };
    this.#changes = new EndpointChange({ endpoint, cache: this.#cache, check: this.#check, store, checkTimeout, log });
    this.#sync = new EndpointSync({
      owner,
      instance: instance.name,
      endpoint,
      store,
      ...parts,
      keepsCopies,
      clock,
      log,
      interval,
    });
  }

  start(): void {
    this.#options.watch.start();
    this.#sync.start();
  }

  async create(key: NewKey, _uid: string, keep: Keep): Promise<void> {
    const store = async (created: CreatedKey, settle: Parameters<Keep>[0]['settle']): Promise<void> => {
      const { material, described } = created;
      const attributes = described ? this.#cache.kept(described) : key.attributes;
      const sealed = material && this.#copies.make(created.uid, material);
      const object = { ...this.#newObject(created.uid, key, described), wrapped: undefined, sealed };
      await keep({ object, attributes, material, settle, lingers: this.#creates.underWay > 1 });
      if (described && material) this.#cache.noteFresh(created.uid, this.#options.clock.monotonic());
    };
    try {
      await this.#check.ask(() => this.#creates.make(endpointKey(key), store));
    } catch (error) {
      this.#sync.settleSoon();
      throw error;
    }
  }

  async register(): Promise<never> {
    throw this.#takesNothing('Register');
  }

  async takeOver(): Promise<Forms> {
    throw this.#takesNothing('taking keys over');
  }

  servesFromMemory(uid: string): boolean {
    return this.#options.lease.verdict() === 'valid' && (this.#cache.isFresh(uid) || this.#check.isSilent);
  }

  keepsInMemory(): boolean {
    return this.#options.lease.term !== 0;
  }

  open(object: ManagedObject): Promise<Opened> {
    const running = this.#opening.get(object.uid);
    if (running !== undefined) return running;
    const opening = this.#open(object).finally(() => this.#opening.delete(object.uid));
    this.#opening.set(object.uid, opening);
    return opening;
  }

  find(uid: string): Promise<ManagedObject | undefined> {
    const running = this.#finding.get(uid);
    if (running !== undefined) return running;
    const finding = this.#find(uid).finally(() => this.#finding.delete(uid));
    this.#finding.set(uid, finding);
    return finding;
  }

  refresh({ uid, missingSince }: ManagedObject): Promise<void> | undefined {
    if (missingSince === undefined && this.#cache.isFresh(uid)) return undefined;
    return this.#checkOrLease(uid).then(() => undefined);
  }

  refreshList(): Promise<void> | undefined {
    if (this.#sync.hasList(this.#options.timings.freshness)) return undefined;
    this.#listing ??= this.#list().finally(() => {
      this.#listing = undefined;
    });
    return this.#listing;
  }

  tell({ uid }: ManagedObject, change: Change): Promise<Told> {
    return this.#changes.make(uid, change);
  }

  sync(): Promise<SyncState> {
    return this.#sync.run();
  }

  status(): AuthorityStatus {
    const { lease, watch, instance, store } = this.#options;
    return {
      upstream: watch.health,
      rootKey: lease.rootKey,
      lease: { term: lease.term, remaining: lease.remaining(), provenAt: lease.record.provenAt },
      serving: lease.verdict() === 'valid',
      alarms: [...trustAlarms(instance.name, watch.health), ...missingAlarms(store.objects.missing(this.upstreamId))],
      sync: this.#sync.state,
    };
  }

  async replaceCredential(settings: unknown, secret: Buffer): Promise<void> {
    const { endpoint, log, instance } = this.#options;
    const replaced = endpoint.replaceCredential(settings, secret);
    try {
      // Where the one before was refused, reads are not to wait for the end of a pause.
      await this.#check.ask(() => endpoint.probe());
    } catch (error) {
      log.warn('no answer yet to the new credential', { instance: instance.name, problem: messageOf(error) });
    }
    await replaced;
  }

  async close(): Promise<void> {
    // The endpoint first: that ends what the others may be waiting for.
    try {
      await this.#options.endpoint.close();
    } finally {
      await this.#sync.close();
      await this.#creates.close();
      await this.#options.watch.close();
    }
  }

  async #open(object: ManagedObject): Promise<Opened> {
    const { uid } = object;
    // Where there is no copy the material is asked for at once, beside the question how the key is.
    const fetching = this.#usableCopy(object) ? undefined : this.#fetch(uid);
    fetching?.catch(() => {});
    const current =
      this.#cache.isFresh(uid) && object.missingSince === undefined ? object : await this.#checkOrLease(uid);
    requireMaterial(current);
    const copy = this.#usableCopy(current);
    if (copy) return { material: copy, from: 'store' };
    const material = await (fetching ?? this.#fetch(uid));
    this.#cache
      .keepCopy(uid, material)
      .catch((error: unknown) => this.#options.log.error('sealed copy not stored', { uid, problem: messageOf(error) }));
    return { material, from: 'upstream' };
  }

  async #fetch(uid: string): Promise<KeyObject> {
    try {
      this.#check.requireVoice();
      return await this.#check.material(uid);
    } catch (error) {
      throw isSilence(error) ? this.#silent(error as EdgeError, uid, 'is not held here') : error;
    }
  }

  #usableCopy(object: ManagedObject): KeyObject | undefined {
    return this.#options.lease.verdict() === 'valid' ? this.#copies.open(object) : undefined;
  }

  /** The object as the endpoint has it, or as we have it while the lease holds. */
  async #checkOrLease(uid: string): Promise<ManagedObject> {
    const { store, lease, timings } = this.#options;
    try {
      this.#check.requireVoice();
      const { object } = await this.#check.check(uid, timings.checkTimeout);
      // One that has moved to another upstream meanwhile is as our store has it.
      const current = object ?? store.objects.find(uid);
      if (current) return current;
    } catch (error) {
      // The endpoint has spoken: about this key, or nothing that counts.
      if (isVerdict(error)) throw error;
      const known = store.objects.find(uid);
      if (lease.verdict() !== 'valid') throw this.#silent(error as EdgeError, uid, 'cannot be checked');
      if (known?.missingSince !== undefined) throw this.#missing(uid);
      if (known) return known;
    }
    throw this.#missing(uid);
  }

  async #find(uid: string): Promise<ManagedObject | undefined> {
    try {
      this.#check.requireVoice();
      return await this.#sync.adopt(uid);
    } catch (error) {
      throw isSilence(error) ? this.#silent(error as EdgeError, uid, 'is not held here') : error;
    }
  }

  async #list(): Promise<void> {
    try {
      this.#check.requireVoice();
      await this.#sync.adoptNew();
    } catch (error) {
      if (!isVerdict(error) && this.#options.lease.verdict() === 'valid') return;
      throw error;
    }
  }

  #newObject(uid: string, key: NewKey, described: EndpointObject | undefined): ManagedObject {
    const now = Math.floor(this.#options.clock.now() / 1000);
    if (described) return objectOf(described, this.#owner, now);
    const { dates, attributes: _, ...rest } = key;
    return { ...rest, ...dates, ...this.#owner, uid, initialDate: now, lastChangeDate: now };
  }

  #takesNothing(what: string): EdgeError {
    const { instance, endpoint } = this.#options;
    const text = `${what} is not possible in service instance '${instance.name}': ${endpoint.name} takes no keys in`;
    return new EdgeError('operation-not-supported', text);
  }

  #missing(uid: string): EdgeError {
    return new EdgeError(
      'item-not-found',
      `no object has unique identifier '${uid}' at ${this.#options.endpoint.name}`,
    );
  }

  #silent(error: EdgeError, uid: string, how: string): EdgeError {
    const { lease, instance } = this.#options;
    const details = error.hint === undefined ? { cause: error } : { cause: error, hint: error.hint };
    if (lease.verdict() === 'ended') {
      const text = `the offline lease of service instance '${instance.name}' has ended and its upstream is unreachable`;
      return new EdgeError('lease-ended', `${text}: ${error.message}`, details);
    }
    const text = `key '${uid}' ${how} and the upstream is unreachable: ${error.message}`;
    return new EdgeError('upstream-unreachable', text, details);
  }
}
