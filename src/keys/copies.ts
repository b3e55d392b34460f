// Copies of keys under the appliance's own storage key: what is served when the upstream is out of reach.

import { createSecretKey, type KeyObject } from 'node:crypto';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { ManagedObject } from './object.ts';
import type { Sealer } from './seal-ports.ts';

export interface SealedCopiesOptions {
  readonly instanceId: string;
  readonly sealer: Sealer;
  readonly log: Log;
  /** False where no copies are kept: {@link SealedCopies.make} gives none then. */
  readonly kept: boolean;
}

/** The name under which the copy of an object is sealed. */
export const copyIdentity = ({ instanceId, uid }: Pick<ManagedObject, 'instanceId' | 'uid'>): string =>
  `key ${instanceId} ${uid}`;

export class SealedCopies {
  readonly #options: SealedCopiesOptions;

  constructor(options: SealedCopiesOptions) {
    this.#options = options;
  }

  make(uid: string, material: KeyObject): Buffer | undefined {
    if (!this.#options.kept) return undefined;
    const bytes = material.export();
    try {
      return this.#options.sealer.seal(this.#identity(uid), bytes);
    } finally {
      bytes.fill(0);
    }
  }

  /** The copy's material, or undefined where there is none or it is damaged: the upstream still has the key then. */
  open({ uid, sealed }: ManagedObject): KeyObject | undefined {
    if (!sealed) return undefined;
    try {
      const bytes = this.#options.sealer.open(this.#identity(uid), sealed);
      const material = createSecretKey(bytes);
      bytes.fill(0);
      return material;
    } catch (error) {
      this.#options.log.error('sealed copy damaged', { uid, problem: messageOf(error) });
      return undefined;
    }
  }

  #identity(uid: string): string {
    return copyIdentity({ instanceId: this.#options.instanceId, uid });
  }
}
