// The routes of `instance migrate`.

import type { MoveState, MovingHouse } from '../instances/moving-house.ts';
import type { MigrationView } from './api/migrations.ts';
import type { Handlers } from './routes.ts';

type MigrationRoute = Extract<keyof Handlers, `instance.migrate${string}`>;

const iso = (ms: number): string => new Date(ms).toISOString();

const view = ({ startedAt, endedAt, ...state }: MoveState): MigrationView => ({
  ...state,
  startedAt: iso(startedAt),
  ...(endedAt === undefined ? {} : { endedAt: iso(endedAt) }),
});

/** The handlers over the part that moves keys. */
export const migrationHandlers = (moving: MovingHouse): Pick<Handlers, MigrationRoute> => ({
  'instance.migrate': async ({ name, to, settings, dryRun = false }) =>
    view(await moving.begin(name, { kind: to, settings }, dryRun)),
  'instance.migrate.state': ({ name }) => view(moving.state(name)),
  'instance.migrate.report': ({ name }) => ({ keys: [...moving.report(name)] }),
  'instance.migrate.stop': async ({ name }) => view(await moving.stop(name)),
  'instance.migrate.resume': async ({ name }) => view(await moving.resume(name)),
  'instance.migrate.finish': async ({ name, leave = false }) => {
    await moving.finish(name, leave);
    return { finished: name };
  },
});
