// Tells the audit trail that this appliance came out of a backup: the trail goes on from where the backup ended, and what
// was recorded after that is not in it.

import type { Store } from '../keys/ports.ts';

/** Records every restoration that is not yet in the trail, once. */
export const recordRestorations = async (store: Store): Promise<void> => {
  const untold = store.backups.restorations().filter(({ told }) => !told);
  if (untold.length === 0) return;
  await store.write(({ audit, backups }) => {
    for (const { at, asOf } of untold) {
      const subject = { restoredAt: new Date(at).toISOString(), asOf: new Date(asOf).toISOString() };
      const who = { by: 'server', name: 'kmip-edge', address: '' } as const;
      audit.record({ ...who, operation: 'server.restored', outcome: 'success', subject });
    }
    backups.tellRestorations();
  });
};
