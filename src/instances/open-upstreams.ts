// The upstreams of the service instances, and the authority that each open one has over its keys.

import { EdgeError, messageOf } from '../errors.ts';
import type { Authority } from '../keys/authority.ts';
import type { ServiceInstance, Upstream } from '../keys/instance-ports.ts';
import { OneAtATime } from '../one-at-a-time.ts';
import { type AuthorityParts, openAuthority } from './open-authority.ts';

export class OpenUpstreams {
  readonly #parts: AuthorityParts;
  readonly #instanceOf: (id: string) => ServiceInstance | undefined;
  readonly #upstreams = new Map<string, Upstream>();
  readonly #authorities = new Map<string, Authority>();
  /** What is under way, by instance. */
  readonly #turns = new Map<string, OneAtATime>();

  constructor(parts: AuthorityParts, instanceOf: (id: string) => ServiceInstance | undefined) {
    this.#parts = parts;
    this.#instanceOf = instanceOf;
  }

  /** A stored upstream. Throws `item-not-found`. */
  upstream(id: string): Upstream {
    const upstream = this.#upstreams.get(id);
    if (upstream) return upstream;
    throw new EdgeError('item-not-found', `there is no upstream ${id}`);
  }

  /** Of an instance: two while its keys move. */
  of(instanceId: string): readonly Upstream[] {
    return [...this.#upstreams.values()].filter((upstream) => upstream.instanceId === instanceId);
  }

  /** The authority of an upstream that was started. */
  started(id: string): Authority | undefined {
    return this.#authorities.get(id);
  }

  /** Throws `not-ready` for an upstream that could not be started. */
  authorityOf(id: string): Authority {
    const authority = this.#authorities.get(id);
    if (authority) return authority;
    const instanceId = this.#upstreams.get(id)?.instanceId ?? id;
    const name = this.#instanceOf(instanceId)?.name ?? instanceId;
    throw new EdgeError('not-ready', `service instance '${name}' could not be started`, { hint: 'see the log' });
  }

  /** Knows an upstream from now on, as it is now stored, and leaves its authority as it is. */
  keep(upstream: Upstream): void {
    this.#upstreams.set(upstream.id, upstream);
  }

  /** Opens a stored upstream and begins to watch it. */
  start(upstream: Upstream): void {
    this.keep(upstream);
    const instance = this.#instanceOf(upstream.instanceId);
    if (!instance) throw new EdgeError('data-damaged', `upstream ${upstream.id} belongs to no service instance`);
    // One that was closed must not stand for it where it does not open.
    this.#authorities.delete(upstream.id);
    const authority = openAuthority(this.#parts, instance, upstream);
    this.#authorities.set(upstream.id, authority);
    authority.start();
  }

  /** As {@link start}, but one damaged upstream must not keep the others from serving. */
  tryToStart(upstream: Upstream): void {
    try {
      this.start(upstream);
    } catch (error) {
      const instance = this.#instanceOf(upstream.instanceId)?.name;
      this.#parts.log.error('service instance not started', { instance, problem: messageOf(error) });
    }
  }

  /**
   * Does `act` when whatever began before it for this instance has ended: what closes an upstream and opens it again, and
   * what it opens, must not meet another that does so. Not to be used within itself.
   */
  async inTurn<T>(instanceId: string, act: () => Promise<T>): Promise<T> {
    const turns = this.#turns.get(instanceId) ?? new OneAtATime();
    this.#turns.set(instanceId, turns);
    try {
      return await turns.run(act);
    } finally {
      if (turns.isIdle) this.#turns.delete(instanceId);
    }
  }

  /** Closes those of an instance and opens them again, which takes up its new name and lease. */
  async reopen(instanceId: string): Promise<void> {
    for (const upstream of this.of(instanceId)) {
      await this.#closing(upstream.id);
      this.tryToStart(upstream);
    }
  }

  /** Closes one and opens it again as it is now stored. Throws where it does not open. */
  async replace(upstream: Upstream): Promise<void> {
    await this.#closing(upstream.id);
    this.start(upstream);
  }

  /** Closes those of an instance for good: its keys are being erased. They stay known. */
  async detach(instanceId: string): Promise<void> {
    for (const { id } of this.of(instanceId)) {
      const closing = this.#closing(id);
      this.#authorities.delete(id);
      this.#parts.cache.deleteUpstream(id);
      await closing;
    }
  }

  /** Those of an instance are known no more. */
  forgetAll(instanceId: string): void {
    for (const { id } of this.of(instanceId)) this.#upstreams.delete(id);
  }

  /** Closes one and knows it no more. */
  async remove(id: string): Promise<void> {
    const authority = this.#authorities.get(id);
    this.#authorities.delete(id);
    this.#upstreams.delete(id);
    await authority?.close();
  }

  /** Closes every authority, and then throws what the first of them threw, if any. */
  async close(): Promise<void> {
    const closed = await Promise.allSettled([...this.#authorities.values()].map((authority) => authority.close()));
    for (const outcome of closed) if (outcome.status === 'rejected') throw outcome.reason;
  }

  async #closing(id: string): Promise<void> {
    try {
      await this.#authorities.get(id)?.close();
    } catch (error) {
      this.#parts.log.error('an upstream was not closed', { problem: messageOf(error) });
    }
  }
}
