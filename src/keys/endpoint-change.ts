// Makes a change at the endpoint that holds the key, and says what it has left behind: as the endpoint tells it afterwards
// or, where it does not, as the change must have left it.

import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Change, Told } from './authority.ts';
import type { EndpointCache } from './endpoint-cache.ts';
import type { EndpointCheck } from './endpoint-check.ts';
import type { Store } from './ports.ts';
import { toldBy, toldByChange } from './told.ts';
import type { KeyEndpoint } from './upstream-ports.ts';

export interface EndpointChangeOptions {
  readonly endpoint: KeyEndpoint;
  readonly cache: EndpointCache;
  readonly check: EndpointCheck;
  readonly store: Store;
  /** How long the endpoint may take to tell how the key is afterwards, in milliseconds. */
  readonly checkTimeout: number;
  readonly log: Log;
}

export class EndpointChange {
  readonly #options: EndpointChangeOptions;

  constructor(options: EndpointChangeOptions) {
    this.#options = options;
  }

  /** Throws what the endpoint's client threw; whether the change was made is then for the endpoint to say. */
  async make(uid: string, change: Change): Promise<Told> {
    const { check } = this.#options;
    let index: number | undefined;
    try {
      index = await check.ask(() => this.#send(uid, change));
    } finally {
      check.outdate(uid);
    }
    return { ...(await this.#told(uid, change, index)), ...(index === undefined ? {} : { index }) };
  }

  /** The index of a new attribute; undefined for other changes. */
  async #send(uid: string, change: Change): Promise<number | undefined> {
    const { endpoint } = this.#options;
    switch (change.act) {
      case 'activate':
        await endpoint.activate(uid);
        return undefined;
      case 'destroy':
        await endpoint.destroy(uid);
        return undefined;
      case 'revoke': {
        const occurred = change.compromise?.occurred;
        const date = occurred === undefined ? {} : { compromiseOccurrenceDate: occurred };
        await endpoint.revoke(uid, { ...change.reason, ...date });
        return undefined;
      }
      case 'add attribute':
        return endpoint.addAttribute(uid, change.attribute);
    }
  }

  async #told(uid: string, change: Change, index: number | undefined): Promise<Told> {
    const { endpoint, cache, check, checkTimeout: deadlineMs, store, log } = this.#options;
    try {
      const described = await check.ask(() => endpoint.describe(uid, { deadlineMs }));
      return toldBy(described, cache.kept(described), change);
    } catch (error) {
      log.debug('a change is made and not seen yet', { uid, problem: messageOf(error) });
      return toldByChange(store.objects.attributesOf(uid), change, index);
    }
  }
}
