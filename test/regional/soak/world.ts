// What the soak knows: every key that was acknowledged, what its clients were told of it, and what the endpoint holds in
// truth. Trouble is noted while it lasts, so that only what trouble can excuse is excused.

import type { KmipClient } from '../../../src/cli/kmip-client.ts';
import { isKind, messageOf } from '../../../src/errors.ts';
import { State } from '../../../src/kmip/enums.ts';
import type { ClientFiles } from '../../kit/server.ts';
import type { Random } from '../../kmip/mutate.ts';
import type { RegionalSimulator } from '../../peers/regional-kmip/simulator.ts';
import type { SimulatedKey } from '../../peers/regional-kmip/store.ts';

/** Milliseconds on the clock of this process. */
export type Moment = number;

/** Waits for some milliseconds. */
export type Pause = (ms: number) => Promise<void>;

export const now = (): Moment => performance.now();

/** One key as its clients were told that it is. States only ever grow in number. */
export interface Entry {
  readonly uid: string;
  readonly bytes: Buffer;
  /** The highest state that a client was told of. */
  told: number;
  /** Its bytes were served before this moment, and must be from now on. */
  servedFrom: Moment | undefined;
  /** Custom attributes that were acknowledged, and those that were tried. */
  readonly texts: Map<string, string>;
  readonly tried: Set<string>;
  /** The last change at the endpoint that no client of ours made. */
  elsewhere: { readonly at: Moment; readonly state: number } | undefined;
  /** The endpoint denied it until this moment, and nothing tells yet that this is over. */
  deniedUntil: Moment | undefined;
}

export interface World {
  readonly simulator: RegionalSimulator;
  readonly random: Random;
  readonly entries: Map<string, Entry>;
  /** What the endpoint denies for a while. */
  readonly denied: Map<string, SimulatedKey>;
  readonly losses: string[];
  readonly counts: Record<string, number>;
  /** How a client reaches the server that runs now. */
  reach(files?: ClientFiles): Promise<KmipClient>;
  /** Since when the link to the endpoint is whole, and the server runs; undefined while they do not. */
  linkSince: Moment | undefined;
  serverSince: Moment | undefined;
  /** How often the server was ended. */
  ends: number;
  over: boolean;
}

/** Milliseconds after which what happened elsewhere must be seen, with nothing in the way. */
export const noticedAfter = 9_000;
/** Milliseconds after trouble during which changes may still be refused. */
export const mendedAfter = 7_000;

export const isDestroyed = (state: number): boolean =>
  state === State.Destroyed || state === State.DestroyedCompromised;

export const count = (world: World, what: string): void => {
  world.counts[what] = (world.counts[what] ?? 0) + 1;
};

/** The key as the endpoint holds it, whether it admits that or not. */
export const truthOf = (world: World, uid: string): SimulatedKey => {
  const key = world.denied.get(uid) ?? world.simulator.store.find(uid);
  if (!key) throw new Error(`the simulator has lost ${uid}`);
  return key;
};

/** Since when everything is whole; undefined in trouble. */
const wholeSince = ({ linkSince, serverSince }: World): Moment | undefined =>
  linkSince === undefined || serverSince === undefined ? undefined : Math.max(linkSince, serverSince);

export const lose = (world: World, text: string): void => {
  const since = wholeSince(world);
  const whole = since === undefined ? 'in trouble' : `whole for ${((now() - since) / 1000).toFixed(1)} s`;
  world.losses.push(`${(now() / 1000).toFixed(1)} s, ${whole}: ${text}`);
};

/** How a request ended: answered, refused by the server, or cut off because the server was ended. */
export type Outcome<T> =
  | { readonly kind: 'answer'; readonly answer: T }
  | { readonly kind: 'refusal'; readonly text: string }
  | { readonly kind: 'cut' };

/** Runs one request. A connection that is lost while nobody ended the server, then or shortly before, is a loss. */
export const outcomeOf = async <T>(world: World, what: string, act: () => Promise<T>): Promise<Outcome<T>> => {
  const { ends, serverSince } = world;
  try {
    const answer = await act();
    count(world, 'answers');
    return { kind: 'answer', answer };
  } catch (error) {
    if (isKind(error, 'upstream-unreachable')) {
      if (world.ends === ends && serverSince !== undefined)
        lose(world, `${what}: ${messageOf(error)}, though the server was not ended`);
      return { kind: 'cut' };
    }
    count(world, 'refusals');
    return { kind: 'refusal', text: messageOf(error) };
  }
};

/** True where nothing was in the way of noticing, at `since`, what happened at `at`. */
export const isNoticed = (world: World, at: Moment, since: Moment): boolean => {
  const whole = wholeSince(world);
  return whole !== undefined && since - Math.max(at, whole) > noticedAfter;
};

/** True where a change that began at `since` had no reason to fail. */
export const wasWhole = (world: World, since: Moment): boolean => {
  const whole = wholeSince(world);
  return whole !== undefined && since - whole > mendedAfter;
};
