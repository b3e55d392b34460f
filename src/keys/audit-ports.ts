// What the audit is told and by whom, as contracts: the parts that do something record it, the audit trail keeps it, and
// the store lets the record of a change commit with the change.

import type { StoreWriter } from './ports.ts';

/** `refused`: it was not to be done, or not like that. `failed`: it should have been, and could not be. */
export type AuditOutcome = 'success' | 'refused' | 'failed';
/** Where an answer about a key came from. */
export type ServedFrom = 'memory' | 'store' | 'upstream';

/** One thing that happened: who did what on which object, and how it ended. Never a secret. */
export interface AuditEntry {
  /**
   * `client`: over KMIP, by certificate. `box`, `user`, `token`: an administrator, as the management API knows them.
   * `nobody`: who is not known to us. `server`: what happened by itself.
   */
  readonly by: 'client' | 'box' | 'user' | 'token' | 'nobody' | 'server';
  readonly name: string;
  /** Empty where there is none. */
  readonly address: string;
  /** Of a client's certificate: SHA-256, lower-case hexadecimal. */
  readonly fingerprint?: string | undefined;
  /** Of an administrator. */
  readonly role?: string | undefined;
  readonly instanceId?: string | undefined;
  /** The KMIP operation, the route of the management API, or what the server noticed. */
  readonly operation: string;
  readonly uid?: string | undefined;
  /** What an administrator's act was about, and what else there is to say of an event: names and figures. */
  readonly subject?: Readonly<Record<string, string>> | undefined;
  readonly outcome: AuditOutcome;
  /** Of a read that succeeded. */
  readonly servedFrom?: ServedFrom | undefined;
  /** The kind of the error, or `of-another-instance`, which the client is told is `item-not-found`. */
  readonly reason?: string | undefined;
  readonly problem?: string | undefined;
}

/** Takes in what has happened, before it is answered. What belongs to a change goes through {@link AuditWriter}. */
export interface Recorder {
  record(entry: AuditEntry): void;
}

/** Records what a transaction does: durable with it, and nothing where it is undone. */
export interface AuditWriter {
  record(entry: AuditEntry): void;
}

/** What keeps the records of each transaction. */
export interface TrailKeeper {
  /** At the end of each transaction, inside it. What it throws undoes the whole transaction. */
  keep(entries: readonly AuditEntry[], tx: StoreWriter): void;
  /** Afterwards: whether the transaction is durable. */
  settled(entries: readonly AuditEntry[], durable: boolean): void;
}

/** Records that follow one another, as they rest: JSON lines, bound to the segment before. Times are milliseconds since 1970. */
export interface Segment {
  /** Sequence numbers of the first and the last record. */
  readonly first: number;
  readonly last: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** The hash of the segment before. */
  readonly previous: Buffer;
  readonly hash: Buffer;
  readonly encoding: 'plain' | 'zstd';
  readonly body: Buffer;
  /** A checksum of each line, which tells the one that was changed from its neighbours. */
  readonly sums: Buffer;
  /** Over all of it, under a key that only this server has. */
  readonly mac: Buffer;
}

/** What the server signed: so far the trail went then, and this was its hash. */
export interface Checkpoint {
  /** They are counted, so that one that is missing is missed. */
  readonly number: number;
  /** Of the last record that it covers. */
  readonly sequence: number;
  readonly time: number;
  readonly hash: Buffer;
  /** Ed25519. */
  readonly signature: Buffer;
}

/** What the collector is known to have: up to which record, and up to which checkpoint. */
export interface Forwarded {
  readonly sequence: number;
  /** A number. */
  readonly checkpoint: number;
}

export interface TrailReader {
  /** The one with the least first sequence number above `sequence`. */
  segmentAfter(sequence: number): Segment | undefined;
  /** The one with the greatest first sequence number of at most `sequence`. */
  segmentUpTo(sequence: number): Segment | undefined;
  /** By number, those above `number`, at most `limit`. */
  checkpoints(number: number, limit: number): readonly Checkpoint[];
  lastCheckpoint(): Checkpoint | undefined;
  /** The last one that was made before `time`, milliseconds. */
  checkpointBefore(time: number): Checkpoint | undefined;
  /** The first one of those that were all made at `time` or later. */
  checkpointFrom(time: number): Checkpoint | undefined;
  /** Where the trail begins, if its beginning was dropped: signed as well. */
  front(): Checkpoint | undefined;
  /** Undefined where nothing was ever forwarded. */
  forwarded(): Forwarded | undefined;
  /** Bytes of all segments, about. */
  size(): number;
}

export interface TrailWriter extends TrailReader {
  append(segment: Segment): void;
  addCheckpoint(checkpoint: Checkpoint): void;
  /** Drops at most `limit` segments that end at or before `sequence`; gives how many there were. */
  dropUpTo(sequence: number, limit: number): number;
  /** Replaces the front, and drops the checkpoints up to its number. */
  setFront(front: Checkpoint): void;
  setForwarded(forwarded: Forwarded): void;
}
