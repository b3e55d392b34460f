// Tells the audit trail that this appliance came out of a backup: the trail goes on from where the backup ended, and what
// was recorded after that is not in it.

import type { Damage } from '../damage.ts';
import type { Restoration } from '../keys/backup-ports.ts';
import type { Store, StoreReader } from '../keys/ports.ts';

/** The restorations as they are stored; none where they are damaged. */
export const readRestorations = ({ backups }: Pick<StoreReader, 'backups'>, damage: Damage): readonly Restoration[] => {
  const meaning = 'whether this appliance came out of a backup is not known';
  return damage.orElse('table restoration', meaning, () => backups.restorations(), []);
};

/** Records every restoration that is not yet in the trail, once. */
export const recordRestorations = async (store: Store, damage: Damage): Promise<void> => {
  const untold = readRestorations(store, damage).filter(({ told }) => !told);
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
