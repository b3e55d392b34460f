// A managed object as the domain sees it: KMIP's words, already validated, immutable. Key material is not in here; what
// is needed to reach it (wrapped and sealed forms) is, as opaque values.

import type { WrappedKey } from './root-key-ports.ts';

/** Whole seconds since 1970, as KMIP's Date-Time. */
export type Seconds = number;

export interface RevocationReason {
  readonly code: number;
  readonly message?: string;
}

/** The dates that drive State (KMIP 1.4 section 3.22 onwards). */
export interface ObjectDates {
  readonly initialDate: Seconds;
  readonly activationDate?: Seconds | undefined;
  readonly processStartDate?: Seconds | undefined;
  readonly protectStopDate?: Seconds | undefined;
  readonly deactivationDate?: Seconds | undefined;
  readonly destroyDate?: Seconds | undefined;
  readonly compromiseOccurrenceDate?: Seconds | undefined;
  readonly compromiseDate?: Seconds | undefined;
  /** Since when it is archived; absent while it is on line. */
  readonly archiveDate?: Seconds | undefined;
  readonly lastChangeDate: Seconds;
}

export interface ManagedObject extends ObjectDates {
  /** Unique Identifier; unique over all service instances. */
  readonly uid: string;
  readonly instanceId: string;
  /** The upstream that has authority over it. */
  readonly upstreamId: string;
  readonly objectType: number;
  /** 0 where it has none, as an opaque object. */
  readonly cryptographicAlgorithm: number;
  /** In bits; 0 where it has none. */
  readonly cryptographicLength: number;
  readonly cryptographicUsageMask: number;
  /** True until Get has given it to a client (KMIP 1.4 section 3.34); absent where we cannot know. */
  readonly fresh?: boolean | undefined;
  readonly revocationReason?: RevocationReason | undefined;
  /** Absent once destroyed. */
  readonly wrapped?: WrappedKey | undefined;
  /** The material under the appliance's own storage key; absent where the offline policy keeps no copy. */
  readonly sealed?: Buffer | undefined;
  /** Since when the endpoint that holds it says that it does not, in milliseconds since 1970. */
  readonly missingSince?: number | undefined;
}

/**
 * An attribute that is kept as it came: names, groups, contact information, custom ones. `value` is the encoded TTLV
 * item of the Attribute Value, so that any type is kept exactly and two values are equal when their bytes are.
 */
export interface KeptAttribute {
  readonly name: string;
  readonly index: number;
  readonly value: Buffer;
}
