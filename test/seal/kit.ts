// A root key outside, for slots of Key Protect: its API key is the root key itself, so that a wrong one opens nothing.

import { createSecretKey } from 'node:crypto';
import type { OpenRootKey } from '../../src/seal/key-protect-slot.ts';
import { createLocalRootKey } from '../../src/upstream/local-root/local-root.ts';

/** Opens the root key that `secret` is. */
export const openLocal: OpenRootKey = (_address, secret) =>
  createLocalRootKey({ key: createSecretKey(secret), name: 'a root key outside' });
