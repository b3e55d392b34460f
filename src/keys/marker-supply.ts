// Markers for creates at an endpoint, written down ahead of need: each has to be durable before it is sent, and so many in
// one commit cost no create a commit of its own. After a crash those that were never used find nothing. None is used long
// after it was written down, so that a database restored from a backup knows few markers of creates that came later.

import type { Clock } from '../clock.ts';
import { newIdentifier } from './identifier.ts';
import type { Store } from './ports.ts';

export interface MarkerSupplyOptions {
  readonly upstreamId: string;
  readonly store: Store;
  readonly clock: Clock;
}

const block = 32;
/** Milliseconds from writing a marker down to its last use. */
export const markerLife = 5 * 60_000;

interface FreeMarker {
  readonly marker: string;
  /** Monotonic milliseconds. */
  readonly writtenAt: number;
}

export class MarkerSupply {
  readonly #options: MarkerSupplyOptions;
  #free: FreeMarker[] = [];
  readonly #outdated: string[] = [];
  readonly #inUse = new Set<string>();
  #writing: Promise<void> | undefined;

  constructor(options: MarkerSupplyOptions) {
    this.#options = options;
  }

  /** A durable marker for one create; it stays in use until it is given back or let go. */
  async take(): Promise<string> {
    for (;;) {
      this.#retire();
      const marker = this.#free.pop()?.marker;
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

  /** The create certainly made nothing. */
  giveBack(marker: string): void {
    // Its age is not known here; it is not worth more than a new one.
    if (this.#inUse.delete(marker)) this.#outdated.push(marker);
  }

  /** The create has ended, well or not known how. */
  letGo(marker: string): void {
    this.#inUse.delete(marker);
  }

  /** True for one that this process may still send. */
  isOurs(marker: string): boolean {
    return this.#inUse.has(marker) || this.#free.some((free) => free.marker === marker);
  }

  /** Forgets those that were never sent. */
  async close(): Promise<void> {
    await this.#writing?.catch(() => {});
    const unused = [...this.#outdated.splice(0), ...this.#free.splice(0).map(({ marker }) => marker)];
    if (unused.length === 0) return;
    await this.#options.store.write(({ upstreams }) => {
      for (const marker of unused) upstreams.deletePendingCreate(marker);
    });
  }

  #retire(): void {
    const oldest = this.#options.clock.monotonic() - markerLife;
    if (!this.#free.some(({ writtenAt }) => writtenAt < oldest)) return;
    this.#outdated.push(...this.#free.filter(({ writtenAt }) => writtenAt < oldest).map(({ marker }) => marker));
    this.#free = this.#free.filter(({ writtenAt }) => writtenAt >= oldest);
  }

  #replenish(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    const { upstreamId, store, clock } = this.#options;
    const markers = Array.from({ length: block }, () => newIdentifier(clock.now()));
    const outdated = this.#outdated.splice(0);
    const writtenAt = clock.monotonic();
    await store.write(({ upstreams }) => {
      for (const marker of outdated) upstreams.deletePendingCreate(marker);
      for (const marker of markers) upstreams.addPendingCreate({ marker, upstreamId, sentAt: clock.now() });
    });
    this.#free.push(...markers.map((marker) => ({ marker, writtenAt })));
  }
}
