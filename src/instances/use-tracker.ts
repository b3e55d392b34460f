// Who uses which key: for each key the last fetch and its client, for each client when it was last seen and from where.
// Collected in memory on the way of a request and written some seconds later, a bounded number at a time, so that serving
// keys never waits for it. What was collected in the last seconds is lost when the process is killed; in a storm of fetches
// of many different keys, minutes may pass until each of them is written.

import type { Cancel, Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Caller } from '../keys/caller.ts';
import type { Store, StoreReader, StoreWriter } from '../keys/ports.ts';
import type { ClientUse, KeyUse, UseRecorder } from '../keys/use-ports.ts';
import type { Log } from '../log.ts';

export interface UseTrackerParts {
  readonly store: Pick<Store, 'write'> & Pick<StoreReader, 'uses'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Keys whose last fetch may wait to be written, at most; fetches of further keys are not remembered. */
  readonly maximum: number;
}

type User = Pick<Caller, 'clientId' | 'clientName' | 'address'>;

/** What is known of a client; `use` is shared by all keys that it fetched in the same second. */
interface Seen {
  readonly clientId: string;
  address: string;
  seenAt: number;
  use: KeyUse;
  written: boolean;
}

/** Milliseconds from the first thing to write to the writing. */
const pause = 5_000;
/** While there is a backlog. */
const shortPause = 1_000;
const keysAtOnce = 500;
/** Clients that are remembered in memory; the store has the others. */
const mostClients = 10_000;
/** Milliseconds for which a fetch time may stand for later ones. */
const grain = 1_000;

export class UseTracker implements UseRecorder {
  readonly #parts: UseTrackerParts;
  readonly #clients = new Map<string, Seen>();
  readonly #keys = new Map<string, KeyUse>();
  #last: Seen | undefined;
  #cancel: Cancel | undefined;
  #writing: Promise<void> | undefined;
  #closed = false;

  constructor(parts: UseTrackerParts) {
    this.#parts = parts;
  }

  seen(user: User): void {
    const now = this.#parts.clock.now();
    const known = this.#known(user);
    const { use } = known;
    if (now - use.fetchedAt >= grain || now < use.fetchedAt || use.client !== user.clientName) {
      known.use = { fetchedAt: now, client: user.clientName };
    }
    known.address = user.address;
    known.seenAt = now;
    known.written = false;
    if (!this.#cancel) this.#arm();
  }

  fetched(user: User, uid: string): void {
    const known = this.#known(user);
    if (known.seenAt === 0) this.seen(user);
    if (this.#keys.size < this.#parts.maximum || this.#keys.has(uid)) this.#keys.set(uid, known.use);
  }

  /** What is known of a client; mostly it is the same one as before. */
  #known({ clientId, clientName, address }: User): Seen {
    if (this.#last?.clientId === clientId) return this.#last;
    let known = this.#clients.get(clientId);
    if (!known) {
      known = { clientId, address, seenAt: 0, use: { fetchedAt: 0, client: clientName }, written: false };
      this.#clients.set(clientId, known);
    }
    this.#last = known;
    return known;
  }

  /** When a key was last fetched, as far as that is known. */
  key(uid: string): KeyUse | undefined {
    return this.#keys.get(uid) ?? this.#parts.store.uses.key(uid);
  }

  /** When a client was last seen, as far as that is known. */
  client(clientId: string): ClientUse | undefined {
    return this.#clients.get(clientId) ?? this.#parts.store.uses.client(clientId);
  }

  /** Writes all that waits; it is durable when this resolves. */
  async flush(): Promise<void> {
    do await this.#write();
    while (this.#keys.size > 0);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.flush();
  }

  #arm(): void {
    if (this.#cancel || this.#closed) return;
    this.#cancel = this.#parts.clock.after(this.#keys.size > keysAtOnce ? shortPause : pause, () => {
      void this.#write()
        .catch((error: unknown) => this.#parts.log.error('use of keys not stored', { problem: messageOf(error) }))
        .finally(() => {
          this.#cancel = undefined;
          if (this.#keys.size > 0) this.#arm();
        });
    });
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeSome().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writeSome(): Promise<void> {
    const keys = [...this.#keys.entries().take(keysAtOnce)];
    const clients = [...this.#clients].filter(([, { written }]) => !written);
    if (keys.length === 0 && clients.length === 0) return;
    for (const [, seen] of clients) seen.written = true;
    try {
      await this.#parts.store.write(({ uses }: StoreWriter) => {
        for (const [uid, use] of keys) uses.putKey(uid, use);
        for (const [clientId, seen] of clients) uses.putClient(clientId, seen);
      });
    } catch (error) {
      for (const [, seen] of clients) seen.written = false;
      throw error;
    }
    if (this.#clients.size > mostClients) this.#forgetClients();
    // One that was fetched again meanwhile is written again.
    for (const [uid, use] of keys) if (this.#keys.get(uid) === use) this.#keys.delete(uid);
  }
  #forgetClients(): void {
    for (const [clientId, { written }] of this.#clients) if (written) this.#clients.delete(clientId);
    this.#last = undefined;
  }
}
