// Create, exactly once. The request is never sent a second time: where its answer is lost, the endpoint is asked for a
// key that carries the marker of this one request. The endpoint may ignore a filter that it does not know, so what it
// lists counts only after the key's own attributes have shown the marker.

import { isKind } from '../../errors.ts';
import type { EndpointKey, EndpointObject } from '../../keys/upstream-ports.ts';
import type { Caller } from './caller.ts';
import { keptBytes } from './described.ts';
import { CreateOutcomeUnknown, LinkError } from './link-errors.ts';
import { locateAll } from './locate.ts';
import { createKey, getAttributes, markerAttribute, markerName } from './operations.ts';
import { Refusal } from './refusal.ts';

/** Where more than this many are listed the endpoint did not filter at all. */
const mostCandidates = 16;

/** The keys that carry `marker`, the oldest first. Throws where the endpoint gives no answer to go by. */
export const marked = async (caller: Caller, marker: string, until: number): Promise<readonly string[]> => {
  const filter = { attributes: [markerAttribute(marker)], maximum: mostCandidates };
  const objects: EndpointObject[] = [];
  for (const uid of await locateAll(caller, filter, until)) {
    const object = await describedOrGone(caller, uid, until);
    if (object !== undefined && carries(object, marker)) objects.push(object);
  }
  // by age, then by name: the same key comes first whoever asks, and whenever
  objects.sort((one, other) => one.initialDate - other.initialDate || (one.uid < other.uid ? -1 : 1));
  const [kept, ...others] = objects.map(({ uid }) => uid);
  if (kept === undefined) return [];
  if (others.length > 0) caller.log.error('one create made several keys', { marker, kept, others });
  return [kept, ...others];
};

const describedOrGone = async (caller: Caller, uid: string, until: number): Promise<EndpointObject | undefined> => {
  try {
    return await caller.read(getAttributes(uid), until);
  } catch (error) {
    if (isKind(error, 'item-not-found')) return undefined;
    throw error;
  }
};

const carries = ({ kept }: EndpointObject, marker: string): boolean => {
  const wanted = keptBytes(markerAttribute(marker));
  return kept.some(({ name, value }) => name === markerName && value.equals(wanted));
};

/**
 * Creates one key. Throws a `Refusal` or a `LinkError` that was not sent where no key was made, and
 * `CreateOutcomeUnknown` where that cannot be told.
 */
export const createOnce = async (caller: Caller, key: EndpointKey, marker: string, until: number): Promise<string> => {
  const { clock } = caller;
  // half of the time is kept for finding out what became of it
  const sendUntil = clock.monotonic() + (until - clock.monotonic()) / 2;
  try {
    return await caller.change(createKey(key, marker), sendUntil);
  } catch (error) {
    if (!(error instanceof LinkError) || !error.sent) throw error;
    caller.log.warn('the answer to a create was lost', { marker, problem: error.message });
    return await found(caller, marker, until, error);
  }
};

/** Looks again and again: the endpoint may still be at work on the request. */
const found = async (caller: Caller, marker: string, until: number, lost: LinkError): Promise<string> => {
  for (let attempt = 1; ; attempt += 1) {
    const [uid] = await look(caller, marker, until);
    if (uid !== undefined) {
      caller.log.info('the key of a lost answer was found', { marker, uid });
      return uid;
    }
    if (!(await caller.waitFor(attempt, until))) throw new CreateOutcomeUnknown(marker, lost);
  }
};

/** No answer is as good as no key: it is looked for again. */
const look = async (caller: Caller, marker: string, until: number): Promise<readonly string[]> => {
  try {
    return await marked(caller, marker, until);
  } catch (error) {
    if (error instanceof LinkError || error instanceof Refusal) return [];
    throw error;
  }
};
