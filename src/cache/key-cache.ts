// Keys in memory, most recently used first. Holds KeyObjects, so the bytes stay outside the JavaScript heap. The lease is
// not checked here: the domain asks it at every use, so that a key in memory outlives nothing.

import { LRUCache } from 'lru-cache';
import type { CachedKey, KeyCache } from '../keys/cache-ports.ts';

/** A cache of at most `maximum` keys. */
export const createKeyCache = (maximum: number): KeyCache => {
  // Not `max`, which takes the memory for that many keys at once.
  const keys = new LRUCache<string, CachedKey>({ maxSize: maximum, sizeCalculation: () => 1 });
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
