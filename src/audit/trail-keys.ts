// The keys of the audit trail: one that signs checkpoints, which anybody can check by its public half, and one that binds
// every segment to this server. Both come from one secret in the vault. Beside it rests what the last checkpoint was, so
// that the end of the trail cannot be taken away together with the checkpoints over it.

import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { messageOf } from '../errors.ts';
import type { Checkpoint, Segment } from '../keys/audit-ports.ts';
import type { Store, StoreWriter } from '../keys/ports.ts';
import type { Sealer } from '../keys/seal-ports.ts';
import type { Log } from '../log.ts';
import { checkpointText, readCheckpoint } from './chain/checkpoint.ts';

const keyName = 'audit trail key';
const headName = 'audit trail head';

export interface TrailKeysOptions {
  readonly store: Pick<Store, 'vault' | 'write'>;
  readonly sealer: Sealer;
  readonly log: Log;
}

export class TrailKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly #options: TrailKeysOptions;
  /** As a key object: Node takes five times as long with the same bytes in a Buffer. */
  readonly #macKey: KeyObject;

  constructor(options: TrailKeysOptions, pkcs8: Buffer) {
    this.#options = options;
    this.privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    this.publicKey = createPublicKey(this.privateKey);
    const macKey = Buffer.from(hkdfSync('sha256', pkcs8, '', 'kmip-edge audit segment mac 1', 32));
    this.#macKey = createSecretKey(macKey);
    macKey.fill(0);
  }

  get publicKeyPem(): string {
    return this.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  }

  /** SHA-256 of the public key, lower-case hexadecimal. */
  get fingerprint(): string {
    return createHash('sha256')
      .update(this.publicKey.export({ format: 'der', type: 'spki' }))
      .digest('hex');
  }

  /** Over everything of a segment as it rests. */
  mac({ hash, encoding, sums, body }: Omit<Segment, 'mac'>): Buffer {
    const mac = createHmac('sha256', this.#macKey).update(hash).update(`${encoding} ${sums.length}\n`);
    return mac.update(sums).update(body).digest();
  }

  saveHead({ vault }: StoreWriter, checkpoint: Checkpoint): void {
    const text = Buffer.from(JSON.stringify(checkpointText(checkpoint)));
    vault.putSealedSecret(headName, this.#options.sealer.seal(headName, text));
  }

  /** What the last checkpoint was; `damaged` where that was tampered with. */
  head(): Checkpoint | 'damaged' | undefined {
    const { store, sealer } = this.#options;
    const sealed = store.vault.sealedSecret(headName);
    if (!sealed) return undefined;
    try {
      return readCheckpoint(JSON.parse(sealer.open(headName, sealed).toString())) ?? 'damaged';
    } catch {
      return 'damaged';
    }
  }
}

/**
 * Opens the keys, or makes them for a trail that has none. A secret that was tampered with is replaced: the server serves
 * on, and the trail up to then does not verify any more.
 */
export const openTrailKeys = async (options: TrailKeysOptions): Promise<TrailKeys> => {
  const { store, sealer, log } = options;
  const sealed = store.vault.sealedSecret(keyName);
  if (sealed) {
    try {
      return wiped(options, sealer.open(keyName, sealed));
    } catch (error) {
      log.error('the key of the audit trail is damaged; a new one is made', { problem: messageOf(error) });
    }
  }
  const made = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' });
  await store.write(({ vault }) => vault.putSealedSecret(keyName, sealer.seal(keyName, made)));
  return wiped(options, made);
};

const wiped = (options: TrailKeysOptions, pkcs8: Buffer): TrailKeys => {
  try {
    return new TrailKeys(options, pkcs8);
  } finally {
    pkcs8.fill(0);
  }
};
