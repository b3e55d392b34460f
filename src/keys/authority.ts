// Who has the last word on an object. An envelope authority keeps objects in our store and asks a root key to open them; a
// regional authority asks the KMIP endpoint that holds them, and our store is a cache of it.

import type { KeyObject } from 'node:crypto';
import type { Attribute } from '../kmip/template-attribute.ts';
import type { ServedFrom } from './audit-ports.ts';
import type { LeaseTerm } from './lease.ts';
import type { NewKey } from './new-key.ts';
import type { KeptAttribute, ManagedObject, RevocationReason, Seconds } from './object.ts';
import type { StoreWriter } from './ports.ts';
import type { RootKeyStatus, WrappedKey } from './root-key-ports.ts';
import type { UpstreamHealth } from './root-key-watch.ts';

/** The two forms in which material rests. */
export interface Forms {
  readonly wrapped: WrappedKey | undefined;
  readonly sealed: Buffer | undefined;
}

/** Material that was asked for, and who had it. */
export interface Opened {
  readonly material: KeyObject;
  readonly from: Exclude<ServedFrom, 'memory'>;
}

/** A key that was made and is not stored yet. */
export interface MadeKey {
  readonly object: ManagedObject;
  readonly attributes: readonly KeptAttribute[];
  /** Absent where it could not be fetched: it is at the endpoint. */
  readonly material: KeyObject | undefined;
  /** What has to be checked or stored in the same transaction. */
  readonly settle: (tx: StoreWriter) => void;
  /** Others are under way: its commit may wait a moment for theirs. */
  readonly lingers?: boolean;
}

/** Makes a key durable. */
export type Keep = (made: MadeKey) => Promise<void>;

/** A change to an object, for the authority that may have to make it elsewhere first. */
export type Change =
  | { readonly act: 'activate' | 'destroy' }
  | {
      readonly act: 'revoke';
      readonly reason: RevocationReason;
      readonly compromise: { readonly occurred?: Seconds | undefined } | undefined;
    }
  | { readonly act: 'add attribute'; readonly attribute: Attribute };

/** What an object is like after a change that its endpoint made. */
export interface Told {
  object(current: ManagedObject, now: Seconds): ManagedObject;
  /** All kept attributes; absent: they did not change. */
  readonly attributes?: readonly KeptAttribute[];
  /** Of an attribute that was added. */
  readonly index?: number;
}

export interface SyncState {
  readonly running: boolean;
  /** Objects that the endpoint lists, and how many of them were looked at. */
  readonly total: number;
  readonly done: number;
  /** New here, changed elsewhere, not there any more, and failed. */
  readonly adopted: number;
  readonly changed: number;
  readonly missing: number;
  readonly failed: number;
  /** Why the last sync ended early, or what went wrong with the first object that failed. */
  readonly problem?: string;
  /** When the last complete sync ended, in milliseconds since 1970. */
  readonly endedAt?: number;
}

export interface AuthorityStatus {
  readonly upstream: UpstreamHealth;
  readonly rootKey: RootKeyStatus;
  readonly lease: { readonly term: LeaseTerm; readonly remaining: LeaseTerm; readonly provenAt: number };
  /** True when a Get of a stored key would be answered now without the upstream. */
  readonly serving: boolean;
  /** What an administrator has to look at, each with what to do. */
  readonly alarms: readonly string[];
  /** Absent where there is nothing to keep in step with. */
  readonly sync?: SyncState;
}

export interface Authority {
  readonly upstreamId: string;
  /** True where our store is all there is: only then every kind of object and of change is possible. */
  readonly isLocal: boolean;
  /** Makes a symmetric key; `uid` is its Unique Identifier unless the endpoint gives another. Throws its upstream's errors. */
  create(key: NewKey, uid: string, keep: Keep): Promise<void>;
  /** Takes in material that a client brought. Throws its upstream's errors, or `operation-not-supported`. */
  register(key: NewKey, material: KeyObject, uid: string, keep: Keep): Promise<void>;
  /** The forms of a key that moves here, proved to open to the same key. Throws as {@link register}. */
  takeOver(uid: string, material: KeyObject): Promise<Forms>;
  /** True when the material of this object, which is in memory, may be served now. */
  servesFromMemory(uid: string): boolean;
  /** True when material that is served now may be served from memory later. */
  keepsInMemory(): boolean;
  /**
   * The material of `object`. Throws `root-key-unusable`, `lease-ended`, `upstream-unreachable`, `wrapped-key-refused`,
   * `data-damaged`, or what its endpoint said; `item-not-found` only where the endpoint said so.
   */
  open(object: ManagedObject): Promise<Opened>;
  /** An object that our store does not know; it is stored when this resolves. Throws where that cannot be told. */
  find(uid: string): Promise<ManagedObject | undefined>;
  /** Brings what we know of `object` up to date where it is not; undefined where nothing is to be done. */
  refresh(object: ManagedObject): Promise<void> | undefined;
  /** The same for which objects there are. */
  refreshList(): Promise<void> | undefined;
  /** Makes a change elsewhere first; undefined where our store is all there is. */
  tell(object: ManagedObject, change: Change): Promise<Told> | undefined;
  /** Brings all objects up to date; undefined where our store is all there is. */
  sync(): Promise<SyncState> | undefined;
  status(): AuthorityStatus;
  /** As the endpoint's (see `KeyEndpoint`); absent where the upstream knows us by nothing that is made here. */
  replaceCredential?(settings: unknown, secret: Buffer): Promise<void>;
  start(): void;
  close(): Promise<void>;
}
