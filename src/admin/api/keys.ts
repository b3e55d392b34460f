// Keys as an administrator may see them: never their bytes.

import { count, list, moment, name, type Of, object, type Routes, string } from './schema.ts';

const keyView = object({
  uid: string,
  instance: string,
  state: string,
  algorithm: string,
  /** In bits. */
  length: count,
  initialDate: moment,
  names: list(string),
});
export type KeyView = Of<typeof keyView>;

export const keyRoutes = {
  'key.list': {
    method: 'GET',
    path: '/v1/keys',
    role: 'read-only',
    summary: 'Keys, oldest first, and how many there are.',
    input: object({ instance: name, limit: { type: 'integer', minimum: 1, maximum: 100_000 } }, ['instance', 'limit']),
    output: object({ keys: list(keyView), total: count }),
  },
} as const satisfies Routes;
