// Which appliance a backup is of: a word that is written down once and then stays, whatever is renewed. A restored appliance
// has it too, as it lies in the database.

import type { Damage } from '../damage.ts';
import type { Store } from '../keys/ports.ts';
import type { Sealer } from '../keys/seal-ports.ts';

/** The record's name in the vault. */
const record = 'appliance';
const meaning =
  'backups are named as at the first start; where the certificate authority was renewed since, those that were made before count as those of another appliance';
/** Of whom nothing is known. */
const unknown = '0'.repeat(12);

/**
 * The id of this appliance: 12 hexadecimal digits, as in the names of backups. `authority` is the SHA-256 fingerprint of the
 * certificate authority, which gives the id where none is written down yet: an authority is made at random at the first
 * start, and backups from before ids were kept are called after it. Where the authority is damaged, and so undefined, nothing
 * is written down.
 */
export const applianceId = async (
  { store, sealer, damage }: { readonly store: Store; readonly sealer: Sealer; readonly damage: Damage },
  authority: string | undefined,
): Promise<string> => {
  const sealed = store.vault.sealedSecret(record);
  const id = authority?.slice(0, 12) ?? unknown;
  if (sealed) return damage.orElse(`record ${record}`, meaning, () => sealer.open(record, sealed).toString(), id);
  if (authority === undefined) return id;
  const sealing = sealer.seal(record, Buffer.from(id));
  await store.write(({ vault }) => vault.putSealedSecret(record, sealing));
  return id;
};
