// Hosts that read any key at any time, and a stranger who must not get one. A key that was served once is served from then
// on, whatever becomes of the link; one that was destroyed never again.

import type { KmipClient } from '../../../src/cli/kmip-client.ts';
import { describeKey, getKey, locateText } from '../../custody/requests.ts';
import {
  count,
  type Entry,
  isDestroyed,
  isNoticed,
  lose,
  type Moment,
  now,
  outcomeOf,
  type Pause,
  truthOf,
  type World,
} from './world.ts';

/** Milliseconds from serving a key to counting on it: its copy is written beside the answer. */
const writtenAfter = 1_000;

const isExcused = (world: World, { uid, deniedUntil }: Entry): boolean =>
  deniedUntil !== undefined || world.denied.has(uid) || isDestroyed(truthOf(world, uid).state);

/** True where a change made elsewhere has to be known by now. */
const mustKnow = (world: World, { elsewhere }: Entry, since: Moment): boolean =>
  elsewhere !== undefined && isNoticed(world, elsewhere.at, since);

/** True where a new key has to be served though nobody has asked for it yet. */
const mustServe = (world: World, { servedFrom }: Entry, since: Moment): boolean =>
  (servedFrom !== undefined && servedFrom < since) || isNoticed(world, Number.NEGATIVE_INFINITY, since);

export const readBytes = async (world: World, client: KmipClient, entry: Entry): Promise<void> => {
  const { uid, told } = entry;
  const since = now();
  const gone = isDestroyed(told) || (mustKnow(world, entry, since) && isDestroyed(entry.elsewhere?.state ?? 0));
  const result = await outcomeOf(world, `Get of ${uid}`, () => getKey(client, uid));
  if (result.kind === 'answer') {
    count(world, 'keys served');
    if (!result.answer.equals(entry.bytes)) lose(world, `${uid} has other bytes than before`);
    if (gone) lose(world, `${uid} is served though it is destroyed`);
    entry.servedFrom ??= now() + writtenAfter;
    if (!world.denied.has(uid)) entry.deniedUntil = undefined;
  } else if (result.kind === 'refusal' && !isExcused(world, entry)) {
    if (mustServe(world, entry, since) || /ItemNotFound/.test(result.text)) lose(world, `${uid}: ${result.text}`);
  }
};

export const readAttributes = async (world: World, client: KmipClient, entry: Entry): Promise<void> => {
  const { uid, told } = entry;
  const texts = [...entry.texts];
  const since = now();
  const least = mustKnow(world, entry, since) ? Math.max(told, entry.elsewhere?.state ?? 0) : told;
  const result = await outcomeOf(world, `Get Attributes of ${uid}`, () => describeKey(client, uid));
  if (result.kind === 'cut') return;
  if (result.kind === 'refusal') {
    if (!isExcused(world, entry)) lose(world, `${uid}: ${result.text}`);
    return;
  }
  const { state, texts: seen } = result.answer;
  const most = truthOf(world, uid).state;
  if (state < least || state > most) lose(world, `${uid} is said to be in state ${state}, not in ${least} to ${most}`);
  for (const [name, text] of texts) {
    if (seen.get(name) !== text) lose(world, `${uid} has lost its attribute ${name}`);
  }
  for (const name of seen.keys()) {
    if (!entry.tried.has(name)) lose(world, `${uid} has an attribute ${name} that nobody gave`);
  }
  entry.told = Math.max(entry.told, state);
};

/** Locate by a custom attribute that only this key has. */
export const locate = async (world: World, client: KmipClient, entry: Entry): Promise<void> => {
  const { uid } = entry;
  const [text] = entry.texts;
  if (!text) return;
  const [name, value] = text;
  const result = await outcomeOf(world, 'Locate', () => locateText(client, name, value));
  if (result.kind === 'cut' || isExcused(world, entry)) return;
  if (result.kind === 'refusal') lose(world, `Locate of ${uid}: ${result.text}`);
  else if (result.answer.join() !== uid) {
    lose(world, `Locate of ${uid} gives '${result.answer.join()}'`);
  }
};

const pick = (world: World): Entry | undefined => {
  const all = [...world.entries.values()];
  return all[world.random(all.length || 1)];
};

/** Reads until the soak is over. */
export const readOn = async (world: World, pause: Pause): Promise<void> => {
  const acts = [readBytes, readBytes, readBytes, readAttributes, readAttributes, locate];
  while (!world.over) {
    const client = await world.reach();
    while (!world.over && client.isOpen) {
      const [entry, act] = [pick(world), acts[world.random(acts.length)]];
      if (entry && act) await act(world, client, entry);
      await pause(world.random(30));
    }
    client.close();
  }
};

/** A client of another service instance: nothing here is for it. */
export const tryOn = async (world: World, reach: () => Promise<KmipClient>, pause: Pause): Promise<void> => {
  while (!world.over) {
    const client = await reach();
    while (!world.over && client.isOpen) {
      const entry = pick(world);
      if (entry) {
        const result = await outcomeOf(world, 'a Get by a stranger', () => getKey(client, entry.uid));
        if (result.kind === 'answer') lose(world, `${entry.uid} was given to a stranger`);
        else if (result.kind === 'refusal' && !/ItemNotFound/.test(result.text)) {
          lose(world, `a stranger learns of ${entry.uid}: ${result.text}`);
        }
      }
      await pause(world.random(200));
    }
    client.close();
  }
};
