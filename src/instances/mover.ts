// Moves the keys of an instance from one upstream to another, one after the other: opened by the old one, wrapped by the
// new one, seen to open to the same key, and switched in one transaction. Identifiers, states, dates and attributes stay.
// What is switched stays switched, so a run may end at any moment and another one goes on from there.

import type { Clock } from '../clock.ts';
import { counted } from '../counted.ts';
import { EdgeError, isKind, messageOf } from '../errors.ts';
import type { Authority } from '../keys/authority.ts';
import type { KeyCache } from '../keys/cache-ports.ts';
import { isDestroyed } from '../keys/life-cycle.ts';
import type { ManagedObject } from '../keys/object.ts';
import type { Store } from '../keys/ports.ts';
import type { Log } from '../log.ts';

export interface MoverParts {
  readonly store: Store;
  readonly cache: KeyCache;
  readonly clock: Clock;
  readonly log: Log;
}

export interface MoveOrder {
  readonly instance: { readonly id: string; readonly name: string };
  /** As each upstream is open now: an administrator who mends one opens it anew. */
  readonly from: Authority;
  /** Absent: only looks whether each key can be opened. */
  readonly to: Authority | undefined;
}

/** How far a run is; changes while it goes on. */
export interface RunState {
  readonly running: boolean;
  readonly total: number;
  readonly done: number;
  /** Why it waits, where it does. */
  readonly waiting?: string;
  /** Of a trial, at most as many as are worth reading. */
  readonly failures: readonly { readonly uid: string; readonly problem: string }[];
  readonly failed: number;
}

const concurrency = 16;
/** Milliseconds between two looks at a new upstream that is out of reach. */
const pauseBetween = 5_000;
const mostFailures = 1_000;

export class MoveRun {
  readonly #parts: MoverParts;
  readonly #order: MoveOrder;
  readonly #failures: { readonly uid: string; readonly problem: string }[] = [];
  readonly #wakers = new Set<() => void>();
  /** What could not be switched yet, because a batch may still be undone. */
  #undecided: string[] = [];
  #running = true;
  #stopped = false;
  #total = 0;
  #done = 0;
  #failed = 0;
  #waiting: string | undefined;
  /** Resolves when nothing of the run is under way any more: true when it came to its end. */
  readonly ended: Promise<boolean>;

  constructor(parts: MoverParts, order: MoveOrder) {
    this.#parts = parts;
    this.#order = order;
    this.ended = this.#run().finally(() => {
      this.#running = false;
    });
  }

  get state(): RunState {
    return {
      running: this.#running,
      total: this.#total,
      done: this.#done,
      failed: this.#failed,
      failures: this.#failures,
      ...(this.#waiting === undefined ? {} : { waiting: this.#waiting }),
    };
  }

  /** Ends the run after the keys that are under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const wake of this.#wakers) wake();
    await this.ended;
  }

  async #run(): Promise<boolean> {
    const { from, instance } = this.#order;
    try {
      // What the old upstream holds and we have never seen would be left behind. Out of reach, we have what we have.
      await from.sync();
      const uids = this.#uidsOf(from.upstreamId);
      this.#total = uids.length;
      await this.#all(uids);
      while (this.#undecided.length > 0 && !this.#stopped) await this.#allDecided();
    } catch (error) {
      this.#waiting = messageOf(error);
      this.#parts.log.error('the move of keys has ended early', { instance: instance.name, problem: messageOf(error) });
      return false;
    }
    return !this.#stopped;
  }

  async #all(uids: readonly string[]): Promise<void> {
    const left = uids[Symbol.iterator]();
    const work = async (): Promise<void> => {
      for (const uid of left) {
        if (this.#stopped) return;
        await this.#one(uid);
        this.#done += 1;
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
  }

  /** Tries again, after a pause, what a batch may have brought back to what it was. */
  async #allDecided(): Promise<void> {
    const uids = this.#undecided;
    this.#undecided = [];
    this.#done -= uids.length;
    this.#waiting = `${counted(uids.length, 'key')} changed by a batch that may still be undone`;
    await this.#pause();
    this.#waiting = undefined;
    await this.#all(uids);
  }

  #uidsOf(upstreamId: string): readonly string[] {
    const uids: string[] = [];
    const query = { instanceId: this.#order.instance.id, attributes: [] };
    for (const object of this.#parts.store.objects.search(query)) {
      if (object.upstreamId === upstreamId) uids.push(object.uid);
    }
    return uids;
  }

  async #one(uid: string): Promise<void> {
    const { from, to, instance } = this.#order;
    const object = this.#parts.store.objects.find(uid);
    if (object?.upstreamId !== from.upstreamId) return;
    try {
      if (isDestroyed(object)) {
        if (to) await this.#switch(uid, to, undefined);
        return;
      }
      const { material } = await from.open(object);
      if (to) await this.#switch(uid, to, await this.#patiently((now) => now.takeOver(uid, material)));
    } catch (error) {
      if (this.#stopped) return;
      const problem = messageOf(error);
      this.#failed += 1;
      if (this.#failures.length < mostFailures) this.#failures.push({ uid, problem });
      if (to) await this.#parts.store.write(({ moves }) => moves.putNotMoved(instance.id, { uid, problem }));
    }
  }

  /** A key that was destroyed before or meanwhile has no forms to switch. */
  async #switch(uid: string, to: Authority, forms: Pick<ManagedObject, 'wrapped' | 'sealed'> | undefined) {
    const { from } = this.#order;
    const isLeft = await this.#parts.store.write(({ objects, moves, undo }) => {
      const current = objects.find(uid);
      if (current?.upstreamId !== from.upstreamId) return false;
      // Undoing brings back only what is as the batch left it, with the forms that the old upstream opens.
      if (undo.isUndecided(uid)) return true;
      const moved = { ...current, upstreamId: to.upstreamId };
      if (forms === undefined || isDestroyed(current)) {
        objects.update(moved);
        return false;
      }
      moves.keepFormer(uid);
      objects.update({ ...moved, ...forms });
      return false;
    });
    if (isLeft) this.#undecided.push(uid);
    this.#parts.cache.delete(uid);
  }

  /** A new upstream that is out of reach is waited for: nothing is lost by that. */
  async #patiently<T>(act: (to: Authority) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const value = await act(this.#to);
        this.#waiting = undefined;
        return value;
      } catch (error) {
        if (!isKind(error, 'upstream-unreachable') || this.#stopped) throw error;
        this.#waiting = error.message;
        await this.#pause();
        if (this.#stopped) throw new EdgeError('upstream-unreachable', 'the move was stopped');
      }
    }
  }

  get #to(): Authority {
    const { to } = this.#order;
    if (to) return to;
    throw new EdgeError('internal', 'a trial has no upstream to move to');
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#wakers.delete(wake);
        resolve();
      };
      const cancel = this.#parts.clock.after(pauseBetween, wake);
      this.#wakers.add(wake);
    });
  }
}
