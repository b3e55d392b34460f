// The removal of a service instance, and what erases its keys: a part of the store, as ports.ts has the rest.

/** The removal of an instance with all its keys: until the wait is over it can be taken back. Times are milliseconds. */
export interface Removal {
  /** Tells it from one that was taken back. */
  readonly id: string;
  readonly requestedAt: number;
  /** Who asked for it. */
  readonly requestedBy: string;
  /** How long everything is kept. */
  readonly wait: number;
  /** How much of that has passed while a server ran. The time between is not counted: only the wall clock could tell it. */
  readonly waited: number;
  /** True once erasing has begun: there is no way back. */
  readonly erasing: boolean;
}

/** What goes for good, a bounded piece at a time, so that others get their turn in between. */
export interface ErasureWriter {
  /**
   * Erases the sealed copies of at most `limit` objects that come after the object number `after`, those that a move or
   * a batch has set aside too; gives the number to go on after, or undefined at the end.
   */
  eraseCopies(instanceId: string, after: number, limit: number): number | undefined;
  /** Erases at most `limit` objects of an instance, with their material and attributes; gives how many there were. */
  eraseObjects(instanceId: string, limit: number): number;
}
