// What every kind of upstream ends with: the service instance that has been made.

import type { InstanceView } from '../../admin/api/instances.ts';
import type { PageContext } from '../page.ts';

/** Says what has been made and what was checked. */
export const showMade = async (
  ui: PageContext['ui'],
  { name, upstream, upstreamState, rootKey }: InstanceView,
  checked: readonly string[],
): Promise<void> => {
  const text = [
    `The service instance ${name} has been made.`,
    '',
    ...checked.map((one) => `[x] ${one}`),
    `[x] Upstream ${upstream} is ${upstreamState}`,
    `[x] Root key ${rootKey.name ?? ''} is ${rootKey.state}`.replace('  ', ' '),
  ];
  await ui.message({ title: 'Upstream', text, tone: 'good' });
};
