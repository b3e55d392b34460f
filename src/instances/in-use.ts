// Which keys of a service instance are still in use, and by whom: what an administrator has to see before they go.

import { setImmediate } from 'node:timers/promises';
import type { StoreReader } from '../keys/ports.ts';
import type { KeyUse } from '../keys/use-ports.ts';
import type { UseTracker } from './use-tracker.ts';

export interface InUse {
  /** Keys that were fetched since the moment asked for. */
  readonly total: number;
  /** The most recently fetched ones, the latest first. */
  readonly latest: readonly (KeyUse & { readonly uid: string })[];
  /** How many were last fetched by each client, most first. */
  readonly clients: readonly { readonly client: string; readonly keys: number; readonly fetchedAt: number }[];
  /** From when on use is known, in milliseconds since 1970. */
  readonly knownSince: number;
}

/** Uses that are looked at in one turn. */
const atOnce = 2_000;

type Found = KeyUse & { readonly number: number };

/** The keys of an instance that were fetched after `moment` (milliseconds since 1970), at most `limit` of them by name. */
export const keysInUse = async (
  { store, uses }: { readonly store: StoreReader; readonly uses: Pick<UseTracker, 'flush'> },
  instanceId: string,
  moment: number,
  limit: number,
): Promise<InUse> => {
  await uses.flush();
  let latest: Found[] = [];
  let total = 0;
  const clients = new Map<string, { client: string; keys: number; fetchedAt: number }>();
  for await (const page of pages(store)) {
    const found = page.filter((use) => use.instanceId === instanceId && use.fetchedAt > moment);
    total += found.length;
    for (const { client, fetchedAt } of found) {
      const known = clients.get(client) ?? { client, keys: 0, fetchedAt };
      clients.set(client, { client, keys: known.keys + 1, fetchedAt: Math.max(known.fetchedAt, fetchedAt) });
    }
    latest = [...latest, ...found].toSorted((one, other) => other.fetchedAt - one.fetchedAt).slice(0, limit);
  }
  return {
    total,
    latest: latest.flatMap(({ number, fetchedAt, client }) => {
      const uid = store.uses.uid(number);
      return uid === undefined ? [] : { uid, fetchedAt, client };
    }),
    clients: [...clients.values()].toSorted((one, other) => other.keys - one.keys),
    knownSince: store.uses.since(),
  };
};

async function* pages(store: StoreReader) {
  let after: number | undefined = 0;
  while (after !== undefined) {
    const page: ReturnType<StoreReader['uses']['page']> = store.uses.page(after, atOnce);
    yield page;
    after = page.length < atOnce ? undefined : page.at(-1)?.number;
    if (after !== undefined) await setImmediate();
  }
}
