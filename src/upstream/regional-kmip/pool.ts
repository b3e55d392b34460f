// The connections to one address: a few, persistent, shared by pipelined reads, while a request that changes something
// waits for one to itself. Requests wait in one queue in their order, so that none is overtaken for ever. After a failed
// attempt to connect the address is left alone for a moment, longer each time, with jitter.

import type { Cancel, Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { Connection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { CertificateNotTrusted, LinkError } from './link-errors.ts';
import { discoverVersions } from './operations.ts';
import { type Jitter, pauseBefore, type Timings } from './timings.ts';

export interface PoolOptions {
  /** For messages. */
  readonly peer: string;
  readonly open: (signal: AbortSignal) => Promise<Connection>;
  readonly timings: Timings;
  /** Most connections at a time. */
  readonly connections: number;
  /** Most requests outstanding on one connection; 1 turns pipelining off. */
  readonly pipeline: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly jitter: Jitter;
}

interface Job {
  readonly alone: boolean;
  start(connection: Connection): Promise<void>;
  fail(error: LinkError): void;
  cancel: Cancel;
  /** It failed while it waited: it must not be started any more. */
  over: boolean;
}

interface Slot {
  readonly connection: Connection;
  /** Taken by a request that must be alone. */
  taken: boolean;
  stopIdle: Cancel;
  /** When it last proved to work, monotonic. */
  provenAt: number;
}

/** Milliseconds that a connection is given to show that it still works. */
const longestTrial = 1_000;
const asLinkError = (error: unknown): LinkError =>
  error instanceof LinkError ? error : new LinkError(String(error), false, { cause: error });

/** More than this in the queue is a fault that waiting does not mend. */
const longestQueue = 10_000;

export class Pool {
  readonly #options: PoolOptions;
  readonly #slots = new Set<Slot>();
  /** Those that end with what is under way on them. */
  readonly #leaving = new Set<Slot>();
  readonly #queue: Job[] = [];
  readonly #stop = new AbortController();
  #opening = 0;
  #failures = 0;
  #retryAt = 0;
  #lastFailure: LinkError | undefined;
  /** Counts the renewals: an attempt to connect that began before the last one is of no use any more. */
  #generation = 0;
  readonly #left: (() => void)[] = [];

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** How many connections stand. */
  get size(): number {
    return this.#slots.size;
  }

  /**
   * Runs one exchange; its answer is there, or it has failed, at `until` (monotonic). `urgent`: also while the address
   * is left alone. Throws a `Refusal`, a `LinkError`, or what encoding throws.
   */
  run<T>(exchange: Exchange<T>, until: number, urgent = false): Promise<T> {
    const refusal = this.#refusal(urgent);
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise<T>((resolve, reject) => {
      const { clock, timings } = this.#options;
      const job: Job = {
        alone: exchange.alone,
        start: (connection) => {
          const ms = Math.min(timings.requestMs, until - clock.monotonic());
          return connection.run(exchange, Math.max(1, ms)).then(resolve, reject);
        },
        fail: reject,
        cancel: () => {},
        over: false,
      };
      const expireInTime = (): void => {
        job.cancel = clock.after(Math.max(0, until - clock.monotonic()), () => this.#expire(job));
      };
      // One that must be alone may have to wait until a connection has shown that it still works.
      if (job.alone) expireInTime();
      this.#queue.push(job);
      this.#pump(urgent);
      if (!job.alone && this.#queue.includes(job)) expireInTime();
    });
  }

  /**
   * Opens new connections for all that is asked from now on; those that are there end with what is under way on them. Resolves
   * when they have.
   */
  renew(): Promise<void> {
    this.#generation += 1;
    this.#failures = 0;
    this.#retryAt = 0;
    this.#opening = 0;
    for (const slot of this.#slots) this.#leaving.add(slot);
    this.#slots.clear();
    for (const slot of [...this.#leaving]) this.#endIfUnused(slot);
    this.#pump();
    if (this.#leaving.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#left.push(resolve));
  }

  close(): void {
    this.#stop.abort();
    this.#failQueue(this.#closed());
    for (const { connection } of [...this.#slots, ...this.#leaving]) connection.close();
  }

  #endIfUnused({ connection, taken }: Slot): void {
    if (!taken && connection.outstanding === 0) connection.close();
  }

  #ended(slot: Slot): void {
    slot.stopIdle();
    this.#slots.delete(slot);
    if (this.#leaving.delete(slot) && this.#leaving.size === 0) for (const tell of this.#left.splice(0)) tell();
    this.#pump();
  }

  #closed(): LinkError {
    return new LinkError(`the link to ${this.#options.peer} is closed`, false);
  }

  /** Why a request is not even put into the queue. */
  #refusal(urgent: boolean): LinkError | undefined {
    const { peer } = this.#options;
    if (this.#stop.signal.aborted) return this.#closed();
    if (this.#queue.length >= longestQueue) {
      return new LinkError(`${this.#queue.length} requests wait for ${peer} already`, false);
    }
    return !urgent && this.#slots.size === 0 && this.#opening === 0 && this.#resting() ? this.#lastFailure : undefined;
  }

  #resting(): boolean {
    return this.#options.clock.monotonic() < this.#retryAt;
  }

  #expire(job: Job): void {
    const at = this.#queue.indexOf(job);
    if (at >= 0) this.#queue.splice(at, 1);
    job.over = true;
    job.fail(new LinkError(`no connection to ${this.#options.peer} became free in time`, false));
  }

  #failQueue(error: LinkError): void {
    for (const job of this.#queue.splice(0)) {
      job.cancel();
      job.fail(error);
    }
  }

  /** Hands out waiting requests as far as there are connections for them. */
  #pump(urgent = false): void {
    for (let job = this.#queue[0]; job !== undefined; job = this.#queue[0]) {
      const slot = this.#place(job.alone);
      if (slot === undefined) break;
      this.#queue.shift();
      void this.#dispatch(slot, job);
    }
    this.#openMore(urgent);
    // nothing is there and nothing will come while the address is left alone
    if (this.#slots.size === 0 && this.#opening === 0) this.#failQueue(this.#lastFailure ?? this.#closed());
  }

  /** The least busy connection that can take a request now. */
  #place(alone: boolean): Slot | undefined {
    let least = alone ? 1 : this.#options.pipeline;
    let best: Slot | undefined;
    for (const slot of this.#slots) {
      if (slot.taken || slot.connection.outstanding >= least) continue;
      best = slot;
      least = slot.connection.outstanding;
    }
    return best;
  }

  async #dispatch(slot: Slot, job: Job): Promise<void> {
    slot.stopIdle();
    slot.taken = job.alone;
    if (job.alone && this.#stale(slot) && !(await this.#answers(slot)) && !job.over) this.#queue.unshift(job);
    else if (!job.over) await this.#start(slot, job);
    if (job.alone) slot.taken = false;
    if (this.#leaving.has(slot)) this.#endIfUnused(slot);
    else if (slot.connection.outstanding === 0 && !slot.connection.ended) this.#restLater(slot);
    this.#pump();
  }

  async #start(slot: Slot, job: Job): Promise<void> {
    job.cancel();
    await job.start(slot.connection);
    if (!slot.connection.ended) slot.provenAt = this.#options.clock.monotonic();
  }

  #stale({ provenAt }: Slot): boolean {
    return this.#options.clock.monotonic() - provenAt >= this.#options.timings.freshMs;
  }

  /** A firewall may have dropped an idle connection without a word: better found out before a change is lost on it. */
  async #answers({ connection }: Slot): Promise<boolean> {
    try {
      await connection.run(discoverVersions, Math.min(longestTrial, this.#options.timings.requestMs));
    } catch (error) {
      if (error instanceof LinkError) connection.close();
    }
    return !connection.ended;
  }

  #restLater(slot: Slot): void {
    slot.stopIdle();
    slot.stopIdle = this.#options.clock.after(this.#options.timings.idleMs, () => slot.connection.close());
  }

  /** One connection for each request that waits, as far as the limit allows. */
  #openMore(urgent: boolean): void {
    const { connections } = this.#options;
    if (this.#stop.signal.aborted || (this.#resting() && !urgent)) return;
    while (this.#queue.length > this.#opening && this.#slots.size + this.#opening < connections) void this.#open();
  }

  async #open(): Promise<void> {
    this.#opening += 1;
    const generation = this.#generation;
    try {
      const connection = await this.#options.open(this.#stop.signal);
      if (generation === this.#generation) this.#add(connection);
      else connection.close();
    } catch (error) {
      if (generation === this.#generation) this.#failed(asLinkError(error));
    }
    if (generation === this.#generation) this.#opening -= 1;
    this.#pump();
  }

  #add(connection: Connection): void {
    const { peer, log, clock } = this.#options;
    if (this.#stop.signal.aborted) {
      connection.close();
      return;
    }
    if (this.#failures > 0) log.info('the endpoint answers again', { peer });
    this.#failures = 0;
    this.#retryAt = 0;
    const slot: Slot = { connection, taken: false, stopIdle: () => {}, provenAt: clock.monotonic() };
    this.#slots.add(slot);
    this.#restLater(slot);
    connection.onEnd(() => this.#ended(slot));
  }

  #failed(error: LinkError): void {
    const { peer, log, clock, jitter, timings } = this.#options;
    if (this.#stop.signal.aborted) return;
    const level = error instanceof CertificateNotTrusted ? 'error' : 'warn';
    if (this.#failures === 0) log[level]('the endpoint cannot be reached', { peer, problem: error.message });
    this.#failures += 1;
    this.#lastFailure = error;
    const pause = pauseBefore(this.#failures, timings.backoffMs, timings.backoffMaximumMs, jitter);
    this.#retryAt = clock.monotonic() + pause;
  }
}
