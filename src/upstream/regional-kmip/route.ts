// Which of a service's addresses is asked: the one that worked last, until it fails. A request that was not sent goes to
// the next address at once; one whose answer was lost is the caller's to judge. An address that failed is asked for its
// versions now and then, so that it is known to be back, and service resumes, before anybody needs it.

import type { Cancel, Clock } from '../../clock.ts';
import type { Version } from '../../kmip/version.ts';
import type { Log } from '../../log.ts';
import type { Exchange } from './exchange.ts';
import { CertificateNotTrusted, LinkError } from './link-errors.ts';
import { discoverVersions } from './operations.ts';
import type { Pool } from './pool.ts';
import { type Jitter, pauseBefore, type Timings } from './timings.ts';

export interface RouteOptions {
  /** One for each address, in the order of preference. */
  readonly pools: readonly { readonly peer: string; readonly pool: Pool }[];
  readonly timings: Timings;
  readonly clock: Clock;
  readonly log: Log;
  readonly jitter: Jitter;
}

interface Way {
  readonly peer: string;
  readonly pool: Pool;
  down: boolean;
}

/** An address that answered, and the versions it speaks. */
export interface Alive {
  readonly peer: string;
  readonly versions: readonly Version[];
}

export class Route {
  readonly #options: RouteOptions;
  readonly #ways: readonly Way[];
  #current = 0;
  #stopHealth: Cancel | undefined;
  #closed = false;

  constructor(options: RouteOptions) {
    this.#options = options;
    this.#ways = options.pools.map(({ peer, pool }) => ({ peer, pool, down: false }));
  }

  /** The address that is asked first. */
  get peer(): string {
    return this.#ways[this.#current]?.peer ?? '';
  }

  /** Runs an exchange at the first address that takes it; `LinkError.sent` tells whether it may have been executed. */
  run<T>(exchange: Exchange<T>, until: number): Promise<T> {
    return this.#each(until, ({ pool }) => pool.run(exchange, until));
  }

  /** Asks for the versions, also at addresses that are left alone for a moment. */
  probe(until: number): Promise<Alive> {
    return this.#each(until, async (way) => ({ peer: way.peer, versions: await this.#ask(way, until) }));
  }

  /** New connections everywhere, and every address anew; resolves when those that were there have ended. */
  async renew(): Promise<void> {
    for (const way of this.#ways) way.down = false;
    await Promise.all(this.#ways.map(({ pool }) => pool.renew()));
  }

  /** True after {@link close}: nobody answers any more. */
  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    this.#stopHealth?.();
    for (const { pool } of this.#ways) pool.close();
  }

  #ask({ pool }: Way, until: number): Promise<readonly Version[]> {
    return pool.run(discoverVersions, until, true);
  }

  async #each<T>(until: number, act: (way: Way) => Promise<T>): Promise<T> {
    let last: unknown;
    for (const way of this.#order()) {
      try {
        const value = await act(way);
        this.#succeeded(way);
        return value;
      } catch (error) {
        last = error;
        if (!(error instanceof LinkError)) throw error;
        this.#failed(way, error);
        if (error.sent || this.#options.clock.monotonic() >= until) throw error;
      }
    }
    throw last;
  }

  /** The current address, then the healthy ones, then the others. */
  #order(): readonly Way[] {
    const turned = [...this.#ways.slice(this.#current), ...this.#ways.slice(0, this.#current)];
    return turned.toSorted((one, other) => Number(one.down) - Number(other.down));
  }

  #succeeded(way: Way): void {
    way.down = false;
    const current = this.#ways[this.#current];
    if (current === way || current?.down === false) return;
    this.#current = this.#ways.indexOf(way);
    this.#options.log.info('another address of the endpoint is used', { peer: way.peer });
  }

  /** A request that found no free connection in time says nothing about the address. */
  #failed(way: Way, error: LinkError): void {
    if (this.#closed || (!error.sent && way.pool.size > 0)) return;
    if (error instanceof CertificateNotTrusted && !way.down) {
      const { sha256 } = error.presented ?? {};
      this.#options.log.error('an address of the endpoint is not trusted', { peer: way.peer, presented: sha256 });
    }
    way.down = true;
    this.#watch();
  }

  #watch(): void {
    if (this.#stopHealth !== undefined || this.#closed) return;
    const { clock, timings, jitter } = this.#options;
    const wait = pauseBefore(1, timings.healthMs, timings.healthMs, jitter);
    this.#stopHealth = clock.after(wait, () => void this.#check());
  }

  async #check(): Promise<void> {
    const until = this.#options.clock.monotonic() + this.#options.timings.connectMs;
    await Promise.all(this.#ways.filter(({ down }) => down).map((way) => this.#checkOne(way, until)));
    this.#stopHealth = undefined;
    if (this.#ways.some(({ down }) => down)) this.#watch();
  }

  async #checkOne(way: Way, until: number): Promise<void> {
    try {
      await this.#ask(way, until);
      this.#succeeded(way);
    } catch (error) {
      this.#options.log.debug('an address of the endpoint is still out of reach', {
        peer: way.peer,
        problem: error instanceof Error ? error.message : String(error),
      });
    }
  }
}
