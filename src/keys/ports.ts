// The store, as the domain needs it: everything that is kept, part by part, and how changes become durable. The files of
// the parts are beside this one. The adapters (store, cache, upstream, seal, audit) implement these contracts and know
// nothing else of us.

import type { AuditEntry, AuditWriter, TrailKeeper, TrailReader, TrailWriter } from './audit-ports.ts';
import type { BackupReader, BackupWriter, SnapshotFacts } from './backup-ports.ts';
import type { InstanceReader, InstanceWriter, UpstreamReader, UpstreamWriter } from './instance-ports.ts';
import type { MoveReader, MoveWriter } from './move-ports.ts';
import type { ObjectReader, ObjectWriter } from './object-ports.ts';
import type { ErasureWriter } from './removal-ports.ts';
import type { RootReader, RootWriter } from './root-ports.ts';
import type { SlotReader, SlotWriter, VaultReader, VaultWriter } from './seal-ports.ts';
import type { TelemetryReader, TelemetryWriter } from './telemetry-ports.ts';
import type { TokenReader, TokenWriter } from './token-ports.ts';
import type { UndoReader, UndoWriter } from './undo-ports.ts';
import type { UseReader, UseWriter } from './use-ports.ts';

export interface WriteOptions {
  /** What the change removed is gone from the disk, too. */
  readonly erase?: boolean;
  /** It may wait a few milliseconds for others to share its commit. */
  readonly lingers?: boolean;
}

export interface StoreReader {
  readonly objects: ObjectReader;
  readonly undo: UndoReader;
  readonly instances: InstanceReader;
  readonly roots: RootReader;
  readonly upstreams: UpstreamReader;
  readonly moves: MoveReader;
  readonly uses: UseReader;
  readonly vault: VaultReader;
  readonly slots: SlotReader;
  readonly tokens: TokenReader;
  readonly telemetry: TelemetryReader;
  readonly backups: BackupReader;
  readonly trail: TrailReader;
}

export interface StoreWriter {
  readonly objects: ObjectWriter;
  readonly undo: UndoWriter;
  readonly instances: InstanceWriter;
  readonly roots: RootWriter;
  readonly upstreams: UpstreamWriter;
  readonly moves: MoveWriter;
  readonly uses: UseWriter;
  readonly erasure: ErasureWriter;
  readonly vault: VaultWriter;
  readonly slots: SlotWriter;
  readonly tokens: TokenWriter;
  readonly audit: AuditWriter;
  readonly trail: TrailWriter;
  readonly telemetry: TelemetryWriter;
  readonly backups: BackupWriter;
}

export interface Store extends StoreReader {
  /** Of the database's own program. */
  readonly version: string;
  /**
   * Runs `change` in a transaction and resolves once it is durable. Changes asked for at the same time share one commit;
   * one that throws is undone alone. `change` must be synchronous. With `erase`, what the change removed is also gone
   * from the write-ahead log when this resolves.
   */
  write<T>(change: (tx: StoreWriter) => T, options?: WriteOptions): Promise<T>;
  /**
   * Runs `work`. The first change that it asks for commits together with the record `entry`; `recorded` tells whether there
   * was one.
   */
  joining<T>(
    entry: () => AuditEntry,
    work: () => Promise<T> | T,
  ): Promise<{ readonly value: T; readonly recorded: boolean }>;
  /** From now on `keeper` keeps what transactions record; without one it is lost. */
  keepTrail(keeper: TrailKeeper): void;
  /**
   * Writes everything, as of one moment not before now, into a new file at `path`; reads and changes go on meanwhile.
   * `progress` hears how many bytes are done, of how many.
   */
  snapshot(path: string, progress?: (done: number, total: number) => void): Promise<SnapshotFacts>;
  /** What the store finds wrong with itself, looked at as a whole; nothing where it is sound. Takes its time. */
  problems(): readonly string[];
  /** Why the last change could not be stored; undefined where it could. */
  unstored(): string | undefined;
  close(): Promise<void>;
}
