// The views of the page, in one table: the navigation, the addresses and who may see what follow from it. A view is a
// function in views/NOUN.ts that returns html; it asks with useLive(route, input), changes with call(route, input) in a
// form or a button, and is laid out with the functions of parts/. What a role may not ask, `needs: route` leaves out.

import type { View } from './view.ts';
import { Access } from './views/access.ts';
import { Appliance } from './views/appliance.ts';
import { Audit } from './views/audit.ts';
import { Backups } from './views/backups.ts';
import { Instances } from './views/instances.ts';
import { Keys } from './views/keys.ts';
import { NewInstance } from './views/new-instance.ts';
import { Overview } from './views/overview.ts';
import { SetUp } from './views/set-up.ts';
import { Settings } from './views/settings.ts';
import { Trust } from './views/trust.ts';
import { TrustClient } from './views/trust-client.ts';

/** In the order of the navigation. */
export const views: readonly View[] = [
  { name: '', title: 'Overview', role: 'read-only', component: Overview },
  { name: 'set-up', title: 'Set-up', role: 'read-only', component: SetUp },
  { name: 'instances', title: 'Instances', role: 'read-only', component: Instances },
  { name: 'keys', title: 'Keys', role: 'read-only', component: Keys },
  {
    name: 'new-instance',
    title: 'New service instance',
    role: 'administrator',
    inNavigation: false,
    component: NewInstance,
  },
  { name: 'trust', title: 'Trust', role: 'read-only', component: Trust },
  {
    name: 'trust-client',
    title: 'Trust a client',
    role: 'administrator',
    inNavigation: false,
    component: TrustClient,
  },
  { name: 'audit', title: 'Audit', role: 'read-only', component: Audit },
  { name: 'backups', title: 'Backups', role: 'read-only', component: Backups },
  { name: 'settings', title: 'Settings', role: 'read-only', component: Settings },
  { name: 'appliance', title: 'Appliance', role: 'read-only', component: Appliance },
  { name: 'access', title: 'Access', role: 'administrator', component: Access },
];
