// How managed objects and their attributes are kept, looked for and counted: a part of the store, as ports.ts has the rest.

import type { LocatePage, LocateQuery } from './locate-ports.ts';
import type { KeptAttribute, ManagedObject } from './object.ts';
import type { KeyPage, PageQuery } from './use-ports.ts';

/** What Locate asks the store; every part narrows. */
export interface ObjectQuery {
  readonly instanceId: string;
  readonly uid?: string;
  /** Kept attributes that must be there with exactly this value or, with `until`, one from the first to the last. */
  readonly attributes: readonly { readonly name: string; readonly value: Buffer; readonly until?: Buffer }[];
  /** True: no destroyed ones. */
  readonly live?: boolean;
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
