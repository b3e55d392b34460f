// Keys looked for by people, over one service instance or all of them, a page at a time. A page ends when it is full or
// enough was looked at, and says where to go on.

import { setImmediate } from 'node:timers/promises';
import { EdgeError } from '../errors.ts';
import type { ServiceInstance } from '../keys/instance-ports.ts';
import type { ManagedObject, Seconds } from '../keys/object.ts';
import type { StoreReader } from '../keys/ports.ts';
import type { KeyUse, PageQuery } from '../keys/use-ports.ts';

/** What a key must be to be found. */
export interface KeyCriteria extends Pick<PageQuery, 'attributes' | 'client'> {
  readonly uid?: string | undefined;
  /** KMIP's State, by its number. */
  readonly state?: number | undefined;
}

export interface FoundKey {
  readonly instance: ServiceInstance;
  readonly object: ManagedObject;
  readonly use?: KeyUse;
}

export interface FoundKeys {
  readonly keys: readonly FoundKey[];
  /** Absent at the end. */
  readonly next?: string;
}

/** Objects that are looked at in one turn, and for one page. */
const atOnce = 500;
const mostLooks = 10_000;

interface Place {
  readonly instance: number;
  readonly after: number;
}

/** The next `limit` keys of `instances`. Throws `invalid-field` for a cursor that is none of ours. */
export const searchKeys = async (
  store: StoreReader,
  instances: readonly ServiceInstance[],
  criteria: KeyCriteria,
  page: { readonly limit: number; readonly cursor?: string | undefined; readonly now: Seconds },
): Promise<FoundKeys> => {
  if (criteria.uid !== undefined) return { keys: byUid(store, instances, criteria.uid) };
  const keys: FoundKey[] = [];
  let place: Place | undefined =
    page.cursor === undefined ? { instance: 0, after: 0 } : readCursor(instances, page.cursor);
  for (let looked = 0; place && looked < mostLooks; looked += atOnce) {
    const instance = instances[place.instance];
    if (!instance) return { keys };
    if (looked > 0) await setImmediate();
    const { attributes, client, state } = criteria;
    const query: PageQuery = {
      instanceId: instance.id,
      after: place.after,
      looks: atOnce,
      attributes,
      client,
      state: state === undefined ? undefined : { is: state, now: page.now },
    };
    const { found, next } = store.objects.page(query);
    const room = page.limit - keys.length;
    keys.push(...found.slice(0, room).map(({ object, use }) => ({ instance, object, ...(use && { use }) })));
    const last = found[room - 1];
    if (last) return { keys, ...cursorAt(instances, { ...place, after: last.number }) };
    place = next === undefined ? { instance: place.instance + 1, after: 0 } : { ...place, after: next };
  }
  return { keys, ...(place && cursorAt(instances, place)) };
};

const byUid = (store: StoreReader, instances: readonly ServiceInstance[], uid: string): readonly FoundKey[] => {
  const object = store.objects.find(uid);
  const instance = instances.find(({ id }) => id === object?.instanceId);
  if (!object || !instance) return [];
  const use = store.uses.key(uid);
  return [{ instance, object, ...(use && { use }) }];
};

const cursorAt = (instances: readonly ServiceInstance[], { instance, after }: Place): { readonly next?: string } => {
  const id = instances[instance]?.id;
  return id === undefined ? {} : { next: `${id}.${after}` };
};

const readCursor = (instances: readonly ServiceInstance[], cursor: string): Place => {
  const [, id, number] = /^(.+)\.(\d{1,15})$/.exec(cursor) ?? [];
  const instance = instances.findIndex((candidate) => candidate.id === id);
  if (instance >= 0 && number !== undefined) return { instance, after: Number(number) };
  throw new EdgeError('invalid-field', 'the cursor does not lead to a page of these keys', {
    hint: 'take the one that came with the page before, or begin without one',
  });
};
