// The routes by which a service instance is chosen a root key for, and by which it is renamed, suspended and given another
// offline policy.

import type { Changing } from '../instances/changing.ts';
import type { ServiceInstance } from '../keys/instance-ports.ts';
import type { RootKeyView } from './api/instances.ts';
import type { Input } from './api/table.ts';
import type { Identities } from './identities.ts';
import type { Handlers } from './routes.ts';
import { instanceView, type ViewParts } from './views.ts';

/** A root key as the part that talks to Key Protect lists it. Dates are milliseconds since 1970. */
export interface RootKeyFacts extends Omit<RootKeyView, 'createdAt' | 'rotatedAt'> {
  readonly createdAt?: number;
  readonly rotatedAt?: number;
}

export interface InstanceHandlerOptions extends ViewParts {
  readonly changing: Changing;
  readonly identities: Identities;
  /** Asks Key Protect; handed in, because this part does not know it. */
  readonly listRootKeys: (wanted: Input['instance.crks']) => Promise<readonly RootKeyFacts[]>;
}

type InstanceRoute = `instance.${'crks' | 'lease' | 'rename' | 'suspend' | 'resume'}`;

const iso = (ms: number): string => new Date(ms).toISOString();

/** The handlers over running parts. */
export const instanceHandlers = (options: InstanceHandlerOptions): Pick<Handlers, InstanceRoute> => {
  const { changing, identities, listRootKeys } = options;
  const view = (instance: ServiceInstance) => instanceView(options, instance);
  return {
    'instance.crks': async (wanted) => (await listRootKeys(wanted)).map(rootKeyView),
    'instance.lease': async ({ name, lease }) => view(await changing.setLease(name, lease)),
    'instance.rename': async ({ name, to }) => view(await changing.rename(name, to, identities.renaming(name, to))),
    'instance.suspend': async ({ name }) => view(await changing.suspend(name)),
    'instance.resume': async ({ name }) => view(await changing.resume(name)),
  };
};

const rootKeyView = ({ createdAt, rotatedAt, ...facts }: RootKeyFacts): RootKeyView => ({
  ...facts,
  ...(createdAt === undefined ? {} : { createdAt: iso(createdAt) }),
  ...(rotatedAt === undefined ? {} : { rotatedAt: iso(rotatedAt) }),
});
