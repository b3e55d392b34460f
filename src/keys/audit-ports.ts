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
   * `client`: over KMIP, by certificate. `box`, `user`, `token`, `nobody`: an administrator, as the management API knows
   * them. `server`: what happened by itself.
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
