// Markers for creates at an endpoint, written down ahead of need: each has to be durable before it is sent, and so many in
// one commit cost no create a commit of its own. After a crash those that were never used find nothing.

import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Store } from './ports.ts';

export interface MarkerSupplyOptions {
  readonly upstreamId: string;
  readonly store: Store;
  readonly clock: Clock;
}

const block = 32;

export class MarkerSupply {
  readonly #options: MarkerSupplyOptions;
  readonly #free: string[] = [];
  readonly #inUse = new Set<string>();
  #writing: Promise<void> | undefined;

  constructor(options: MarkerSupplyOptions) {
    this.#options = options;
  }

  /** A durable marker for one create; it stays in use until it is given back or let go. */
  async take(): Promise<string> {
    for (;;) {
      const marker = this.#free.pop();
      if (marker === undefined) {
        await this.#replenish();
        continue;
      }
      this.#inUse.add(marker);
      // What fails here is asked for again by whoever finds none.
      if (this.#free.length < block / 2) this.#replenish().catch(() => {});
      return marker;
    }
  }

  /** The create certainly made nothing: its marker is as good as new. */
  giveBack(marker: string): void {
    if (this.#inUse.delete(marker)) this.#free.push(marker);
  }

  /** The create has ended, well or not known how. */
  letGo(marker: string): void {
    this.#inUse.delete(marker);
  }

  /** True for one that this process may still send. */
  isOurs(marker: string): boolean {
    return this.#inUse.has(marker) || this.#free.includes(marker);
  }

  /** Forgets those that were never sent. */
  async close(): Promise<void> {
    await this.#writing?.catch(() => {});
    const unused = this.#free.splice(0);
    if (unused.length === 0) return;
    await this.#options.store.write(({ upstreams }) => {
      for (const marker of unused) upstreams.deletePendingCreate(marker);
    });
  }

  #replenish(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    const { upstreamId, store, clock } = this.#options;
    const markers = Array.from({ length: block }, () => randomUUID());
    await store.write(({ upstreams }) => {
      for (const marker of markers) upstreams.addPendingCreate({ marker, upstreamId, sentAt: clock.now() });
    });
    this.#free.push(...markers);
  }
}
