// Who we are at a KMIP endpoint: a key and a self-signed certificate for each service instance to be. It is made before
// the instance is, because the certificate has to be uploaded first; until then the private key waits in the vault.

import type { Credential } from '../ca/sign.ts';
import type { Clock } from '../clock.ts';
import { identityName } from '../instances/open-authority.ts';
import { makeIdentity } from '../instances/renewing.ts';
import type { Store, StoreWriter } from '../keys/ports.ts';
import type { Sealer } from '../keys/seal-ports.ts';
import { Secret } from '../secret.ts';

export interface IdentitiesParts {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly clock: Clock;
}

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
    const made = await makeIdentity(instance, clock.now());
    const name = identityName(instance);
    const sealed = withBytes(made, (bytes) => sealer.seal(name, bytes));
    await store.write(({ vault }) => vault.putSealedSecret(name, sealed));
    return made;
  }

  /** The identity that waits for an instance. */
  find(instance: string): Credential | undefined {
    const { store, sealer } = this.#parts;
    const name = identityName(instance);
    const sealed = store.vault.sealedSecret(name);
    if (!sealed) return undefined;
    const bytes = sealer.open(name, sealed);
    const { certificatePem, privateKeyPem } = JSON.parse(bytes.toString()) as Record<keyof Credential, string>;
    bytes.fill(0);
    return { certificatePem, privateKeyPem: new Secret(privateKeyPem) };
  }

  /**
   * What takes an identity along when an instance gets another name; nothing where none waits. It stays under the old name
   * where one waits under the new name already.
   */
  renaming(from: string, to: string): (tx: StoreWriter) => void {
    const identity = this.find(from);
    if (!identity || this.find(to)) return () => {};
    const sealed = withBytes(identity, (bytes) => this.#parts.sealer.seal(identityName(to), bytes));
    return ({ vault }) => {
      vault.putSealedSecret(identityName(to), sealed);
      vault.deleteSealedSecret(identityName(from));
    };
  }

  /** The instance has it now. */
  async forget(instance: string): Promise<void> {
    await this.#parts.store.write(({ vault }) => vault.deleteSealedSecret(identityName(instance)), { erase: true });
  }
}

/** The identity as it rests, for as long as `use` needs it. */
const withBytes = <T>({ certificatePem, privateKeyPem }: Credential, use: (bytes: Buffer) => T): T => {
  const bytes = Buffer.from(JSON.stringify({ certificatePem, privateKeyPem: privateKeyPem.reveal() }));
  try {
    return use(bytes);
  } finally {
    bytes.fill(0);
  }
};
