// What operations want of the key service, beside what a single key needs.

import type { KeyObject } from 'node:crypto';
import type { NewKey } from './new-key.ts';
import type { KeptAttribute, ManagedObject, Seconds } from './object.ts';

/** One of several objects that are made together. */
export interface WantedObject {
  readonly uid: string;
  readonly key: NewKey;
  /** Absent where the authority makes it. */
  readonly material?: KeyObject | undefined;
}

/** A change to an object: what is left out stays as it is. */
export type Alter<T> = (
  object: ManagedObject,
  attributes: readonly KeptAttribute[],
  now: Seconds,
) => {
  readonly object?: ManagedObject;
  readonly attributes?: readonly KeptAttribute[];
  readonly result: T;
};
