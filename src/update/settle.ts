// What is found out after a start. The boot loader has forgotten a trial before it loaded the kernel, so a system that is
// tried has one start to show itself well, and any other end of it, a crash, a power cut, a restart by whoever lost
// patience, leads back to the system before it.

import { otherSlot, type Slot } from './slots.ts';
import type { Outcome, Pending, UpdateState } from './state.ts';

export interface Started {
  readonly running: Slot;
  readonly onTrial: boolean;
}

/** Given up without a word: it did not get as far as saying why. */
export const silentEnd = 'it did not start, or was cut off before it was confirmed';

/**
 * `check`: this start is the trial. `confirmed`: it was, and power went before that was written down. `returned`: it was
 * tried, or was to be tried, and is not what runs. `unasked`: a trial that nobody remembers, which is not confirmed.
 */
export const verdictOf = (
  { running, onTrial }: Started,
  pending: Pending | undefined,
): 'check' | 'confirmed' | 'returned' | 'unasked' | 'nothing' => {
  if (onTrial) return pending?.slot === running ? 'check' : 'unasked';
  if (!pending) return 'nothing';
  return pending.slot === running ? 'confirmed' : 'returned';
};

/** Writes down how it ended; `problem` is absent where it was confirmed. */
export const conclude = (
  state: UpdateState,
  { kind, slot, version, from, problem }: Pending,
  outcome: Outcome['outcome'],
  now: number,
): void => {
  const why = outcome === 'confirmed' ? {} : { problem: problem ?? silentEnd };
  const last = { kind, version, from, outcome, at: new Date(now).toISOString(), ...why };
  // The record comes first: with both there it is concluded again, to the same end.
  state.setRecord({ ...state.record(), running: outcome === 'confirmed' ? slot : otherSlot(slot), last });
  state.clearPending();
};
