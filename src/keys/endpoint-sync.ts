// Keeps our cache in step with everything that the endpoint holds: adopts what is new, sees what changed or went, and
// fetches the material of what has no copy here, so that a power cut before the first Get is survived too.

import type { Cancel, Clock } from '../clock.ts';
import { EdgeError, isKind, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { SyncState } from './authority.ts';
import type { EndpointCache } from './endpoint-cache.ts';
import type { EndpointCheck } from './endpoint-check.ts';
import { isSilence } from './endpoint-check.ts';
import type { EndpointCreate } from './endpoint-create.ts';
import type { Owner } from './endpoint-object.ts';
import { isDestroyed } from './life-cycle.ts';
import type { ManagedObject } from './object.ts';
import type { Store } from './ports.ts';
import type { KeyEndpoint } from './upstream-ports.ts';

export interface EndpointSyncOptions {
  readonly owner: Owner;
  readonly instance: string;
  readonly endpoint: KeyEndpoint;
  readonly store: Store;
  readonly cache: EndpointCache;
  readonly check: EndpointCheck;
  readonly creates: EndpointCreate;
  /** Whether a copy of each key's material is to be had. */
  readonly keepsCopies: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds from the end of one sync to the next. */
  readonly interval: number;
}

interface Count {
  running: boolean;
  total: number;
  done: number;
  adopted: number;
  changed: number;
  missing: number;
  failed: number;
  problem?: string;
  endedAt?: number;
}

const concurrency = 8;
const firstSettle = 5_000;
const longestSettle = 5 * 60_000;
/** A list is worth little when it is waited for longer than a client waits. */
const listDeadline = 12_000;

export class EndpointSync {
  readonly #options: EndpointSyncOptions;
  #count: Count = { running: false, total: 0, done: 0, adopted: 0, changed: 0, missing: 0, failed: 0 };
  #running: Promise<SyncState> | undefined;
  #cancelSweep: Cancel = () => {};
  #cancelSettle: Cancel = () => {};
  #settling: Promise<void> | undefined;
  #closed = false;
  #listedAt = Number.NEGATIVE_INFINITY;

  constructor(options: EndpointSyncOptions) {
    this.#options = options;
  }

  get state(): SyncState {
    return { ...this.#count };
  }

  /** Sweeps now, and again and again. */
  start(): void {
    void this.run();
    this.settleSoon();
  }

  /** One whole sync; who asks while one is running gets that one. Never throws: the state tells what went wrong. */
  run(): Promise<SyncState> {
    this.#running ??= this.#sweep().finally(() => {
      this.#running = undefined;
      this.#cancelSweep();
      if (!this.#closed) this.#cancelSweep = this.#options.clock.after(this.#options.interval, () => void this.run());
    });
    return this.#running;
  }

  /** True where the list of objects was fetched within `freshness` milliseconds. */
  hasList(freshness: number): boolean {
    return this.#options.clock.monotonic() - this.#listedAt < freshness;
  }

  /** Adopts every object that the endpoint lists and we do not know. Throws silence. */
  async adoptNew(): Promise<void> {
    const { store } = this.#options;
    const unknown = (await this.#list()).filter((uid) => !store.objects.find(uid));
    await inParallel(unknown, async (uid) => {
      try {
        await this.adopt(uid);
      } catch (error) {
        if (!isKind(error, 'not-ready')) throw error;
      }
    });
    this.#listedAt = this.#options.clock.monotonic();
  }

  /**
   * An object that we do not know; undefined where the endpoint has none either, or another instance here has it. Throws
   * silence, and `not-ready` for one whose create may not have ended.
   */
  async adopt(uid: string): Promise<ManagedObject | undefined> {
    const { endpoint, check, cache, creates, keepsCopies, clock, log } = this.#options;
    const asked = clock.monotonic();
    try {
      const described = await check.ask(() => endpoint.describe(uid));
      const gone = described.destroyDate !== undefined;
      const material = keepsCopies && !gone ? await this.#materialOrNone(uid) : undefined;
      const object = await cache.adopt(described, material, (tx) => {
        if (creates.isPending(tx, described)) throw new EdgeError('not-ready', `key '${uid}' is still being made`);
      });
      if (object) cache.noteFresh(uid, asked);
      else log.warn('a key at the endpoint is not taken over', { uid, problem: 'it belongs to somebody else here' });
      return object;
    } catch (error) {
      if (isKind(error, 'item-not-found')) return undefined;
      throw error;
    }
  }

  /** Settles the creates that were given up, soon and until none is left. */
  settleSoon(pause = firstSettle): void {
    if (this.#closed) return;
    this.#cancelSettle();
    this.#cancelSettle = this.#options.clock.after(pause, () => {
      this.#settling = this.#settle(pause);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelSweep();
    this.#cancelSettle();
    await this.#running;
    await this.#settling;
  }

  async #settle(pause: number): Promise<void> {
    const { creates, log, instance } = this.#options;
    try {
      if ((await creates.settle()) === 0) return;
    } catch (error) {
      log.debug('creates that were given up are not settled yet', { instance, problem: messageOf(error) });
    }
    this.settleSoon(Math.min(longestSettle, pause * 2));
  }

  #list(): Promise<readonly string[]> {
    return this.#options.check.ask(() => this.#options.endpoint.list({ deadlineMs: listDeadline }));
  }

  async #sweep(): Promise<SyncState> {
    const { log, instance, clock } = this.#options;
    const { endedAt } = this.#count;
    const before = endedAt === undefined ? {} : { endedAt };
    this.#count = { running: true, total: 0, done: 0, adopted: 0, changed: 0, missing: 0, failed: 0, ...before };
    try {
      await this.#sweepAll();
      this.#count.endedAt = clock.now();
    } catch (error) {
      this.#count.problem = messageOf(error);
    }
    this.#count.running = false;
    const { adopted, changed, missing, failed, problem } = this.#count;
    if (adopted + changed + missing + failed > 0 || problem !== undefined) {
      log.info('endpoint compared with what is held here', { instance, adopted, changed, missing, failed, problem });
    }
    return this.state;
  }

  async #sweepAll(): Promise<void> {
    const { store, owner, clock } = this.#options;
    const asked = clock.monotonic();
    const listed = await this.#list();
    const known: string[] = [];
    for (const object of store.objects.search({ instanceId: owner.instanceId, attributes: [] })) {
      if (object.upstreamId === owner.upstreamId && !isDestroyed(object)) known.push(object.uid);
    }
    const all = [...new Set([...listed, ...known])];
    this.#count.total = all.length;
    await inParallel(all, async (uid) => {
      if (this.#closed) throw new EdgeError('not-ready', 'the server stops');
      await this.#lookAt(uid);
      this.#count.done += 1;
    });
    this.#listedAt = asked;
  }

  async #lookAt(uid: string): Promise<void> {
    try {
      if (this.#options.store.objects.find(uid)) await this.#compare(uid);
      else if (await this.adopt(uid)) this.#count.adopted += 1;
    } catch (error) {
      if (isSilence(error)) throw error;
      if (isKind(error, 'item-not-found')) this.#count.missing += 1;
      else if (!isKind(error, 'not-ready')) {
        this.#count.failed += 1;
        this.#count.problem ??= messageOf(error);
      }
    }
  }

  async #compare(uid: string): Promise<void> {
    const { check, keepsCopies, cache } = this.#options;
    const { object, news } = await check.check(uid);
    if (news) this.#count.changed += 1;
    if (!object || !keepsCopies || object.sealed || isDestroyed(object)) return;
    await cache.keepCopy(uid, await check.material(uid));
  }

  async #materialOrNone(uid: string) {
    try {
      return await this.#options.check.material(uid);
    } catch (error) {
      if (isSilence(error)) throw error;
      this.#options.log.warn('the material of a key is not given', { uid, problem: messageOf(error) });
      return undefined;
    }
  }
}

/** Does `act` for each, some at a time; the first that throws ends it. */
const inParallel = async (uids: readonly string[], act: (uid: string) => Promise<void>): Promise<void> => {
  const left = uids[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (const uid of left) await act(uid);
  };
  await Promise.all(Array.from({ length: concurrency }, work));
};
