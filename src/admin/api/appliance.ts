// What runs where: versions, memory and disk.

import { count, moment, nothing, type Of, object, type Routes, string } from './schema.ts';

const bytes = count;

const applianceView = object({
  version: string,
  node: string,
  openssl: string,
  sqlite: string,
  /** The operating system, its architecture and the version of its kernel. */
  system: string,
  processors: count,
  startedAt: moment,
  dataDirectory: string,
  memory: object({ resident: bytes, total: bytes }),
  disk: object({ free: bytes, size: bytes, database: bytes }),
});
export type ApplianceView = Of<typeof applianceView>;

export const applianceRoutes = {
  'appliance.show': {
    method: 'GET',
    path: '/v1/appliance',
    role: 'read-only',
    summary: 'Versions, memory and disk of the appliance.',
    input: nothing,
    output: applianceView,
  },
} as const satisfies Routes;
