// Envelope authority: our store holds each key wrapped by the root key, and a copy sealed under the appliance's storage
// key that may be served while the offline lease holds. Concurrent requests for one key make one upstream call.

import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { EdgeError, isKind, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Authority, AuthorityStatus, Forms, Keep, Opened } from './authority.ts';
import { SealedCopies } from './copies.ts';
import { forAnyLength } from './large-material.ts';
import type { OfflineLease } from './lease.ts';
import { requireNameFree } from './names.ts';
import type { NewKey } from './new-key.ts';
import { hasItsLength, keySize, ownAttributes } from './new-object.ts';
import type { ManagedObject } from './object.ts';
import type { Store } from './ports.ts';
import { type RootKey, RootKeyUnusable, type WrappedKey } from './root-key-ports.ts';
import type { RootKeyWatch } from './root-key-watch.ts';
import type { Sealer } from './seal-ports.ts';

export interface EnvelopeOptions {
  readonly instance: { readonly id: string; readonly name: string };
  readonly upstreamId: string;
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
  readonly upstreamId: string;
  readonly isLocal = true;
  readonly #options: EnvelopeOptions;
  readonly #opening = new Map<string, Promise<Opened>>();
  readonly #copies: SealedCopies;

  constructor(options: EnvelopeOptions) {
    this.#options = { ...options, rootKey: forAnyLength(options.rootKey) };
    this.upstreamId = options.upstreamId;
    const { instance, sealer, log, keepsCopies, lease } = options;
    this.#copies = new SealedCopies({ instanceId: instance.id, sealer, log, kept: keepsCopies && lease.term !== 0 });
  }

  start(): void {
    this.#options.watch.start();
  }

  create(key: NewKey, uid: string, keep: Keep): Promise<void> {
    return this.#make({ ...key, generated: true }, uid, keep, () => this.#options.rootKey.generate(keySize(key), uid));
  }

  register(key: NewKey, material: KeyObject, uid: string, keep: Keep): Promise<void> {
    const wrap = async () => ({ material, wrapped: await this.#options.rootKey.wrap(material, uid) });
    return this.#make(key, uid, keep, wrap);
  }

  async takeOver(uid: string, material: KeyObject): Promise<Forms> {
    const { rootKey } = this.#options;
    const wrapped = await this.#asking(() => rootKey.wrap(material, uid));
    const opened = await this.#asking(() => rootKey.unwrap(wrapped, uid));
    if (opened.material.equals(material)) return { wrapped, sealed: this.#copies.make(uid, material) };
    throw new EdgeError('wrapped-key-refused', `key '${uid}' wrapped by ${rootKey.name} opens to another key`);
  }

  servesFromMemory(): boolean {
    return this.#options.lease.verdict() === 'valid';
  }

  keepsInMemory(): boolean {
    return this.#options.lease.term !== 0;
  }

  async open(object: ManagedObject): Promise<Opened> {
    const verdict = this.#options.lease.verdict();
    if (verdict === 'root-key-unusable') throw this.#unusable();
    const copy = verdict === 'valid' ? this.#copies.open(object) : undefined;
    if (copy) return { material: copy, from: 'store' };
    // Another key may take the identifier meanwhile.
    const form = `${object.uid} ${object.wrapped?.text}`;
    const running = this.#opening.get(form);
    if (running !== undefined) return running;
    // A copy that did not open is as good as none, and is made anew.
    const held = verdict === 'valid' ? { ...object, sealed: undefined } : object;
    const opening = this.#unwrap(held).finally(() => this.#opening.delete(form));
    this.#opening.set(form, opening);
    return opening;
  }

  async find(): Promise<undefined> {
    return undefined;
  }

  refresh(): undefined {
    return undefined;
  }

  refreshList(): undefined {
    return undefined;
  }

  tell(): undefined {
    return undefined;
  }

  sync(): undefined {
    return undefined;
  }

  status(): AuthorityStatus {
    const { lease, watch } = this.#options;
    return {
      upstream: watch.health,
      rootKey: lease.rootKey,
      lease: { term: lease.term, remaining: lease.remaining(), provenAt: lease.record.provenAt },
      serving: lease.verdict() === 'valid',
      alarms: [],
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

  async #make(
    key: NewKey,
    uid: string,
    keep: Keep,
    protect: () => Promise<{ readonly material: KeyObject; readonly wrapped: WrappedKey }>,
  ): Promise<void> {
    const { instance, upstreamId, store, clock } = this.#options;
    const { dates, attributes, generated = false, fresh = true, replaces, ...rest } = key;
    const instanceId = instance.id;
    // Refused before the upstream is bothered; checked again inside the transaction.
    requireNameFree(store.objects, instanceId, attributes, 'invalid-field', replaces);
    const { material, wrapped } = await this.#asking(protect);
    const now = Math.floor(clock.now() / 1000);
    const made = { ...rest, ...dates, fresh, uid, instanceId, upstreamId, initialDate: now, lastChangeDate: now };
    const object: ManagedObject = { ...made, wrapped, sealed: this.#copies.make(uid, material) };
    const settle: Parameters<Keep>[0]['settle'] = ({ objects }) =>
      requireNameFree(objects, instanceId, attributes, 'invalid-field');
    const kept = [...attributes, ...ownAttributes(object, attributes, material, generated)];
    await keep({ object, attributes: kept, material, settle });
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

  async #unwrap(object: ManagedObject): Promise<Opened> {
    const { rootKey, watch, lease } = this.#options;
    const { uid, wrapped } = object;
    if (!wrapped) throw new EdgeError('data-damaged', `object '${uid}' has lost its wrapped key`);
    const asked = watch.verdicts;
    try {
      const { material, rewrapped } = await rootKey.unwrap(wrapped, uid);
      this.#requireLength(object, material);
      // An expired root key unwraps too, so this proves life, not that it is active.
      watch.heard(lease.rootKey, asked);
      if (lease.verdict() === 'root-key-unusable') throw this.#unusable();
      this.#keep(object, wrapped, rewrapped, material).catch((error: unknown) =>
        this.#options.log.error('rewrapped key not stored', { uid, problem: messageOf(error) }),
      );
      return { material, from: 'upstream' };
    } catch (error) {
      if (error instanceof RootKeyUnusable) await watch.heardUnusable(error);
      if (!isKind(error, 'upstream-unreachable')) throw error;
      // A poll or another key's unwrap may have got through meanwhile.
      const copy = lease.verdict() === 'valid' ? this.#copies.open(object) : undefined;
      if (copy) return { material: copy, from: 'store' };
      throw this.#unreachable(error, uid);
    }
  }

  /** What has another length is not this key, whoever says so: it is neither served nor kept. */
  #requireLength(object: ManagedObject, material: KeyObject): void {
    const size = material.symmetricKeySize ?? 0;
    if (hasItsLength(object, size)) return;
    const { uid, cryptographicLength } = object;
    const text = `${this.#options.rootKey.name} gave ${size * 8} bits for key '${uid}', which has ${cryptographicLength}`;
    throw new EdgeError('upstream-unreachable', text);
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
    const sealed = object.sealed ?? this.#copies.make(object.uid, material);
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
