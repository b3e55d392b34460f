// Samples of what is recorded.

import type { AuditEntry } from '../../src/keys/audit-ports.ts';

/** A Get of this key that succeeded. */
export const get = (uid: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  by: 'client',
  name: 'esx-01',
  address: '192.0.2.1',
  fingerprint: 'ab'.repeat(32),
  instanceId: 'instance-1',
  operation: 'Get',
  uid,
  outcome: 'success',
  servedFrom: 'memory',
  ...more,
});
