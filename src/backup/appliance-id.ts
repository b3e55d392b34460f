// Which appliance a backup is of: a word that is written down once and then stays, whatever is renewed. A restored appliance
// has it too, as it lies in the database.

import type { Store } from '../keys/ports.ts';
import type { Sealer } from '../keys/seal-ports.ts';

/** The record's name in the vault. */
const record = 'appliance';

/**
 * The id of this appliance: 12 hexadecimal digits, as in the names of backups. `authority` is the SHA-256 fingerprint of the
 * certificate authority, which gives the id where none is written down yet: an authority is made at random at the first
 * start, and backups from before ids were kept are called after it.
 */
export const applianceId = async (
  { store, sealer }: { readonly store: Store; readonly sealer: Sealer },
  authority: string,
): Promise<string> => {
  const sealed = store.vault.sealedSecret(record);
  if (sealed) return sealer.open(record, sealed).toString();
  const id = authority.slice(0, 12);
  const sealing = sealer.seal(record, Buffer.from(id));
  await store.write(({ vault }) => vault.putSealedSecret(record, sealing));
  return id;
};
