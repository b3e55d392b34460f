// What was done for one batch, so that it can be undone (KMIP 1.4 section 6.13, Batch Error Continuation Option Undo).

import type { KeptAttribute, ManagedObject } from './object.ts';
import type { ObjectWriter } from './ports.ts';

type Undo = (objects: ObjectWriter) => void;

export class Journal {
  readonly #undos: Undo[] = [];
  readonly #uids = new Set<string>();

  /** Notes an object that was made. */
  made(uid: string): void {
    this.#uids.add(uid);
    this.#undos.push((objects) => objects.remove(uid));
  }

  /** Notes an object as it was before a change; with its forms, so that one that was destroyed comes back. */
  changed(before: ManagedObject, attributes: readonly KeptAttribute[]): void {
    this.#uids.add(before.uid);
    this.#undos.push((objects) => {
      objects.update(before);
      objects.setAttributes(before.uid, attributes);
    });
  }

  /** The objects that undoing brings back to what they were. */
  get uids(): ReadonlySet<string> {
    return this.#uids;
  }

  /** Undoes everything, the latest first. */
  undo(objects: ObjectWriter): void {
    for (const undo of this.#undos.toReversed()) undo(objects);
  }
}
