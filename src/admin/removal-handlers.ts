// The routes of `instance remove`: what is still in use, the removal, and taking it back.

import { EdgeError } from '../errors.ts';
import { keysInUse } from '../instances/in-use.ts';
import type { Removing } from '../instances/removing.ts';
import type { UseTracker } from '../instances/use-tracker.ts';
import { keptText } from '../keys/attributes.ts';
import { describeObject } from '../keys/summary.ts';
import type { Actor } from './actor.ts';
import type { InUseView } from './api/instances.ts';
import type { Handlers } from './routes.ts';
import { instanceView, type ViewParts } from './views.ts';

export interface RemovalHandlerOptions extends ViewParts {
  readonly removing: Removing;
  readonly uses: UseTracker;
}

type RemovalRoute = `instance.${'use' | 'remove' | 'restore'}`;

const day = 86_400_000;
const usedDays = 30;
/** Keys in the list; the rest is counted. */
const mostListed = 200;

const iso = (ms: number): string => new Date(ms).toISOString();

/** The handlers over running parts. */
export const removalHandlers = (options: RemovalHandlerOptions): Pick<Handlers, RemovalRoute> => ({
  'instance.use': ({ name }) => inUseView(options, name),
  'instance.remove': async ({ name, confirm }, actor) => {
    if (confirm !== name) {
      throw new EdgeError('invalid-field', `'${confirm}' is not the name of the service instance '${name}'`, {
        hint: 'type its name to confirm: all its keys go with it',
      });
    }
    return instanceView(options, await options.removing.request(name, actorText(actor)));
  },
  'instance.restore': async ({ name }) => instanceView(options, await options.removing.restore(name)),
});

const actorText = ({ kind, name }: Actor): string => (kind === 'user' ? name : `${name} (${kind})`);

const inUseView = async (options: RemovalHandlerOptions, name: string): Promise<InUseView> => {
  const { registry, store, clock } = options;
  const { id, createdAt } = registry.instanceNamed(name);
  const now = clock.now();
  const inUse = await keysInUse(options, id, now - usedDays * day, mostListed);
  return {
    instance: name,
    days: usedDays,
    knownSince: iso(Math.max(createdAt, inUse.knownSince)),
    total: inUse.total,
    clients: inUse.clients.map(({ fetchedAt, ...client }) => ({ ...client, fetchedAt: iso(fetchedAt) })),
    keys: inUse.latest.flatMap(({ uid, fetchedAt, client }) => {
      const object = store.objects.find(uid);
      if (!object) return [];
      const kept = store.objects.attributesOf(uid);
      const { state } = describeObject(object, kept, Math.floor(now / 1000));
      const texts = new Map(kept.map((attribute) => [attribute.name, keptText(attribute)]));
      const [what, component] = [texts.get('x-Name'), texts.get('x-Component')];
      return {
        uid,
        state,
        fetchedAt: iso(fetchedAt),
        client,
        ...(what === undefined ? {} : { name: what }),
        ...(component === undefined ? {} : { component }),
      };
    }),
  };
};
