// Who we are at a KMIP endpoint: a key and a self-signed certificate for each service instance to be. It is made before
// the instance is, because the certificate has to be uploaded first; until then the private key waits in the vault.

import { selfSignedClient } from '../ca/self-signed.ts';
import type { Credential } from '../ca/sign.ts';
import type { Clock } from '../clock.ts';
import type { Sealer, Store } from '../keys/ports.ts';
import { Secret } from '../secret.ts';

export interface IdentitiesParts {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly clock: Clock;
}

const days = 3650;
const recordName = (instance: string): string => `identity ${instance}`;

export class Identities {
  readonly #parts: IdentitiesParts;

  constructor(parts: IdentitiesParts) {
    this.#parts = parts;
  }

  /** The identity of an instance to be: the one that waits, or a new one. */
  async make(instance: string): Promise<Credential> {
    const waiting = this.find(instance);
    if (waiting) return waiting;
    const { store, sealer, clock } = this.#parts;
    const made = await selfSignedClient({ commonName: `kmip-edge ${instance}`.slice(0, 64), days, now: clock.now() });
    const { certificatePem, privateKeyPem } = made;
    const bytes = Buffer.from(JSON.stringify({ certificatePem, privateKeyPem: privateKeyPem.reveal() }));
    const name = recordName(instance);
    try {
      await store.write(({ vault }) => vault.putSealedSecret(name, sealer.seal(name, bytes)));
    } finally {
      bytes.fill(0);
    }
    return made;
  }

  /** The identity that waits for an instance. */
  find(instance: string): Credential | undefined {
    const { store, sealer } = this.#parts;
    const name = recordName(instance);
    const sealed = store.vault.sealedSecret(name);
    if (!sealed) return undefined;
    const bytes = sealer.open(name, sealed);
    const { certificatePem, privateKeyPem } = JSON.parse(bytes.toString()) as Record<keyof Credential, string>;
    bytes.fill(0);
    return { certificatePem, privateKeyPem: new Secret(privateKeyPem) };
  }

  /** The instance has it now. */
  async forget(instance: string): Promise<void> {
    await this.#parts.store.write(({ vault }) => vault.deleteSealedSecret(recordName(instance)), { erase: true });
  }
}
