// Asks the endpoint about one object, once for all who want to know at the same time, and writes down what it says. An
// endpoint that was just found out of reach is left alone for a moment, so that a boot storm does not wait for it.

import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { isKind, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { EndpointCache } from './endpoint-cache.ts';
import type { ManagedObject } from './object.ts';
import type { RootKeyWatch } from './root-key-watch.ts';
import type { EndpointObject, KeyEndpoint } from './upstream-ports.ts';

export interface EndpointCheckOptions {
  readonly endpoint: KeyEndpoint;
  readonly cache: EndpointCache;
  readonly watch: RootKeyWatch;
  readonly clock: Clock;
  readonly log: Log;
}

/** Throws for silence what the endpoint's client threw; see {@link isSilence}. */
export interface Checked {
  readonly object: ManagedObject | undefined;
  readonly news: boolean;
}

interface Running {
  readonly checked: Promise<Checked>;
  /** A change was made meanwhile: what is on its way may be older. */
  outdated: boolean;
}

/** No answer that can be believed. */
export const isSilence = (error: unknown): boolean => isKind(error, 'upstream-unreachable', 'upstream-not-trusted');

/**
 * True for a refusal that says something about this key. What an endpoint in trouble says (General Failure and the like)
 * is as good as silence.
 */
export const isVerdict = (error: unknown): boolean => isKind(error, 'item-not-found', 'permission-denied');

/** Milliseconds for which an endpoint that did not answer is not asked by reads. */
const pauseAfterSilence = 5_000;
const mostAttempts = 3;

export class EndpointCheck {
  readonly #options: EndpointCheckOptions;
  readonly #running = new Map<string, Running>();
  readonly #fetching = new Map<string, Promise<KeyObject>>();
  #silentUntil = Number.NEGATIVE_INFINITY;
  #silence: unknown;

  constructor(options: EndpointCheckOptions) {
    this.#options = options;
  }

  /** True where reads go on without asking. */
  get isSilent(): boolean {
    return this.#options.clock.monotonic() < this.#silentUntil;
  }

  /** The known object as the endpoint has it now. Throws silence, or the endpoint's refusal. */
  check(uid: string, deadlineMs?: number): Promise<Checked> {
    const running = this.#running.get(uid);
    if (running && !running.outdated) return running.checked;
    const state: { checked: Promise<Checked>; outdated: boolean } = {
      checked: Promise.resolve(nothing),
      outdated: false,
    };
    state.checked = this.#check(uid, deadlineMs, () => state.outdated).finally(() => {
      if (this.#running.get(uid) === state) this.#running.delete(uid);
    });
    this.#running.set(uid, state);
    return state.checked;
  }

  /** A change to `uid` was made, or may have been. */
  outdate(uid: string): void {
    this.#options.cache.forget(uid);
    const running = this.#running.get(uid);
    if (running) running.outdated = true;
  }

  /** The material, fetched once for all who wait for it. Throws as {@link check}. */
  material(uid: string): Promise<KeyObject> {
    const running = this.#fetching.get(uid);
    if (running !== undefined) return running;
    const fetching = this.ask(() => this.#options.endpoint.material(uid)).finally(() => this.#fetching.delete(uid));
    this.#fetching.set(uid, fetching);
    return fetching;
  }

  /** Runs a question or a change, and notes what it tells about the endpoint. */
  async ask<T>(act: () => Promise<T>): Promise<T> {
    const { watch } = this.#options;
    try {
      const answer = await act();
      this.#answered();
      return answer;
    } catch (error) {
      if (isSilence(error)) {
        watch.heardNothing(error);
        this.#silence = error;
        this.#silentUntil = this.#options.clock.monotonic() + pauseAfterSilence;
      } else if (isVerdict(error)) this.#answered();
      throw error;
    }
  }

  /** Throws the silence of a moment ago instead of asking again. */
  requireVoice(): void {
    if (this.isSilent) throw this.#silence;
  }

  #answered(): void {
    const { watch, endpoint } = this.#options;
    this.#silentUntil = Number.NEGATIVE_INFINITY;
    watch.heard({ state: 'active', name: endpoint.name }, watch.verdicts);
  }

  async #check(uid: string, deadlineMs: number | undefined, outdated: () => boolean): Promise<Checked> {
    const { cache, endpoint, clock, log } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const asked = clock.monotonic();
      let described: EndpointObject;
      try {
        described = await this.ask(() => endpoint.describe(uid, deadlineMs === undefined ? {} : { deadlineMs }));
      } catch (error) {
        if (isKind(error, 'item-not-found') && !outdated() && (await cache.markMissing(uid))) {
          log.error('the endpoint does not have a key any more', { uid, problem: messageOf(error) });
        }
        throw error;
      }
      // What was asked for before a change may be older than it.
      if (outdated() && attempt < mostAttempts) continue;
      const checked = await cache.heard(described);
      if (!outdated()) cache.noteFresh(uid, asked);
      return checked;
    }
  }
}

const nothing: Checked = { object: undefined, news: false };
