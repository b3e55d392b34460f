// Create at an endpoint, so that no key is left there that nobody knows of. A marker is durable before the request is
// sent, and erased in the transaction that stores the key; a marker that is still there after a crash or a lost answer
// finds what was made, and that is destroyed: no client was ever told of it.
//
// Destroying is for what is certain. A database that is as it was before, because the machine's disk was put back, holds
// markers of creates that ended well since (restoring a backup forgets them); so what a marker from before our start finds
// is destroyed only where nobody has touched it since, and it was made soon after the marker was written down and before
// our last sign of life. Anything else is kept, and taken over by the next sync.

import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { EdgeError, isKind, messageOf } from '../errors.ts';
import { RevocationReasonCode, State } from '../kmip/enums.ts';
import type { Log } from '../log.ts';
import type { Owner } from './endpoint-object.ts';
import type { PendingCreate } from './instance-ports.ts';
import { MarkerSupply, markerLife } from './marker-supply.ts';
import type { Store, StoreWriter } from './ports.ts';
import { type EndpointKey, type EndpointObject, type KeyEndpoint, OutcomeUnknown } from './upstream-ports.ts';

export interface EndpointCreateOptions {
  readonly owner: Owner;
  readonly endpoint: KeyEndpoint;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** When this process's predecessor was last known to live, in milliseconds since 1970. */
  readonly aliveUntil: number;
}

/** What the endpoint made. Its material and description are absent where they could not be fetched. */
export interface CreatedKey {
  readonly uid: string;
  readonly material: KeyObject | undefined;
  readonly described: EndpointObject | undefined;
}

/** Milliseconds for which an endpoint may still be at work on a request. */
const longestWork = 15 * 60_000;
/** Milliseconds for which a process may live on after its last sign of life, and its clock differ from the endpoint's. */
const unseenLife = 120_000;

export class EndpointCreate {
  readonly #options: EndpointCreateOptions;
  readonly #markers: MarkerSupply;
  readonly #underWay = new Set<Promise<void>>();
  /** Markers that this process has sent, and given up. */
  readonly #givenUp = new Set<string>();

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
    const making = this.#make(key, keep);
    this.#underWay.add(making);
    try {
      await making;
    } finally {
      this.#underWay.delete(making);
    }
  }

  /** How many creates are. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** Resolves when no create is under way any more: whoever settles after us must not take one for given up. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await this.#markers.close();
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

  async #make(
    key: EndpointKey,
    keep: (created: CreatedKey, settle: (tx: StoreWriter) => void) => Promise<void>,
  ): Promise<void> {
    const marker = await this.#markers.take();
    try {
      const uid = await this.#send(key, marker);
      const fetched = await this.#fetch(uid);
      await keep(fetched, ({ upstreams }) => upstreams.deletePendingCreate(marker));
    } catch (error) {
      if (this.#markers.isOurs(marker)) this.#givenUp.add(marker);
      throw error;
    } finally {
      this.#markers.letGo(marker);
    }
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
      else await this.#destroy(uid, this.#givenUp.has(marker) ? undefined : sentAt);
    }
    if (found.length === 0 && clock.now() - sentAt < longestWork) return false;
    await store.write(({ upstreams }) => upstreams.deletePendingCreate(marker));
    this.#givenUp.delete(marker);
    return true;
  }

  /** `writtenAt` is when the marker was, where it is not certain that its create was given up. */
  async #destroy(uid: string, writtenAt: number | undefined): Promise<void> {
    const { endpoint, log } = this.#options;
    const described = await endpoint.describe(uid);
    const { state } = described;
    if (state === State.Destroyed || state === State.DestroyedCompromised) return;
    if (writtenAt !== undefined && !this.#isLeftBehind(described, writtenAt)) {
      log.warn('a key is kept though its create was never seen to end: it may be in use', { uid });
      return;
    }
    if (state === State.Active) await endpoint.revoke(uid, { code: RevocationReasonCode.CessationOfOperation });
    await endpoint.destroy(uid);
    log.info('destroyed a key whose create was never acknowledged', { uid });
  }

  /** True for a key as a process leaves it that ends in the middle of a create. */
  #isLeftBehind({ state, initialDate, lastChangeDate }: EndpointObject, writtenAt: number): boolean {
    const untouched = state === State.PreActive && lastChangeDate - initialDate <= 1;
    const latest = Math.min(writtenAt + markerLife, this.#options.aliveUntil) + unseenLife;
    return untouched && initialDate * 1000 <= latest;
  }
}
