// Create at an endpoint, so that no key is left there that nobody knows of. A marker is durable before the request is
// sent, and erased in the transaction that stores the key; a marker that is still there after a crash or a lost answer
// finds what was made, and that is destroyed: no client was ever told of it.

import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { EdgeError, isKind, messageOf } from '../errors.ts';
import { RevocationReasonCode, State } from '../kmip/enums.ts';
import type { Log } from '../log.ts';
import type { Owner } from './endpoint-object.ts';
import { MarkerSupply } from './marker-supply.ts';
import type { PendingCreate, Store, StoreWriter } from './ports.ts';
import { type EndpointKey, type EndpointObject, type KeyEndpoint, OutcomeUnknown } from './upstream-ports.ts';

export interface EndpointCreateOptions {
  readonly owner: Owner;
  readonly endpoint: KeyEndpoint;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the endpoint made. Its material and description are absent where they could not be fetched. */
export interface CreatedKey {
  readonly uid: string;
  readonly material: KeyObject | undefined;
  readonly described: EndpointObject | undefined;
}

/** Milliseconds for which an endpoint may still be at work on a request. */
const longestWork = 15 * 60_000;

export class EndpointCreate {
  readonly #options: EndpointCreateOptions;
  readonly #markers: MarkerSupply;

  constructor(options: EndpointCreateOptions) {
    this.#options = options;
    const { store, clock, owner } = options;
    this.#markers = new MarkerSupply({ upstreamId: owner.upstreamId, store, clock });
  }

  /** Makes a key and hands it to `keep`, which must store it and call `settle` in the same transaction. */
  async make(
    key: EndpointKey,
    keep: (created: CreatedKey, settle: (tx: StoreWriter) => void) => Promise<void>,
  ): Promise<void> {
    const marker = await this.#markers.take();
    try {
      const uid = await this.#send(key, marker);
      const fetched = await this.#fetch(uid);
      await keep(fetched, ({ upstreams }) => upstreams.deletePendingCreate(marker));
    } finally {
      this.#markers.letGo(marker);
    }
  }

  close(): Promise<void> {
    return this.#markers.close();
  }

  /** True for an object that carries the marker of a create that is under way or was given up: it is not to be adopted. */
  isPending(tx: Pick<StoreWriter, 'upstreams'>, described: EndpointObject): boolean {
    const { endpoint, owner } = this.#options;
    const marker = described.kept.find(({ name }) => name === endpoint.markerName)?.value;
    if (!marker) return false;
    return tx.upstreams
      .pendingCreates(owner.upstreamId)
      .some((pending) => marker.includes(Buffer.from(pending.marker)));
  }

  /** Destroys what creates that were given up have made; gives how many may still make something. */
  async settle(): Promise<number> {
    const { store, owner } = this.#options;
    const given = store.upstreams
      .pendingCreates(owner.upstreamId)
      .filter(({ marker }) => !this.#markers.isOurs(marker));
    let left = 0;
    for (const pending of given) if (!(await this.#settleOne(pending))) left += 1;
    return left;
  }

  async #send(key: EndpointKey, marker: string): Promise<string> {
    try {
      return await this.#options.endpoint.create(key, marker);
    } catch (error) {
      if (error instanceof EdgeError && !(error instanceof OutcomeUnknown)) this.#markers.giveBack(marker);
      throw error;
    }
  }

  /** What cannot be fetched now is fetched when it is asked for: the key is there. */
  async #fetch(uid: string): Promise<CreatedKey> {
    const { endpoint, log } = this.#options;
    const [material, described] = await Promise.allSettled([endpoint.material(uid), endpoint.describe(uid)]);
    for (const outcome of [material, described]) {
      if (outcome.status === 'fulfilled') continue;
      if (isKind(outcome.reason, 'item-not-found')) {
        throw new EdgeError('upstream-refused', `the endpoint made key '${uid}' and says that it does not have it`);
      }
      log.warn('new key not fetched yet', { uid, problem: messageOf(outcome.reason) });
    }
    return {
      uid,
      material: material.status === 'fulfilled' ? material.value : undefined,
      described: described.status === 'fulfilled' ? described.value : undefined,
    };
  }

  /** True when nothing can come of it any more. */
  async #settleOne({ marker, sentAt }: PendingCreate): Promise<boolean> {
    const { endpoint, store, clock, log } = this.#options;
    const found = await endpoint.reconcile(marker);
    for (const uid of found) {
      if (store.objects.find(uid))
        log.error('a key that is in use carries the marker of a create that failed', { uid });
      else await this.#destroy(uid);
    }
    if (found.length === 0 && clock.now() - sentAt < longestWork) return false;
    await store.write(({ upstreams }) => upstreams.deletePendingCreate(marker));
    return true;
  }

  async #destroy(uid: string): Promise<void> {
    const { endpoint, log } = this.#options;
    const { state } = await endpoint.describe(uid);
    if (state === State.Destroyed || state === State.DestroyedCompromised) return;
    if (state === State.Active) await endpoint.revoke(uid, { code: RevocationReasonCode.CessationOfOperation });
    await endpoint.destroy(uid);
    log.info('destroyed a key whose create was never acknowledged', { uid });
  }
}
