// Who has the last word on an object's material. An envelope authority (the only kind yet) keeps objects in our store and
// asks a root key to open them.

import type { KeyObject } from 'node:crypto';
import type { LeaseTerm } from './lease.ts';
import type { ManagedObject } from './object.ts';
import type { RootKeyStatus, WrappedKey } from './ports.ts';
import type { UpstreamHealth } from './root-key-watch.ts';

/** New material and the two forms in which it rests. */
export interface ProtectedMaterial {
  readonly material: KeyObject;
  readonly wrapped: WrappedKey;
  readonly sealed: Buffer | undefined;
}

export interface AuthorityStatus {
  readonly upstream: UpstreamHealth;
  readonly rootKey: RootKeyStatus;
  readonly lease: { readonly term: LeaseTerm; readonly remaining: LeaseTerm; readonly provenAt: number };
  /** True when a Get of a stored key would be answered now without the upstream. */
  readonly serving: boolean;
}

export interface Authority {
  /** A new symmetric key of `bytes` bytes. Throws the errors of a root key. */
  create(bytes: number, uid: string): Promise<ProtectedMaterial>;
  /** Takes in material that a client brought. Throws the errors of a root key. */
  protect(material: KeyObject, uid: string): Promise<ProtectedMaterial>;
  /** True when material already in memory may be served now. */
  servesFromMemory(): boolean;
  /**
   * The material of `object`. Throws `root-key-unusable`, `lease-ended`, `upstream-unreachable`, `wrapped-key-refused` or
   * `data-damaged`; never `item-not-found`.
   */
  open(object: ManagedObject): Promise<KeyObject>;
  status(): AuthorityStatus;
  start(): void;
  close(): Promise<void>;
}
