// The keys in memory, from which most Gets are answered.

import type { KeyObject } from 'node:crypto';

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
