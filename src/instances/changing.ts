// What an administrator changes about a service instance itself: its name, its offline policy, whether its keys are
// served. Its clients and keys stay as they are.

import { EdgeError } from '../errors.ts';
import type { ServiceInstance } from '../keys/instance-ports.ts';
import type { LeaseTerm } from '../keys/lease.ts';
import type { StoreWriter } from '../keys/ports.ts';
import { lifeOf, requireStaying } from './life.ts';
import type { AuthorityParts } from './open-authority.ts';
import type { InstanceRegistry } from './registry.ts';

export interface ChangingParts extends Pick<AuthorityParts, 'store' | 'cache' | 'clock' | 'log'> {
  readonly registry: InstanceRegistry;
}

/** Objects whose copies are erased in one transaction. */
const copiesAtOnce = 200;

export class Changing {
  readonly #parts: ChangingParts;

  constructor(parts: ChangingParts) {
    this.#parts = parts;
  }

  /** Gives an instance another name; `also` joins the transaction. Throws `already-exists` and `illegal-operation`. */
  async rename(name: string, to: string, also: (tx: StoreWriter) => void = () => {}): Promise<ServiceInstance> {
    const { registry, log } = this.#parts;
    const instance = this.#still(name);
    if (name === to) return instance;
    const rename = (tx: StoreWriter): void => {
      tx.instances.rename(instance.id, to);
      also(tx);
    };
    const renamed = await registry.change(instance.id, { name: to }, rename, { reopen: true });
    log.info('service instance renamed', { before: name, now: to });
    return renamed;
  }

  /**
   * Changes how long keys are served without the upstream, from the last proof of life on. With 0 no copies are kept, and
   * those that are there are erased when this resolves; asking again finishes what a crash cut short.
   */
  async setLease(name: string, lease: LeaseTerm): Promise<ServiceInstance> {
    const { registry, log } = this.#parts;
    const instance = this.#still(name);
    const changed = await registry.change(instance.id, { lease }, (tx) => tx.instances.setLease(instance.id, lease), {
      reopen: true,
    });
    log.info('offline lease changed', { instance: name, before: instance.lease, now: lease });
    if (lease === 0) await this.#eraseCopies(changed);
    return changed;
  }

  /** Serves no key of an instance from now on, whatever is in memory; everything else goes on. Harmless twice. */
  async suspend(name: string): Promise<ServiceInstance> {
    const { registry, clock, log } = this.#parts;
    const instance = registry.instanceNamed(name);
    requireStaying(instance);
    if (lifeOf(instance) === 'suspended') return instance;
    const suspendedAt = clock.now();
    const suspended = await registry.change(instance.id, { suspendedAt }, (tx) =>
      tx.instances.setSuspended(instance.id, suspendedAt),
    );
    log.warn('service instance suspended: its keys are not served', { instance: name });
    return suspended;
  }

  /** Serves the keys of a suspended instance again. Harmless twice. */
  async resume(name: string): Promise<ServiceInstance> {
    const { registry, log } = this.#parts;
    const instance = registry.instanceNamed(name);
    requireStaying(instance);
    if (lifeOf(instance) === 'active') return instance;
    const resumed = await registry.change(instance.id, { suspendedAt: undefined }, (tx) =>
      tx.instances.setSuspended(instance.id, undefined),
    );
    log.info('service instance resumed: its keys are served again', { instance: name });
    return resumed;
  }

  /** The instance, where its upstreams may be opened anew now. */
  #still(name: string): ServiceInstance {
    const { registry, store } = this.#parts;
    const instance = registry.instanceNamed(name);
    requireStaying(instance);
    const moving = store.moves
      .moves()
      .some(({ instanceId, state }) => instanceId === instance.id && state === 'running');
    if (!moving) return instance;
    throw new EdgeError('illegal-operation', `the keys of '${name}' are moving to another upstream`, {
      hint: "wait for the end of the move, or stop it with 'kmip-edge instance migrate NAME --stop'",
    });
  }

  async #eraseCopies({ id }: ServiceInstance): Promise<void> {
    const { store, cache, registry } = this.#parts;
    // There are two while a move is not finished.
    for (const upstream of registry.upstreamsOf(id)) cache.deleteUpstream(upstream.id);
    let after: number | undefined = 0;
    while (after !== undefined) {
      const from: number = after;
      after = await store.write(({ erasure }) => erasure.eraseCopies(id, from, copiesAtOnce), { erase: true });
    }
  }
}
