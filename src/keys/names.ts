// Names are unique within a service instance (KMIP 1.4 section 3.2); a destroyed object gives its name back. Where an
// endpoint holds the objects, it sees to that itself.

import { EdgeError } from '../errors.ts';
import type { KeptAttribute } from './object.ts';
import type { ObjectReader } from './object-ports.ts';

/** Throws `kind` where one of `attributes` is a Name that another object of the instance, other than `own`, has. */
export const requireNameFree = (
  objects: ObjectReader,
  instanceId: string,
  attributes: readonly KeptAttribute[],
  kind: 'invalid-field' | 'illegal-operation',
  own?: string,
): void => {
  for (const { name, value } of attributes) {
    if (name !== 'Name') continue;
    // Thousands of destroyed objects may have had it: to make an object of each row took seconds.
    for (const other of objects.search({ instanceId, attributes: [{ name, value }], live: true })) {
      if (other.uid !== own)
        throw new EdgeError(kind, `the name is already that of object '${other.uid}'`, {
          finer: 'NonUniqueNameAttribute',
        });
    }
  }
};
