// The step of the upstream: which kind, and what that kind needs. What is typed is tried live by the server before
// anything is stored.

import type { PageContext } from '../page.ts';
import { instanceNameField } from './instance-name.ts';
import { showMade } from './made.ts';
import type { Task } from './step.ts';

const kinds = [
  {
    label: 'IBM Key Protect',
    help: 'Keys are wrapped by a root key of yours. Have ready: the region, the id of the instance, an API key of a service ID with the role Reader.',
    value: 'key-protect',
  },
  {
    label: 'IBM Key Protect at endpoints of your own',
    help: 'The same with the addresses and certificates given by you: Hyper Protect Crypto Services, a proxy, a test.',
    value: 'own',
  },
  {
    label: 'A KMIP endpoint of IBM Cloud',
    help: 'The endpoint of a region holds the keys, and this appliance keeps copies of them for outages.',
    value: 'kmip',
  },
  {
    label: 'A root key of this appliance',
    help: 'For trying out, and for sites without a cloud.',
    value: 'local',
  },
] as const;

/** Makes a service instance. */
export const makeInstance: Task = async (context) => {
  for (;;) {
    const kind = await context.ui.menu({ title: 'Upstream', text: ['What protects the keys?'], choices: kinds });
    if (!kind) return false;
    if (await makeOf(kind, context)) return true;
  }
};

const makeOf = async (kind: (typeof kinds)[number]['value'], context: PageContext): Promise<boolean> => {
  const taken = (await context.call('instance.list', {})).map(({ name }) => name);
  if (kind === 'key-protect' || kind === 'own') {
    return (await import('./key-protect.ts')).makeKeyProtectInstance(context, taken, kind === 'own');
  }
  if (kind === 'kmip') return (await import('./endpoint.ts')).makeEndpointInstance(context, taken);
  return makeLocal(context, taken);
};

const makeLocal = async ({ ui, call }: PageContext, taken: readonly string[]): Promise<boolean> => {
  const made = await ui.submit(
    {
      title: 'A root key of this appliance',
      text: ['It is kept in the sealed data of this appliance, and nowhere else: keep backups.'],
      fields: [instanceNameField(taken)],
    },
    'Making the service instance',
    ({ name }) => call('instance.create', { name, upstream: 'local', settings: {}, lease: undefined }),
  );
  if (!made) return false;
  await showMade(ui, made, []);
  return true;
};
