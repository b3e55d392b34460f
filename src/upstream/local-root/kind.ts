// The `local` kind of upstream: its secret is the root key itself, made here and stored sealed. For evaluation and for
// sites without a cloud.

import { createSecretKey, randomBytes } from 'node:crypto';
import { EdgeError } from '../../errors.ts';
import type { UpstreamKind } from '../../keys/upstream-ports.ts';
import { createLocalRootKey } from './local-root.ts';

/** Needs no settings, and takes none. */
export const localRootKind: UpstreamKind = {
  kind: 'local',
  holds: 'root key',
  remote: false,
  async prepare(input) {
    const given = Object.keys(input ?? {});
    if (given.length > 0) {
      throw new EdgeError('invalid-field', `a local root key has no settings, but was given: ${given.join(', ')}`, {
        hint: 'leave them out, or choose --upstream key-protect',
      });
    }
    return { settings: {}, secret: randomBytes(32), rootKey: { state: 'active', name: 'local root key' } };
  },
  targets: () => [],
  open: ({ name }, _settings, secret) =>
    createLocalRootKey({ key: createSecretKey(secret), name: `local root key of '${name}'` }),
};
