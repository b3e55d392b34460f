// What the store keeps of backups, and what it says of a copy of itself.

/** One attempt to make a backup at the place of the settings. */
export interface BackupRun {
  /** Milliseconds since 1970. */
  readonly beganAt: number;
  readonly endedAt: number;
  readonly cause: 'schedule' | 'asked';
  /** The directory or bucket. */
  readonly place: string;
  readonly name: string;
  /** In bytes; 0 where it failed. */
  readonly size: number;
  /** Absent where it succeeded. Of a backup that was made, hence has a size: what is damaged in it. */
  readonly problem?: string;
}

/** This store came out of a backup. */
export interface Restoration {
  /** Milliseconds since 1970: when, and as of when. */
  readonly at: number;
  readonly asOf: number;
  /** Whether the audit trail has it. */
  readonly told: boolean;
}

export interface BackupReader {
  /** Newest first. */
  runs(limit: number): readonly BackupRun[];
  lastSuccess(): BackupRun | undefined;
  /** Oldest first. */
  restorations(): readonly Restoration[];
}

export interface BackupWriter extends BackupReader {
  addRun(run: BackupRun): void;
  addRestoration(restoration: Omit<Restoration, 'told'>): void;
  tellRestorations(): void;
}

/** What is in a copy of the store. */
export interface SnapshotFacts {
  /** The version of its shape. */
  readonly schema: number;
  readonly instances: number;
  readonly clients: number;
  /** Destroyed ones included. */
  readonly keys: number;
}
