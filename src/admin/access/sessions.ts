// Who is signed in, in memory alone: a restart ends every session. The identifier is known to the browser only; here lies
// its hash, so that a look into the memory does not make anybody the administrator.

import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../clock.ts';

export interface SessionSettings {
  /** Milliseconds without a request after which a session ends. */
  readonly idle: number;
}

/** However busy, milliseconds. */
export const longestSession = 12 * 60 * 60_000;
/** When more sign in, the session that was idle longest ends. */
export const mostSessions = 32;
const idBytes = 32;

interface Entry {
  readonly csrf: string;
  readonly begun: Moment;
  used: Moment;
}

/** Both times, because the wall clock may be set and the other stands still while a machine sleeps. */
interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

export interface Session {
  /** What a change has to carry, which no other site can know. */
  readonly csrf: string;
  /** When it ends if nothing happens, milliseconds since 1970. */
  readonly expiresAt: number;
}

export class Sessions {
  readonly #clock: Clock;
  readonly #settings: SessionSettings;
  /** By the hash of the identifier, in the order of their last use. */
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, settings: SessionSettings) {
    this.#clock = clock;
    this.#settings = settings;
  }

  /** A new session: its identifier is told once. */
  begin(): { readonly id: string; readonly session: Session } {
    this.#forgetEnded();
    const id = randomBytes(idBytes).toString('base64url');
    const now = this.#now();
    const entry = { csrf: randomBytes(idBytes).toString('base64url'), begun: now, used: now };
    const [idlest] = this.#entries.keys();
    if (this.#entries.size >= mostSessions && idlest !== undefined) this.#entries.delete(idlest);
    this.#entries.set(keyOf(id), entry);
    return { id, session: this.#view(entry) };
  }

  /** The session of an identifier, unless it has ended. `touch`: somebody did something, so it goes on. */
  find(id: string, touch = false): Session | undefined {
    const key = keyOf(id);
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (this.#left(entry) <= 0) {
      this.#entries.delete(key);
      return undefined;
    }
    if (touch) {
      entry.used = this.#now();
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    return this.#view(entry);
  }

  end(id: string): void {
    this.#entries.delete(keyOf(id));
  }

  /** The password was changed, or everything ends. */
  endAll(): void {
    this.#entries.clear();
  }

  get size(): number {
    this.#forgetEnded();
    return this.#entries.size;
  }

  #forgetEnded(): void {
    for (const [key, entry] of this.#entries) if (this.#left(entry) <= 0) this.#entries.delete(key);
  }

  #now(): Moment {
    return { wall: this.#clock.now(), monotonic: this.#clock.monotonic() };
  }

  #left({ begun, used }: Entry): number {
    return Math.min(this.#settings.idle - this.#since(used), longestSession - this.#since(begun));
  }

  #since({ wall, monotonic }: Moment): number {
    return Math.max(this.#clock.now() - wall, this.#clock.monotonic() - monotonic);
  }

  #view(entry: Entry): Session {
    return { csrf: entry.csrf, expiresAt: this.#clock.now() + this.#left(entry) };
  }
}

const keyOf = (id: string): string => hash('sha256', id, 'base64url');

/** Whether two texts are the same, in a time that does not tell where they differ. */
export const isSame = (given: string, wanted: string): boolean =>
  timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', wanted, 'buffer'));
