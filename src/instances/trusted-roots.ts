// The roots that service instances trust for some of their clients: kept, changed and taken away, in effect at once.

import { type KeyObject, randomUUID, X509Certificate } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Damage } from '../damage.ts';
import { EdgeError, messageOf } from '../errors.ts';
import type { Store } from '../keys/ports.ts';
import type { ClientRoot, SeenClient } from '../keys/root-ports.ts';
import type { Log } from '../log.ts';
import { OneAtATime } from '../one-at-a-time.ts';
import { requireStaying } from './life.ts';
import type { InstanceRegistry } from './registry.ts';
import { readIntermediates, readKeyFingerprints, readRoot, readSubjects } from './root-lists.ts';
import { type VouchedClient, Vouching } from './vouching.ts';

export interface TrustedRootsParts {
  readonly store: Store;
  readonly registry: InstanceRegistry;
  readonly clock: Clock;
  readonly log: Log;
  readonly damage: Damage;
}

export interface RootLists {
  readonly subjects?: readonly string[] | undefined;
  readonly keyFingerprints?: readonly string[] | undefined;
  /** PEM, one after the other. */
  readonly intermediates?: string | undefined;
}

export interface NewRoot extends RootLists {
  readonly instance: string;
  readonly name: string;
  /** PEM. */
  readonly certificate: string;
}

const damagedHint = "remove it with 'kmip-edge client untrust-root', and trust it anew";

const table = 'table client_root';

export class TrustedRoots {
  readonly #parts: TrustedRootsParts;
  readonly #roots = new Map<string, ClientRoot>();
  readonly #vouching: Vouching;
  /** Each change begins with what the one before it has left: otherwise what was taken off a list could come back. */
  readonly #acts = new OneAtATime();

  /** Opens every stored root; one that is damaged vouches for nobody, and the others do. */
  constructor(parts: TrustedRootsParts) {
    this.#parts = parts;
    this.#vouching = new Vouching(parts);
    const { store, damage } = parts;
    const meaning = 'clients that a trusted root vouches for are refused; pinned clients are served';
    for (const root of damage.orElse(table, meaning, () => store.roots.roots(), [])) this.#tryToOpen(root);
  }

  /** Whom an admitted certificate stands for now: asked for every message. */
  clientOf(fingerprint: string): VouchedClient | undefined {
    const client = this.#vouching.clientOf(fingerprint);
    // The roots of an instance go with it.
    return client && this.#parts.registry.nameOf(client.instanceId) !== undefined ? client : undefined;
  }

  /** See {@link Vouching.admit}; a certificate that cannot be read is admitted by none. */
  admit(leaf: X509Certificate, address: string): string | undefined {
    try {
      return this.#vouching.admit(leaf, address);
    } catch (error) {
      return messageOf(error);
    }
  }

  /** The stored roots of instances that are there, oldest first. */
  roots(): readonly ClientRoot[] {
    const instances = new Set(this.#parts.registry.instances().map(({ id }) => id));
    return [...this.#roots.values()].filter(({ instanceId }) => instances.has(instanceId));
  }

  /** Whom a root admitted, the latest first. */
  seen(rootId: string): readonly SeenClient[] {
    const { store, damage } = this.#parts;
    const meaning = 'whom the trusted roots admitted is not shown';
    return damage.orElse('table seen_client', meaning, () => store.roots.seen(rootId), []);
  }

  /** By name. Throws `item-not-found`, or `data-damaged` where none can be read. */
  rootNamed(instanceName: string, name: string): ClientRoot {
    this.#requireReadable();
    const { id } = this.#parts.registry.instanceNamed(instanceName);
    const root = this.roots().find((one) => one.instanceId === id && one.name === name);
    if (root) return root;
    throw new EdgeError('item-not-found', `service instance '${instanceName}' has no root named '${name}'`, {
      hint: "see 'kmip-edge client roots'",
    });
  }

  /**
   * Trusts a root for those on its list. Throws `invalid-field` for what is no authority or no list, `already-exists` where
   * the name is taken or an entry of the list already leads elsewhere.
   */
  trust(wanted: NewRoot): Promise<ClientRoot> {
    return this.#acts.run(async () => {
      this.#requireReadable();
      const { registry, clock, store } = this.#parts;
      const instance = registry.instanceNamed(wanted.instance);
      requireStaying(instance);
      const { id: instanceId } = instance;
      const { name } = wanted;
      const taken = [...registry.clients(), ...this.roots()].some(
        (one) => one.instanceId === instanceId && one.name === name,
      );
      if (taken) {
        throw new EdgeError(
          'already-exists',
          `service instance '${wanted.instance}' has a client or root named '${name}'`,
          {
            hint: "to add to the list of a root use 'kmip-edge client allow'",
          },
        );
      }
      const now = clock.now();
      const certificatePem = readRoot(wanted.certificate, now);
      const intermediatesPem = readIntermediates(wanted.intermediates ?? '', now);
      const subjects = readSubjects(wanted.subjects ?? []);
      const keyFingerprints = readKeyFingerprints(wanted.keyFingerprints ?? []);
      const lists = { certificatePem, intermediatesPem, subjects, keyFingerprints };
      const root = { id: randomUUID(), instanceId, name, ...lists, addedAt: now };
      this.#requireSound(root);
      await store.write((tx) => tx.roots.insertRoot(root));
      this.#open(root);
      return root;
    });
  }

  /** Adds to the lists of a root, in effect at once. Throws as {@link trust}. */
  allow(instance: string, name: string, more: RootLists): Promise<ClientRoot> {
    return this.#acts.run(async () => {
      const root = this.rootNamed(instance, name);
      return this.#change({
        ...root,
        subjects: [...new Set([...root.subjects, ...readSubjects(more.subjects ?? [])])],
        keyFingerprints: [...new Set([...root.keyFingerprints, ...readKeyFingerprints(more.keyFingerprints ?? [])])],
        intermediatesPem: root.intermediatesPem + readIntermediates(more.intermediates ?? '', this.#parts.clock.now()),
      });
    });
  }

  /** Takes off the lists of a root, in effect at once. Throws `item-not-found` for what is not on them. */
  disallow(instance: string, name: string, less: RootLists): Promise<ClientRoot> {
    return this.#acts.run(async () => {
      const root = this.rootNamed(instance, name);
      const [subjects, keys] = [readSubjects(less.subjects ?? []), readKeyFingerprints(less.keyFingerprints ?? [])];
      const missing = [
        ...subjects.filter((one) => !root.subjects.includes(one)),
        ...keys.filter((one) => !root.keyFingerprints.includes(one)),
      ];
      if (missing.length > 0) {
        throw new EdgeError('item-not-found', `'${missing.join("', '")}' is not on the list of root '${name}'`, {
          hint: "see 'kmip-edge client roots'",
        });
      }
      return this.#change({
        ...root,
        subjects: root.subjects.filter((one) => !subjects.includes(one)),
        keyFingerprints: root.keyFingerprints.filter((one) => !keys.includes(one)),
      });
    });
  }

  /** Trusts a root no more, at once. Throws `item-not-found`. */
  remove(instance: string, name: string): Promise<ClientRoot> {
    return this.#acts.run(async () => {
      const root = this.rootNamed(instance, name);
      await this.#parts.store.write((tx) => tx.roots.deleteRoot(root.id));
      this.#roots.delete(root.id);
      this.#vouching.close(root.id);
      return root;
    });
  }

  /** An instance is being erased: its roots vouch for nobody any more. */
  forget(instanceId: string): Promise<void> {
    return this.#acts.run(async () => {
      for (const root of this.#roots.values()) {
        if (root.instanceId !== instanceId) continue;
        this.#roots.delete(root.id);
        this.#vouching.close(root.id);
      }
    });
  }

  async #change(root: ClientRoot): Promise<ClientRoot> {
    this.#requireSound(root);
    if (!this.#vouching.isOpen(root.id)) {
      throw new EdgeError('data-damaged', `the certificates of root '${root.name}' cannot be read`, {
        hint: damagedHint,
      });
    }
    await this.#parts.store.write((tx) => tx.roots.updateRoot(root));
    this.#open(root);
    return root;
  }

  /** A new root could be given whom one that is not known leads elsewhere. */
  #requireReadable(): void {
    if (!this.#parts.damage.has(table)) return;
    throw new EdgeError('data-damaged', 'the trusted roots cannot be read', { hint: 'restore a backup' });
  }

  #tryToOpen(root: ClientRoot): void {
    const { registry, log } = this.#parts;
    try {
      this.#open(root);
    } catch (error) {
      // Listed all the same, so that it can be removed.
      this.#roots.set(root.id, root);
      log.error('a root vouches for nobody', {
        instance: registry.nameOf(root.instanceId) ?? root.instanceId,
        client: root.name,
        problem: messageOf(error),
        hint: damagedHint,
      });
    }
  }

  #open(root: ClientRoot): void {
    this.#vouching.open(root);
    this.#roots.set(root.id, root);
  }

  /** One who is on two lists would be now here and now there. */
  #requireSound(root: ClientRoot): void {
    if (root.subjects.length + root.keyFingerprints.length === 0) {
      throw new EdgeError('missing-data', `root '${root.name}' would vouch for nobody`, {
        hint: 'give at least one subject or key fingerprint; a root never stands for all that it signs',
      });
    }
    for (const other of this.roots()) {
      if (other.instanceId === root.instanceId) continue;
      const entry =
        root.keyFingerprints.find((one) => other.keyFingerprints.includes(one)) ??
        (haveSameKey(root, other) ? root.subjects.find((one) => other.subjects.includes(one)) : undefined);
      if (entry === undefined) continue;
      throw new EdgeError(
        'already-exists',
        `'${entry}' is on the list of root '${other.name}' of another service instance`,
        {
          hint: 'a client belongs to one service instance',
        },
      );
    }
  }
}

const haveSameKey = (one: ClientRoot, other: ClientRoot): boolean => {
  const [first, second] = [publicKeyOf(one), publicKeyOf(other)];
  return first !== undefined && second !== undefined && first.equals(second);
};

/** Undefined of a root that is damaged. */
const publicKeyOf = ({ certificatePem }: ClientRoot): KeyObject | undefined => {
  try {
    return new X509Certificate(certificatePem).publicKey;
  } catch {
    return undefined;
  }
};
