// A place where scheduled backups are put, as a contract: a directory or a bucket.

/** A backup of this appliance at its place. */
export interface PlacedBackup {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** As of when, milliseconds since 1970. */
  readonly at: number;
}

/**
 * Where backups of one appliance are. What is there of others is neither seen nor touched. Everything throws
 * `upstream-unreachable` where there is no answer, `upstream-refused` where it is not allowed, `storage-full`.
 */
export interface Place {
  /** What a person would call it. */
  readonly title: string;
  /** Puts a backup there; it is there whole when this resolves, and not at all where it rejects. Gives its size. */
  write(name: string, pieces: AsyncIterable<Buffer>): Promise<number>;
  /** The backups of this appliance, newest first. */
  list(): Promise<readonly PlacedBackup[]>;
  /** Removes one of them. Throws `permission-denied` for what is not a backup that this appliance made. */
  remove(name: string): Promise<void>;
}

/** Backups that were found, newest first. */
export const newestFirst = (found: readonly PlacedBackup[]): readonly PlacedBackup[] =>
  found.toSorted((one, other) => other.at - one.at);
