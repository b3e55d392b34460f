// How Locate asks the store: page by page, each of bounded work, so that a search through everything lets others have their
// turn. A part of the store, as ports.ts has the rest.

import type { ManagedObject } from './object.ts';

/** Fields that a search narrows by before any object is made of a row. */
export type NumberField =
  | 'objectType'
  | 'cryptographicAlgorithm'
  | 'cryptographicLength'
  | 'initialDate'
  | 'activationDate'
  | 'processStartDate'
  | 'protectStopDate'
  | 'deactivationDate'
  | 'destroyDate'
  | 'compromiseOccurrenceDate'
  | 'compromiseDate'
  | 'archiveDate'
  | 'lastChangeDate';

/** What the store may leave out by itself; the rest is for whoever searches. */
export interface Narrowing {
  /** Both ends count; an object without the field does not fit. */
  readonly ranges: readonly { readonly field: NumberField; readonly from: number; readonly to: number }[];
  /** Bits that the usage mask has to have. */
  readonly usage: number;
  /** True: neither destroyed ones nor archived ones. */
  readonly onLine: boolean;
  /** KMIP's State, by its number, at a moment (seconds since 1970). */
  readonly state?: { readonly is: number; readonly now: number };
}

/** One page of what Locate looks through; every part narrows. */
export interface LocateQuery {
  readonly instanceId: string;
  readonly uid?: string;
  /** Kept attributes that must be there with exactly this value or, with `until`, one from the first to the last. */
  readonly attributes: readonly { readonly name: string; readonly value: Buffer; readonly until?: Buffer }[];
  readonly narrowing: Narrowing;
  /** Object numbers after this one; 0 for the first page. */
  readonly after: number;
  /** How many candidates are looked at, at most: what bounds the work. */
  readonly looks: number;
}

export interface LocatePage {
  /** Oldest first, without the wrapped and sealed forms. */
  readonly found: readonly ManagedObject[];
  /** The object number to go on after; undefined at the end. There may be more though nothing was found. */
  readonly next: number | undefined;
}
