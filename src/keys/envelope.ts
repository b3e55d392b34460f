// Envelope authority: our store holds each key wrapped by the root key, and a copy sealed under the appliance's storage
// key that may be served while the offline lease holds. Concurrent requests for one key make one upstream call.

import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { EdgeError, isKind, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Authority, AuthorityStatus, ProtectedMaterial } from './authority.ts';
import type { OfflineLease } from './lease.ts';
import type { ManagedObject } from './object.ts';
import { type RootKey, RootKeyUnusable, type Sealer, type Store, type WrappedKey } from './ports.ts';
import type { RootKeyWatch } from './root-key-watch.ts';

export interface EnvelopeOptions {
  readonly instance: { readonly id: string; readonly name: string };
  readonly rootKey: RootKey;
  readonly lease: OfflineLease;
  readonly watch: RootKeyWatch;
  /** False where the root key is always at hand, so that a sealed copy would only be one more copy. */
  readonly keepsCopies: boolean;
  readonly store: Store;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly log: Log;
}

export class EnvelopeAuthority implements Authority {
  readonly #options: EnvelopeOptions;
  readonly #opening = new Map<string, Promise<KeyObject>>();

  constructor(options: EnvelopeOptions) {
    this.#options = options;
  }

  start(): void {
    this.#options.watch.start();
  }

  async create(bytes: number, uid: string): Promise<ProtectedMaterial> {
    const { material, wrapped } = await this.#asking(() => this.#options.rootKey.generate(bytes, uid));
    return { material, wrapped, sealed: this.#seal(uid, material) };
  }

  async protect(material: KeyObject, uid: string): Promise<ProtectedMaterial> {
    const wrapped = await this.#asking(() => this.#options.rootKey.wrap(material, uid));
    return { material, wrapped, sealed: this.#seal(uid, material) };
  }

  servesFromMemory(): boolean {
    return this.#options.lease.verdict() === 'valid';
  }

  async open(object: ManagedObject): Promise<KeyObject> {
    const verdict = this.#options.lease.verdict();
    if (verdict === 'root-key-unusable') throw this.#unusable();
    const copy = verdict === 'valid' ? this.#unseal(object) : undefined;
    if (copy) return copy;
    const running = this.#opening.get(object.uid);
    if (running !== undefined) return running;
    // A copy that did not open is as good as none, and is made anew.
    const held = verdict === 'valid' ? { ...object, sealed: undefined } : object;
    const opening = this.#unwrap(held).finally(() => this.#opening.delete(object.uid));
    this.#opening.set(object.uid, opening);
    return opening;
  }

  status(): AuthorityStatus {
    const { lease, watch } = this.#options;
    return {
      upstream: watch.health,
      rootKey: lease.rootKey,
      lease: { term: lease.term, remaining: lease.remaining(), provenAt: lease.record.provenAt },
      serving: lease.verdict() === 'valid',
    };
  }

  async close(): Promise<void> {
    // The root key first: that ends a question that the watch may be waiting for.
    try {
      await this.#options.rootKey.close();
    } finally {
      await this.#options.watch.close();
    }
  }

  /** A success proves the root key active; a refusal may name its state. */
  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    const { watch, lease } = this.#options;
    const asked = watch.verdicts;
    try {
      const answer = await ask();
      watch.heard({ ...lease.rootKey, state: 'active' }, asked);
      return answer;
    } catch (error) {
      if (error instanceof RootKeyUnusable) await watch.heardUnusable(error);
      throw error;
    }
  }

  async #unwrap(object: ManagedObject): Promise<KeyObject> {
    const { rootKey, watch, lease } = this.#options;
    const { uid, wrapped } = object;
    if (!wrapped) throw new EdgeError('data-damaged', `object '${uid}' has lost its wrapped key`);
    const asked = watch.verdicts;
    try {
      const { material, rewrapped } = await rootKey.unwrap(wrapped, uid);
      // An expired root key unwraps too, so this proves life, not that it is active.
      watch.heard(lease.rootKey, asked);
      if (lease.verdict() === 'root-key-unusable') throw this.#unusable();
      this.#keep(object, wrapped, rewrapped, material).catch((error: unknown) =>
        this.#options.log.error('rewrapped key not stored', { uid, problem: messageOf(error) }),
      );
      return material;
    } catch (error) {
      if (error instanceof RootKeyUnusable) await watch.heardUnusable(error);
      if (!isKind(error, 'upstream-unreachable')) throw error;
      // A poll or another key's unwrap may have got through meanwhile.
      const copy = lease.verdict() === 'valid' ? this.#unseal(object) : undefined;
      if (copy) return copy;
      throw this.#unreachable(error, uid);
    }
  }

  #unreachable(error: EdgeError, uid: string): EdgeError {
    const details = error.hint === undefined ? { cause: error } : { cause: error, hint: error.hint };
    if (this.#options.lease.verdict() !== 'ended') {
      const text = `key '${uid}' is not held here and the upstream is unreachable: ${error.message}`;
      return new EdgeError('upstream-unreachable', text, details);
    }
    const name = `service instance '${this.#options.instance.name}'`;
    const text = `the offline lease of ${name} has ended and its upstream is unreachable: ${error.message}`;
    return new EdgeError('lease-ended', text, details);
  }

  /** Stores a newer wrapping and a sealed copy that was missing. Failing here loses nothing: the old wrapping stays good. */
  async #keep(
    object: ManagedObject,
    old: WrappedKey,
    rewrapped: WrappedKey | undefined,
    material: KeyObject,
  ): Promise<void> {
    const newer = rewrapped && (await this.#proved(rewrapped, object.uid, material));
    const sealed = object.sealed ?? this.#seal(object.uid, material);
    if (!newer && sealed === object.sealed) return;
    await this.#options.store.write(({ objects }) => {
      const current = objects.find(object.uid);
      // Destroyed or wrapped anew meanwhile: then this is old news.
      if (current?.wrapped?.text !== old.text) return;
      objects.update({ ...current, wrapped: newer ?? current.wrapped, sealed });
    });
  }

  /** A newer wrapping once it has been seen to open: the one that it replaces is erased. */
  async #proved(rewrapped: WrappedKey, uid: string, material: KeyObject): Promise<WrappedKey | undefined> {
    const opened = await this.#options.rootKey.unwrap(rewrapped, uid);
    if (opened.material.equals(material)) return rewrapped;
    this.#options.log.error('newer wrapping refused: it opens to another key', { uid });
    return undefined;
  }

  #seal(uid: string, material: KeyObject): Buffer | undefined {
    const { sealer, lease, keepsCopies } = this.#options;
    if (!keepsCopies || lease.term === 0) return undefined;
    const bytes = material.export();
    const sealed = sealer.seal(this.#identity(uid), bytes);
    bytes.fill(0);
    return sealed;
  }

  /** The sealed copy's material, or undefined where there is none or it is damaged: the wrapped key still opens then. */
  #unseal(object: ManagedObject): KeyObject | undefined {
    if (!object.sealed) return undefined;
    try {
      const bytes = this.#options.sealer.open(this.#identity(object.uid), object.sealed);
      const material = createSecretKey(bytes);
      bytes.fill(0);
      return material;
    } catch (error) {
      this.#options.log.error('sealed copy damaged', { uid: object.uid, problem: messageOf(error) });
      return undefined;
    }
  }

  #identity(uid: string): string {
    return `key ${this.#options.instance.id} ${uid}`;
  }

  #unusable(): RootKeyUnusable {
    const { lease, instance, rootKey } = this.#options;
    const { state } = lease.rootKey;
    return new RootKeyUnusable(
      `the root key of service instance '${instance.name}' is ${state} at its upstream (${rootKey.name}): its keys are not served`,
      state,
      { hint: 'enable or restore the root key; keys are served again within a minute' },
    );
  }
}
