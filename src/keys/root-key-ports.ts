// What opens the stored keys of an instance: a root key, the answers that it may give, and what is remembered of them.

import type { KeyObject } from 'node:crypto';
import { EdgeError, type ErrorDetails } from '../errors.ts';

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

/** What we last heard about an instance's root key; survives restarts. Times are wall-clock milliseconds. */
export interface LeaseRecord {
  /** Last proof of life of the root key. */
  readonly provenAt: number;
  /** The latest time that was ever seen: the lease never counts from an earlier one, so setting the clock back gains nothing. */
  readonly highWater: number;
  readonly rootKey: RootKeyStatus;
}
