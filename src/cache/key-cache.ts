// Keys in memory, most recently used first. Holds KeyObjects, so the bytes stay outside the JavaScript heap. The lease is
// not checked here: the domain asks it at every use, so that a key in memory outlives nothing.

import { LRUCache } from 'lru-cache';
import type { CachedKey, KeyCache } from '../keys/cache-ports.ts';

/** Bytes of material that count as one key: more than keys have, less than what clients may register as an object. */
const ordinary = 2048;

/** What an entry counts for: a thousand objects of a megabyte are not a thousand keys. */
const weightOf = ({ material }: CachedKey): number =>
  Math.max(1, Math.ceil((material.symmetricKeySize ?? 0) / ordinary));

/** A cache of at most `maximum` keys, or fewer where some are larger than keys are; what alone is too large is not kept. */
export const createKeyCache = (maximum: number): KeyCache => {
  // Not `max`, which takes the memory for that many keys at once.
  const keys = new LRUCache<string, CachedKey>({ maxSize: maximum, sizeCalculation: weightOf });
  return {
    get: (uid) => keys.get(uid),
    set: (uid, key) => void keys.set(uid, key),
    delete: (uid) => void keys.delete(uid),
    deleteUpstream(upstreamId) {
      for (const [uid, key] of keys.entries()) {
        if (key.upstreamId === upstreamId) keys.delete(uid);
      }
    },
    get size() {
      return keys.size;
    },
  };
};
