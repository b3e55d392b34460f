// The seal of a running server: which slots open the storage key, how they are added and taken away, and which machine the
// data belongs to. A data disk that comes to another machine is served at once, because hosts wait for their keys; that it
// has moved is said until somebody confirms it, because a copy beside its original would be two servers with one identity. No
// setting of the deployment confirms it beforehand: a clone takes the settings of its original along.

import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Damage } from '../damage.ts';
import { EdgeError } from '../errors.ts';
import type { InstanceRegistry } from '../instances/registry.ts';
import type { Store } from '../keys/ports.ts';
import type { Sealer, SealSlot } from '../keys/seal-ports.ts';
import type { MachineFacts } from '../machine.ts';
import { OneAtATime } from '../one-at-a-time.ts';
import { addRootKeySlot, type OpenRootKey, removeSlot } from '../seal/key-protect-slot.ts';
import { setRecoveryPassphrase } from '../seal/storage-key.ts';
import { Secret } from '../secret.ts';
import type { SealedDataView, SealView } from './api/seal.ts';
import { lastUsed, sealedData, slotView } from './seal-views.ts';

export interface StorageSealParts {
  readonly store: Store;
  readonly dataDirectory: string;
  readonly storageKey: KeyObject;
  /** The slot that opened the storage key this time. */
  readonly slotId: string;
  readonly sealer: Sealer;
  readonly machine: MachineFacts | undefined;
  readonly openRootKey: OpenRootKey;
  readonly clock: Clock;
  readonly damage: Damage;
}

/** The vault's name for the machine that the data belongs to. */
const record = 'machine';
const damaged = `record ${record}`;
const meaning =
  "which machine the data belongs to is not known; if a copy of it still runs, switch one of the two off, else 'kmip-edge seal adopt' makes it this machine's";

interface Owner {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

export class StorageSeal {
  readonly #parts: StorageSealParts;
  readonly #lastUsed: number | undefined;
  #owner: Owner | undefined;
  /** Of the slots that have files. */
  readonly #changes = new OneAtATime();

  private constructor(parts: StorageSealParts) {
    this.#parts = parts;
    this.#lastUsed = lastUsed(parts.store);
    this.#owner = parts.damage.orElse(damaged, meaning, () => ownerIn(parts), undefined);
  }

  /** Data that no machine has yet becomes this one's. Whose is not known does not: it may have come from another. */
  static async open(parts: StorageSealParts): Promise<StorageSeal> {
    const seal = new StorageSeal(parts);
    const { machine, damage } = parts;
    if (machine && !seal.#owner && !damage.has(damaged)) await seal.#own(machine);
    return seal;
  }

  /** Whose the data is; `unknown` where no machine is told, or what is stored of it is damaged. */
  get machine(): SealedDataView['machine'] {
    const { machine } = this.#parts;
    if (!machine || !this.#owner) return 'unknown';
    return machine.id === this.#owner.id ? 'own' : 'other';
  }

  get facts(): MachineFacts | undefined {
    return this.#parts.machine;
  }

  get slots(): readonly SealSlot[] {
    return this.#parts.store.slots.slots();
  }

  view(): SealView {
    const { machine, slotId } = this.#parts;
    return {
      state: 'open',
      slots: this.slots.map((slot) => slotView(slot, machine, slotId)),
      data: this.data(),
    };
  }

  data(): SealedDataView {
    const owner = this.machine === 'unknown' ? undefined : this.#owner;
    const since = owner === undefined ? {} : { since: new Date(owner.since).toISOString() };
    return { ...sealedData(this.#parts.store, this.#lastUsed), machine: this.machine, ...since };
  }

  async setPassphrase(passphrase: Secret): Promise<void> {
    const { store, storageKey, clock } = this.#parts;
    await setRecoveryPassphrase(store, storageKey, passphrase, clock.now());
  }

  /**
   * Lets the root key of a service instance open the storage key, with the instance's API key or one of its own. Throws
   * `invalid-field` for an instance of another kind, and what Key Protect answers.
   */
  async addKeyProtect(registry: InstanceRegistry, instance: string, apiKey: string | undefined): Promise<void> {
    const { store, dataDirectory, storageKey, openRootKey, clock } = this.#parts;
    const upstream = registry.upstream(registry.instanceNamed(instance).upstreamId);
    if (upstream.kind !== 'key-protect') {
      throw new EdgeError(
        'invalid-field',
        `service instance '${instance}' has no root key in key protect: its upstream is ${upstream.kind}`,
        { hint: 'name a service instance of the kind key-protect' },
      );
    }
    const { apiKey: usual, ...settings } = registry.settingsWith(upstream, {});
    await this.#changes.run(() =>
      addRootKeySlot({
        store,
        dataDirectory,
        storageKey,
        address: { upstream: upstream.kind, settings, instance },
        secret: Buffer.from(apiKey ?? String(usual)),
        open: openRootKey,
        now: clock.now(),
      }),
    );
  }

  /**
   * Takes a slot away. Throws `item-not-found`, and `illegal-operation` for the recovery passphrase, and for the last slot
   * that needs neither anybody nor the network, unless that is wanted and a recovery passphrase is there.
   */
  remove(id: string, lastByItself: boolean): Promise<void> {
    return this.#changes.run(() => this.#remove(id, lastByItself));
  }

  async #remove(id: string, lastByItself: boolean): Promise<void> {
    const { slots } = this;
    const slot = slots.find((one) => one.id === id);
    if (!slot) {
      throw new EdgeError('item-not-found', `there is no slot ${id.slice(0, 60)}`, {
        hint: 'kmip-edge seal list shows them',
      });
    }
    if (slot.kind === 'passphrase') {
      throw new EdgeError('illegal-operation', 'the recovery passphrase cannot be taken away', {
        hint: "set another one with 'kmip-edge seal passphrase'",
      });
    }
    const others = slots.filter((one) => one.id !== id);
    if (!others.some(({ kind }) => kind === 'credential')) requireWanted(others, lastByItself);
    await removeSlot(this.#parts.store, this.#parts.dataDirectory, slot);
  }

  /** The data belongs to this machine from now on. Throws `illegal-operation` where no machine is told. */
  async adopt(): Promise<void> {
    const { machine, damage } = this.#parts;
    if (!machine) {
      throw new EdgeError('illegal-operation', 'this server does not know its machine: there is nothing to adopt', {
        hint: 'adopting is for the appliance',
      });
    }
    if (this.machine === 'other' || damage.has(damaged)) await this.#own(machine);
  }

  async #own({ id }: MachineFacts): Promise<void> {
    const { store, sealer, clock, damage } = this.#parts;
    const owner: Owner = { id, since: clock.now() };
    const sealed = sealer.seal(record, Buffer.from(JSON.stringify(owner)));
    await store.write(({ vault }) => vault.putSealedSecret(record, sealed));
    this.#owner = owner;
    damage.mended(damaged);
  }
}

const requireWanted = (others: readonly SealSlot[], wanted: boolean): void => {
  if (!others.some(({ kind }) => kind === 'passphrase')) {
    throw new EdgeError('illegal-operation', 'nothing sure would open the stored keys any more', {
      hint: "set a recovery passphrase first: 'kmip-edge seal passphrase'",
    });
  }
  if (wanted) return;
  const left = others.some(({ kind }) => kind === 'key-protect')
    ? 'after a restart the keys would be served only once key protect answers'
    : 'after each restart somebody would have to give the recovery passphrase';
  throw new EdgeError('illegal-operation', `it is the last that opens by itself: ${left}`, {
    hint: 'say that this is wanted: --last-by-itself',
  });
};

const ownerIn = ({ store, sealer }: StorageSealParts): Owner | undefined => {
  const sealed = store.vault.sealedSecret(record);
  return sealed && (JSON.parse(sealer.open(record, sealed).toString()) as Owner);
};

/** What the management API asks of it. */
export const sealHandlers = (seal: StorageSeal, registry: InstanceRegistry) => ({
  'seal.show': () => seal.view(),
  'seal.passphrase': async ({ passphrase }: { readonly passphrase: string }) => {
    await seal.setPassphrase(new Secret(passphrase));
    return { slots: seal.slots.map(({ kind }) => kind) };
  },
  'seal.unlock': (): { readonly opened: boolean } => {
    throw new EdgeError('illegal-operation', 'the stored keys are open already');
  },
  'seal.add-key-protect': async ({
    instance,
    apiKey,
  }: {
    readonly instance: string;
    readonly apiKey?: string | undefined;
  }) => {
    await seal.addKeyProtect(registry, instance, apiKey);
    return seal.view();
  },
  'seal.remove': async ({ id, lastByItself }: { readonly id: string; readonly lastByItself?: boolean | undefined }) => {
    await seal.remove(id, lastByItself ?? false);
    return seal.view();
  },
  'seal.adopt': async () => {
    await seal.adopt();
    return seal.view();
  },
});
