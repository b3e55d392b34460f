// The slots in the store.

import type { Store, StoreWriter } from '../keys/ports.ts';
import type { SealSlot } from '../keys/seal-ports.ts';

/** Puts `slot` in the place of all of its kind. An old slot must not be found in what is left of it on the disk. */
export const replaceSlots = (store: Store, slot: SealSlot): Promise<void> => {
  const replace = ({ slots }: StoreWriter): void => {
    for (const old of slots.slots()) if (old.kind === slot.kind) slots.deleteSlot(old.id);
    slots.putSlot(slot);
  };
  return store.write(replace, { erase: true });
};

/** Asked after a write that failed: it may have been committed before it did. */
export const isStored = (store: Store, { id }: SealSlot): boolean => store.slots.slots().some((slot) => slot.id === id);
