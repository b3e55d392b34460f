// What acts on keys are made of.

import type { Clock } from '../clock.ts';
import type { Recorder } from './audit-ports.ts';
import type { Authority } from './authority.ts';
import type { KeyCache } from './cache-ports.ts';
import type { Caller } from './caller.ts';
import type { Store } from './ports.ts';
import type { UseRecorder } from './use-ports.ts';

export interface KeyServiceOptions {
  readonly store: Store;
  readonly cache: KeyCache;
  readonly recorder: Recorder;
  readonly uses: UseRecorder;
  readonly clock: Clock;
  /** Undoes a batch as soon as the store takes that. */
  readonly undoLater: (batch: string) => void;
  /** Throws where the keys of the caller's instance are not to be served, or changed, now. */
  readonly requireActive: (caller: Caller) => void;
  /** The authority of an upstream that is there. */
  readonly authorityOf: (upstreamId: string) => Authority;
  /** The authority under which new keys of a service instance are made. */
  readonly authorityOfInstance: (instanceId: string) => Authority;
}
