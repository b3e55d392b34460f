// A record that belongs to whatever is written next: an administrator's act is carried out by parts that know nothing of
// administrators, and still commits together with its record.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { AuditEntry } from '../../keys/audit-ports.ts';

interface Joined {
  readonly entry: () => AuditEntry;
  /** What goes on behind the work after it has ended is no longer its doing. */
  ended: boolean;
  taken: boolean;
}

export class JoinedRecord {
  readonly #current = new AsyncLocalStorage<Joined>();

  /** Runs `work`; tells whether a change of it took the entry along. */
  async during<T>(
    entry: () => AuditEntry,
    work: () => Promise<T> | T,
  ): Promise<{ readonly value: T; readonly recorded: boolean }> {
    const joined: Joined = { entry, ended: false, taken: false };
    try {
      const value = await this.#current.run(joined, async () => work());
      return { value, recorded: joined.taken };
    } finally {
      joined.ended = true;
    }
  }

  /**
   * To be asked where a change is handed in: undefined where no entry waits. `take` notes the entry, inside the change's
   * transaction; `settle` says how that ended.
   */
  waiting(): { take(note: (entry: AuditEntry) => void): void; settle(durable: boolean): void } | undefined {
    const joined = this.#current.getStore();
    if (!joined || joined.ended || joined.taken) return undefined;
    let mine = false;
    return {
      take(note) {
        if (joined.ended || joined.taken) return;
        joined.taken = true;
        mine = true;
        note(joined.entry());
      },
      settle(durable) {
        if (mine && !durable) joined.taken = false;
        mine = false;
      },
    };
  }
}
