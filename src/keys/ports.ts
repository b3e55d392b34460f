// What the domain needs from the outside, as contracts. The adapters (store, cache, upstream, seal, audit) implement
// these and know nothing else of us.

import type { KeyObject } from 'node:crypto';
import { EdgeError, type ErrorDetails } from '../errors.ts';
import type { AuditEntry, AuditWriter, TrailKeeper, TrailReader, TrailWriter } from './audit-ports.ts';
import type { BackupReader, BackupWriter, SnapshotFacts } from './backup-ports.ts';
import type { LocatePage, LocateQuery } from './locate-ports.ts';
import type { KeptAttribute, ManagedObject } from './object.ts';
import type { ErasureWriter, Removal } from './removal-ports.ts';
import type { RootReader, RootWriter } from './root-ports.ts';
import type { TelemetryReader, TelemetryWriter } from './telemetry-ports.ts';
import type { TokenReader, TokenWriter } from './token-ports.ts';
import type { UndoReader, UndoWriter } from './undo-ports.ts';
import type { KeyPage, PageQuery, UseReader, UseWriter } from './use-ports.ts';

// ------------------------------------------------------------------------------------------------- root keys

/** A data key encrypted by a root key: opaque text of any length. */
export interface WrappedKey {
  readonly text: string;
  /** Version of the root key that wrapped it, where the upstream tells. */
  readonly version?: string;
}

/** Key Protect's numbers 0, 1, 2, 3 and 5, by name. */
export const rootKeyStates = ['pre-active', 'active', 'suspended', 'deactivated', 'destroyed'] as const;
export type RootKeyState = (typeof rootKeyStates)[number];

export interface RootKeyStatus {
  readonly state: RootKeyState;
  readonly name?: string;
  readonly version?: string;
}

/**
 * The power to open what we store: a customer root key in Key Protect, or a local one. Every call either gives an
 * answer that the upstream really gave, or throws an EdgeError:
 * - `upstream-unreachable`: no answer, or one that proves nothing about the root key (time-out, cut, 5xx, 429, 401, 403,
 *   any IAM failure, a body that is not the upstream's);
 * - `root-key-unusable` (a {@link RootKeyUnusable}): the upstream says that the root key is not in a state for this;
 * - `wrapped-key-refused`: this one wrapped key is not accepted (damaged, other root key, other additional data);
 * - `upstream-refused`: the request itself was refused as malformed.
 */
export interface RootKey {
  /** What a person would call it, for messages: no secret. */
  readonly name: string;
  /** A new random symmetric key of `bytes` bytes, bound to `uid`, with its wrapped form. */
  generate(bytes: number, uid: string): Promise<{ readonly material: KeyObject; readonly wrapped: WrappedKey }>;
  /** Wraps `material`, bound to `uid`. */
  wrap(material: KeyObject, uid: string): Promise<WrappedKey>;
  /** The key inside `wrapped`; `rewrapped` is a newer wrapped form that replaces the given one. */
  unwrap(wrapped: WrappedKey, uid: string): Promise<{ readonly material: KeyObject; readonly rewrapped?: WrappedKey }>;
  /** The root key's state now, as the upstream tells it. A root key that the upstream no longer has is `destroyed`. */
  status(): Promise<RootKeyStatus>;
  close(): Promise<void>;
}

/** The upstream says that the root key cannot be used for this now. `state` is absent where it did not say which. */
export class RootKeyUnusable extends EdgeError {
  readonly state: RootKeyState | undefined;

  constructor(message: string, state: RootKeyState | undefined, details: ErrorDetails = {}) {
    super('root-key-unusable', message, details);
    this.name = 'RootKeyUnusable';
    this.state = state;
  }
}

// ------------------------------------------------------------------------------------------------- the store

/** What we last heard about an instance's root key; survives restarts. Times are wall-clock milliseconds. */
export interface LeaseRecord {
  /** Last proof of life of the root key. */
  readonly provenAt: number;
  /** The latest time that was ever seen: the lease never counts from an earlier one, so setting the clock back gains nothing. */
  readonly highWater: number;
  readonly rootKey: RootKeyStatus;
}

export interface ServiceInstance {
  readonly id: string;
  readonly name: string;
  /** The upstream that new keys are made under. Keys that still move may belong to another one. */
  readonly upstreamId: string;
  /** How long keys may be served without proof of life, in milliseconds. */
  readonly lease: number | 'unlimited';
  readonly createdAt: number;
  /** Since when its keys are not served, because an administrator said so; in milliseconds since 1970. */
  readonly suspendedAt?: number | undefined;
  /** Absent where no removal was asked for. */
  readonly removal?: Removal | undefined;
}

export interface Upstream {
  readonly id: string;
  readonly instanceId: string;
  readonly kind: string;
  /** No secrets. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
}

/** A Create that was sent to an endpoint and whose end is not recorded. */
export interface PendingCreate {
  readonly marker: string;
  readonly upstreamId: string;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
}

export interface WriteOptions {
  /** What the change removed is gone from the disk, too. */
  readonly erase?: boolean;
  /** It may wait a few milliseconds for others to share its commit. */
  readonly lingers?: boolean;
}

/** An instance's keys on their way from one upstream to another; `done` waits for the user's word to erase the old forms. */
export interface Move {
  readonly instanceId: string;
  readonly from: string;
  readonly to: string;
  readonly state: 'running' | 'stopped' | 'done';
  readonly startedAt: number;
  readonly endedAt?: number;
}

export interface NotMoved {
  readonly uid: string;
  readonly problem: string;
}

/** How a client's certificate came to be: brought by it, made here with its key, or signed here for a key of its own. */
export type ClientOrigin = 'pinned' | 'issued' | 'signed';

export interface PinnedCertificate {
  /** SHA-256 of the certificate, lower-case hexadecimal. */
  readonly fingerprint: string;
  readonly certificatePem: string;
}

export interface Client extends PinnedCertificate {
  readonly id: string;
  readonly instanceId: string;
  readonly name: string;
  readonly origin: ClientOrigin;
  readonly addedAt: number;
  /** The certificate before, while it is admitted too. */
  readonly former?: PinnedCertificate | undefined;
}

/** What Locate asks the store; every part narrows. */
export interface ObjectQuery {
  readonly instanceId: string;
  readonly uid?: string;
  /** Kept attributes that must be there with exactly this value or, with `until`, one from the first to the last. */
  readonly attributes: readonly { readonly name: string; readonly value: Buffer; readonly until?: Buffer }[];
}

export interface ObjectReader {
  find(uid: string): ManagedObject | undefined;
  /** Ordered by name and index. */
  attributesOf(uid: string): readonly KeptAttribute[];
  /**
   * Oldest first, without the wrapped and sealed forms; a lazy walk, so that a caller who wants ten pays for ten. Not to be
   * kept across an await.
   */
  search(query: ObjectQuery): Iterable<ManagedObject>;
  /** Bounded work, whatever is asked for. */
  page(query: PageQuery): KeyPage;
  /** The same for Locate. Throws `invalid-field` for too many attributes. */
  locate(query: LocateQuery): LocatePage;
  /** How many objects the instance has. */
  count(instanceId: string): number;
  /** How many it has in each State, by its number, at `now` (seconds since 1970). */
  countByState(instanceId: string, now: number): ReadonlyMap<number, number>;
  /** How many of them an upstream has authority over, destroyed ones included. */
  countHeldBy(instanceId: string, upstreamId: string): number;
  /** Those that their endpoint says it does not have, oldest first. */
  missing(upstreamId: string): readonly string[];
}

export interface ObjectWriter extends ObjectReader {
  insert(object: ManagedObject, attributes: readonly KeptAttribute[]): void;
  /** Replaces the row of `object.uid`; attributes stay. */
  update(object: ManagedObject): void;
  addAttribute(uid: string, attribute: KeptAttribute): void;
  /** As if it had never been: its attributes go with it, and all forms of its material are erased. */
  remove(uid: string): void;
  /** Replaces all kept attributes. */
  setAttributes(uid: string, attributes: readonly KeptAttribute[]): void;
}

export interface InstanceReader {
  instances(): readonly ServiceInstance[];
  clients(): readonly Client[];
}

export interface InstanceWriter extends InstanceReader {
  insertInstance(instance: ServiceInstance): void;
  /** Throws `already-exists` where the name or the certificate is taken. */
  insertClient(client: Client): void;
  /** Replaces its certificates and origin. Throws as `insertClient`. */
  updateClient(client: Client): void;
  /** False where there was none. */
  deleteClient(id: string): boolean;
  setUpstream(instanceId: string, upstreamId: string): void;
  /** Throws `already-exists` for a name that is taken. */
  rename(instanceId: string, name: string): void;
  setLease(instanceId: string, lease: ServiceInstance['lease']): void;
  setSuspended(instanceId: string, since: number | undefined): void;
  /** Inserts or replaces it. */
  putRemoval(instanceId: string, removal: Removal): void;
  deleteRemoval(instanceId: string): void;
  /** With its clients, leases and moves. It must have no objects and no upstreams left. */
  deleteInstance(instanceId: string): void;
}

export interface UpstreamReader {
  upstreams(): readonly Upstream[];
  lease(upstreamId: string): LeaseRecord | undefined;
  pendingCreates(upstreamId: string): readonly PendingCreate[];
}

export interface UpstreamWriter extends UpstreamReader {
  /** Inserts it, or replaces the settings of one that is there. */
  putUpstream(upstream: Upstream): void;
  /** With its lease and its pending creates. It must have no objects left. */
  deleteUpstream(id: string): void;
  saveLease(upstreamId: string, record: LeaseRecord): void;
  addPendingCreate(create: PendingCreate): void;
  deletePendingCreate(marker: string): void;
}

export interface MoveReader {
  moves(): readonly Move[];
  /** Ordered by unique identifier. */
  notMoved(instanceId: string): readonly NotMoved[];
  /** How many objects of the instance still have the forms of the upstream before. */
  formerForms(instanceId: string): number;
}

export interface MoveWriter extends MoveReader {
  putMove(move: Move): void;
  /** With its list of what was not moved. */
  deleteMove(instanceId: string): void;
  putNotMoved(instanceId: string, one: NotMoved): void;
  clearNotMoved(instanceId: string): void;
  /** Sets an object's forms aside: the next update gives it new ones and leaves these. */
  keepFormer(uid: string): void;
  /** Erases what was set aside. */
  eraseFormer(instanceId: string): void;
}

/** Sealed values by name: private keys of our certificate authority, upstream credentials, local root keys. */
export interface VaultReader {
  sealedSecret(name: string): Buffer | undefined;
  names(): readonly string[];
  isEmpty(): boolean;
}

export interface VaultWriter extends VaultReader {
  putSealedSecret(name: string, sealed: Buffer): void;
  deleteSealedSecret(name: string): void;
}

/** How the storage key is wrapped, once for each way to open it. */
export interface SealSlot {
  readonly id: string;
  readonly kind: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly wrapped: Buffer;
  readonly createdAt: number;
}

export interface SlotReader {
  slots(): readonly SealSlot[];
}

export interface SlotWriter extends SlotReader {
  putSlot(slot: SealSlot): void;
  deleteSlot(id: string): boolean;
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

// ------------------------------------------------------------------------------------------------- the rest

/** Encrypts what rests on disk under the storage key. `identity` names the record; what was sealed for one opens for no other. */
export interface Sealer {
  seal(identity: string, plaintext: Buffer): Buffer;
  /** Throws `data-damaged` for anything that was not sealed by us for this identity. The caller wipes the result. */
  open(identity: string, sealed: Buffer): Buffer;
}

/** A key in memory, ready to be served once access and lease allow it: no more than an answer to Get says. */
export interface CachedKey {
  readonly uid: string;
  readonly instanceId: string;
  readonly upstreamId: string;
  readonly objectType: number;
  readonly cryptographicAlgorithm: number;
  /** In bits. */
  readonly cryptographicLength: number;
  readonly material: KeyObject;
  /** Why it is not given out as it is; absent where it is (KMIP 1.4 sections 3.48 and 3.50). */
  readonly withheld?: 'sensitive' | 'not-extractable' | undefined;
  /** True until a Get has been answered from it. */
  readonly fresh?: boolean | undefined;
}

export interface KeyCache {
  get(uid: string): CachedKey | undefined;
  set(uid: string, key: CachedKey): void;
  delete(uid: string): void;
  deleteUpstream(upstreamId: string): void;
  readonly size: number;
}
