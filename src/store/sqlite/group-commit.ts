// Changes that arrive while the loop is busy share one transaction, hence one fsync: each runs in a savepoint of its own,
// so one that throws is undone alone. A caller hears of success only after the commit returned.

import Sqlite, { type Database } from 'better-sqlite3';
import { EdgeError, messageOf } from '../../errors.ts';
import type { AuditEntry } from '../../keys/audit-ports.ts';
import type { WriteOptions } from '../../keys/ports.ts';

interface Pending {
  readonly change: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly erase: boolean;
}

/** Told of each group: what its changes noted, inside the transaction at its end, and afterwards how it ended. */
export interface Closing {
  keep(notes: readonly AuditEntry[]): void;
  settled(notes: readonly AuditEntry[], durable: boolean): void;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** Milliseconds that a change may wait for others to share its commit, where it may. */
const longestLinger = 4;

/** The most changes in one commit, so that a burst cannot hold the loop for long. */
const maximumGroup = 256;

/** What SQLite's own failures mean to an operator. */
export const asStorageError = (error: unknown): unknown => {
  if (!(error instanceof Sqlite.SqliteError)) return error;
  if (error.code === 'SQLITE_FULL') {
    return new EdgeError('storage-full', 'the data disk is full', { hint: 'free space, then try again', cause: error });
  }
  if (error.code.startsWith('SQLITE_CORRUPT') || error.code === 'SQLITE_NOTADB') {
    return new EdgeError('data-damaged', `the database is damaged (${error.code})`, { cause: error });
  }
  return new EdgeError('internal', `the database failed (${error.code}): ${error.message}`, { cause: error });
};

/** Moves the write-ahead log into the database and empties it. Throws where it could not be emptied. */
const truncateLog = (database: Database): void => {
  // SQLite says busy in a column, not by an error.
  const [answer] = database.pragma('wal_checkpoint(TRUNCATE)') as readonly { readonly busy: number }[];
  if (answer?.busy !== 0) throw new EdgeError('internal', 'the write-ahead log could not be emptied');
};

export class GroupCommit {
  readonly #database: Database;
  readonly #commit: (group: readonly Pending[]) => readonly Outcome[];
  readonly #savepoint: (change: () => unknown) => unknown;
  readonly #queue: Pending[] = [];
  /** Of the group that is being committed. */
  #notes: AuditEntry[] = [];
  #closing: Closing = { keep() {}, settled() {} };
  #scheduled = false;
  /** While all that is queued may wait for company. */
  #linger: NodeJS.Timeout | undefined;
  #problem: string | undefined;
  /** What was erased may still be in the write-ahead log, because emptying it failed. */
  #owesErasure: boolean;

  constructor(database: Database) {
    this.#database = database;
    this.#commit = database.transaction((group: readonly Pending[]) => {
      const outcomes = group.map((pending) => this.#attempt(pending));
      this.#closing.keep(this.#notes);
      return outcomes;
    });
    this.#savepoint = database.transaction((change: () => unknown) => change());
    // A crash may have come between an erasing commit and the emptying of the log. On a full disk this waits: reads go on.
    this.#owesErasure = true;
    this.#eraseFor([]);
  }

  /** Why the last commit failed; undefined where it did not. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Resolves with the change's result once it is durable; rejects with what it threw, or with the commit's failure. */
  submit<T>(change: () => T, { erase = false, lingers = false }: WriteOptions): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ change, resolve: (value) => resolve(value as T), reject, erase });
      if (lingers) this.#linger ??= setTimeout(() => this.#schedule(), longestLinger);
      else this.#schedule();
    });
  }

  closeWith(closing: Closing): void {
    this.#closing = closing;
  }

  /** To be called by a change: what it notes goes where it goes. */
  note(entry: AuditEntry): void {
    this.#notes.push(entry);
  }

  /** Commits what is still queued, at once. */
  drain(): void {
    clearTimeout(this.#linger);
    this.#linger = undefined;
    while (this.#queue.length > 0) this.#flush();
  }

  #schedule(): void {
    clearTimeout(this.#linger);
    this.#linger = undefined;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
      if (this.#queue.length > 0) this.#schedule();
    });
  }

  #flush(): void {
    const group = this.#queue.splice(0, maximumGroup);
    if (group.length === 0) return;
    this.#notes = [];
    let outcomes: readonly Outcome[];
    try {
      outcomes = this.#commit(group);
      this.#problem = undefined;
    } catch (error) {
      this.#problem = messageOf(asStorageError(error));
      this.#closing.settled(this.#notes, false);
      for (const pending of group) pending.reject(asStorageError(error));
      return;
    }
    this.#closing.settled(this.#notes, true);
    const problem = this.#eraseFor(group);
    group.forEach((pending, index) => {
      const outcome = outcomes[index];
      if (!outcome || 'error' in outcome) pending.reject(asStorageError(outcome?.error));
      else if (pending.erase && problem !== undefined) pending.reject(asStorageError(problem));
      else pending.resolve(outcome.value);
    });
  }

  /** Empties the log where this group, or one before it that failed here, erased something; gives what went wrong. */
  #eraseFor(group: readonly Pending[]): unknown {
    this.#owesErasure ||= group.some((pending) => pending.erase);
    if (!this.#owesErasure) return undefined;
    try {
      truncateLog(this.#database);
      this.#owesErasure = false;
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #attempt(pending: Pending): Outcome {
    const { length } = this.#notes;
    try {
      return { value: this.#savepoint(pending.change) };
    } catch (error) {
      // SQLite undoes the whole transaction by itself on some failures, a full disk among them: then the group is gone
      // with it and every member must hear so.
      if (!this.#database.inTransaction) throw error;
      this.#notes.length = length;
      return { error };
    }
  }
}
