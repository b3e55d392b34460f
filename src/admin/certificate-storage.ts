// Where the certificates and their keys rest, and how they are handed to TLS.

import type { CredentialStorage } from '../ca/identity.ts';
import type { ServerCredential } from '../ca/server-credential.ts';
import type { Store, StoreWriter } from '../keys/ports.ts';
import type { Sealer } from '../keys/seal-ports.ts';

/** As TLS shows it. */
export const shown = ({ certificatePem, chainPem, privateKeyPem }: ServerCredential) => ({
  certificatePem: certificatePem + chainPem,
  privateKeyPem: privateKeyPem.reveal(),
});

/** The vault as the certificates see it: sealed on the way in, opened on the way out. */
export const vaultStorage = (store: Store, sealer: Sealer): CredentialStorage => ({
  load(name) {
    const sealed = store.vault.sealedSecret(name);
    return sealed && sealer.open(name, sealed);
  },
  async change(records) {
    const sealed = Object.entries(records).map(([name, bytes]) => [name, bytes && sealer.seal(name, bytes)] as const);
    for (const bytes of Object.values(records)) bytes?.fill(0);
    const erase = sealed.some(([, bytes]) => bytes === undefined);
    const write = ({ vault }: StoreWriter): void => {
      for (const [name, bytes] of sealed) {
        if (bytes) vault.putSealedSecret(name, bytes);
        else vault.deleteSealedSecret(name);
      }
    };
    await store.write(write, { erase });
  },
});
