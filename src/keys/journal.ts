// What is done for one batch, noted in the transaction of each change, so that it can be undone (KMIP 1.4 section 6.13, Batch
// Error Continuation Option Undo).

import { randomUUID } from 'node:crypto';
import type { Caller } from './caller.ts';
import type { ObjectWriter } from './object-ports.ts';
import type { Store, StoreWriter, WriteOptions } from './ports.ts';
import type { Former } from './undo-ports.ts';

type Change<T> = (tx: StoreWriter) => T;

export class Journal {
  readonly batch = randomUUID();
  readonly #uids = new Set<string>();

  /** The objects that undoing brings back to what they were. */
  get uids(): ReadonlySet<string> {
    return this.#uids;
  }

  /** Makes a change and notes what it did to each object. */
  during<T>(tx: StoreWriter, change: Change<T>): T {
    const before = new Map<string, Former | undefined>();
    const { objects } = tx;
    const remember = (uid: string): void => {
      if (before.has(uid)) return;
      const object = objects.find(uid);
      before.set(uid, object && { object, attributes: objects.attributesOf(uid) });
    };
    const noting: ObjectWriter = {
      ...objects,
      insert(object, attributes) {
        remember(object.uid);
        objects.insert(object, attributes);
      },
      update(object) {
        remember(object.uid);
        objects.update(object);
      },
      addAttribute(uid, attribute) {
        remember(uid);
        objects.addAttribute(uid, attribute);
      },
      remove(uid) {
        remember(uid);
        objects.remove(uid);
      },
      setAttributes(uid, attributes) {
        remember(uid);
        objects.setAttributes(uid, attributes);
      },
    };
    const result = change({ ...tx, objects: noting });
    for (const [uid, former] of before) {
      tx.undo.note(this.batch, uid, former);
      this.#uids.add(uid);
    }
    return result;
  }
}

/** `store.write`, with the change noted where the caller's batch may have to be undone. */
export const writeNoted = <T>(
  store: Store,
  { journal }: Caller,
  change: Change<T>,
  options: WriteOptions = {},
): Promise<T> => store.write(journal ? (tx) => journal.during(tx, change) : change, options);
