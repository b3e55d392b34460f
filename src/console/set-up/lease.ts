// How long keys are served without the upstream, as choices.

import type { Input } from '../../admin/api/table.ts';
import type { Ui } from '../ui.ts';

type Lease = Input['instance.create']['lease'];

const hour = 3_600_000;
const leases: readonly (readonly [label: string, lease: Lease])[] = [
  ['As configured (72 hours, unless changed)', undefined],
  ['24 hours', 24 * hour],
  ['7 days', 7 * 24 * hour],
  ['30 days', 30 * 24 * hour],
  ['Unlimited', 'unlimited'],
  ['Not at all: each key is fetched from the cloud', 0],
];

/** Asks; undefined for Esc. */
export const askForLease = (ui: Ui): Promise<{ readonly lease: Lease } | undefined> =>
  ui.menu({
    title: 'Offline lease',
    text: [
      'How long keys are served without having heard from the upstream: hosts boot and virtual machines start during an outage of the cloud for that long.',
    ],
    choices: leases.map(([label, lease]) => ({ label, value: { lease } })),
  });
