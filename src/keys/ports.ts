// What the domain needs from the outside, as contracts. The adapters (store, cache, upstream, seal, audit) implement
// these and know nothing else of us.

import type { KeyObject } from 'node:crypto';
import { EdgeError, type ErrorDetails } from '../errors.ts';
import type { KeptAttribute, ManagedObject } from './object.ts';

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
  readonly upstream: string;
  /** The upstream's settings; no secrets. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** How long keys may be served without proof of life, in milliseconds. */
  readonly lease: number | 'unlimited';
  readonly createdAt: number;
}

export interface Client {
  readonly id: string;
  readonly instanceId: string;
  readonly name: string;
  /** SHA-256 of the certificate, lower-case hexadecimal. */
  readonly fingerprint: string;
  readonly certificatePem: string;
  readonly addedAt: number;
}

/** What Locate asks the store; every part narrows. */
export interface ObjectQuery {
  readonly instanceId: string;
  readonly uid?: string;
  /** Kept attributes that must be there with exactly this value. */
  readonly attributes: readonly { readonly name: string; readonly value: Buffer }[];
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
  /** How many objects the instance has. */
  count(instanceId: string): number;
}

export interface ObjectWriter extends ObjectReader {
  insert(object: ManagedObject, attributes: readonly KeptAttribute[]): void;
  /** Replaces the row of `object.uid`; attributes stay. */
  update(object: ManagedObject): void;
  addAttribute(uid: string, attribute: KeptAttribute): void;
}

export interface InstanceReader {
  instances(): readonly ServiceInstance[];
  clients(): readonly Client[];
  lease(instanceId: string): LeaseRecord | undefined;
}

export interface InstanceWriter extends InstanceReader {
  insertInstance(instance: ServiceInstance): void;
  insertClient(client: Client): void;
  /** False where there was none. */
  deleteClient(id: string): boolean;
  saveLease(instanceId: string, record: LeaseRecord): void;
}

/** Sealed values by name: private keys of our certificate authority, upstream credentials, local root keys. */
export interface VaultReader {
  sealedSecret(name: string): Buffer | undefined;
  isEmpty(): boolean;
}

export interface VaultWriter extends VaultReader {
  putSealedSecret(name: string, sealed: Buffer): void;
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
  readonly instances: InstanceReader;
  readonly vault: VaultReader;
  readonly slots: SlotReader;
}

export interface StoreWriter {
  readonly objects: ObjectWriter;
  readonly instances: InstanceWriter;
  readonly vault: VaultWriter;
  readonly slots: SlotWriter;
}

export interface Store extends StoreReader {
  /**
   * Runs `change` in a transaction and resolves once it is durable. Changes asked for at the same time share one commit;
   * one that throws is undone alone. `change` must be synchronous. With `erase`, what the change removed is also gone
   * from the write-ahead log when this resolves.
   */
  write<T>(change: (tx: StoreWriter) => T, options?: { readonly erase?: boolean }): Promise<T>;
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
  readonly objectType: number;
  readonly cryptographicAlgorithm: number;
  /** In bits. */
  readonly cryptographicLength: number;
  readonly material: KeyObject;
}

export interface KeyCache {
  get(uid: string): CachedKey | undefined;
  set(uid: string, key: CachedKey): void;
  delete(uid: string): void;
  deleteInstance(instanceId: string): void;
  readonly size: number;
}

export interface AuditEntry {
  readonly client: string;
  readonly fingerprint: string;
  readonly address: string;
  readonly instanceId: string;
  readonly operation: string;
  readonly uid?: string | undefined;
  /** Absent: allowed. */
  readonly refusal?: string | undefined;
}

/** Written before an act, refusals too. */
export interface Recorder {
  record(entry: AuditEntry): void;
}

// ------------------------------------------------------------------------------------------------- kinds of upstream

/** A set-up that was proved to work: what to store, and the root key's state at that moment. */
export interface PreparedUpstream {
  /** No secrets. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Stored sealed: an API key, or a local root key. The receiver wipes it. */
  readonly secret: Buffer;
  readonly rootKey: RootKeyStatus;
}

/** One kind of upstream, as the set-up of a service instance sees it. */
export interface UpstreamKind {
  readonly kind: string;
  /** Whether a copy under the storage key is kept and the root key's state is polled: not for a root key that we hold. */
  readonly remote: boolean;
  /**
   * Checks what a user gave, live against the upstream. Throws `invalid-field`, `upstream-refused` or
   * `upstream-unreachable`, each with a hint that says what to do.
   */
  prepare(input: unknown): Promise<PreparedUpstream>;
  /** The root key of a prepared set-up. Nothing is sent yet. The caller wipes `secret` afterwards. */
  open(instance: { readonly id: string; readonly name: string }, settings: unknown, secret: Buffer): RootKey;
}
