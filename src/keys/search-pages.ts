// Locate's walk through an instance's objects: a page at a time, between which other clients get their turn.

import { setImmediate } from 'node:timers/promises';
import type { Caller } from './caller.ts';
import type { LocateQuery } from './locate-ports.ts';
import type { ManagedObject } from './object.ts';
import type { ObjectReader } from './object-ports.ts';

/** What Locate looks for: the store narrows, `matches` decides. */
export interface Search extends Pick<LocateQuery, 'uid' | 'attributes' | 'narrowing'> {
  readonly matches: (object: ManagedObject) => boolean;
  readonly maximum: number;
  /** How many matches are passed over first. */
  readonly offset: number;
}

/** Candidates of the first page: most searches end there. */
const firstLooks = 64;
/** And of later ones, each some milliseconds of work. */
const mostLooks = 2048;
/** Bytes of an attribute's value that are compared in the time that finding the attribute takes. */
const bytesLike = 4096;

/** Fewer where each candidate has many attributes compared with it, or long ones: a page takes as long then. */
const looksFor = ({ attributes }: Search): number => {
  const each = attributes.reduce((sum, { value }) => sum + 1 + value.length / bytesLike, 0);
  return Math.ceil(mostLooks / Math.max(1, each / 8));
};

/**
 * Unique identifiers of what fits, oldest first. What is changed while it walks is found as it is when the walk comes by.
 * `check` is called before each further page, and ends the walk by what it throws.
 */
export const searchPages = async (
  objects: ObjectReader,
  { instanceId }: Caller,
  search: Search,
  check: () => void,
): Promise<readonly string[]> => {
  const found: string[] = [];
  let passedOver = 0;
  const most = looksFor(search);
  let looks = Math.min(firstLooks, most);
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page = objects.locate({ ...search, instanceId, after, looks });
    for (const object of page.found) {
      if (object.missingSince !== undefined || !search.matches(object)) continue;
      if (passedOver++ < search.offset) continue;
      found.push(object.uid);
      if (found.length === search.maximum) return found;
    }
    after = page.next;
    looks = Math.min(most, looks * 4);
    if (after === undefined) break;
    await setImmediate();
    check();
  }
  return found;
};
