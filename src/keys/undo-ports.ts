// What batches that are done as one have changed so far: a part of the store, as ports.ts has the rest. It is kept until the
// batch is decided, so that a server that ends before that can undo it at its next start.

import type { KeptAttribute, ManagedObject } from './object.ts';

/** An object with the forms of its material, and its kept attributes. */
export interface Former {
  readonly object: ManagedObject;
  readonly attributes: readonly KeptAttribute[];
}

export interface UndoReader {
  /** Batches that are not decided. */
  undecided(): readonly string[];
  /** True where such a batch has changed this object, so that undoing may bring it back to what it was. */
  isUndecided(uid: string): boolean;
}

export interface UndoWriter extends UndoReader {
  /** Notes that a change of `batch` has left an object as it is now; `before` it, it was this, or was not there. */
  note(batch: string, uid: string, before: Former | undefined): void;
  /**
   * Takes back what the batch did, the latest first: what it made goes, what it changed is as before, unless somebody else has
   * changed that since. Gives the objects, with their service instances.
   */
  undo(batch: string): readonly { readonly uid: string; readonly instanceId: string }[];
  /** The batch stays: what was kept to undo it is erased. */
  settle(batch: string): void;
}
