// The management API as one table: what can be asked, by whom, how, and what comes back. The server validates by these
// schemas, the command line and the page call by them, the API's description is made from them, and the types follow.

import { accessRoutes } from './access.ts';
import { alarmRoutes } from './alarms.ts';
import { applianceRoutes } from './appliance.ts';
import { auditRoutes } from './audit.ts';
import { backupRoutes } from './backups.ts';
import { certificateRoutes } from './certificates.ts';
import { clientRoutes } from './clients.ts';
import { doctorRoutes } from './doctor.ts';
import { endpointRoutes } from './endpoints.ts';
import { healthRoutes } from './health.ts';
import { historyRoutes } from './history.ts';
import { instanceRoutes } from './instances.ts';
import { keyRoutes } from './keys.ts';
import { machineRoutes } from './machine.ts';
import { migrationRoutes } from './migrations.ts';
import { renewalRoutes } from './renewals.ts';
import { rootRoutes } from './roots.ts';
import type { Of } from './schema.ts';
import { sealRoutes } from './seal.ts';
import { settingRoutes } from './settings.ts';
import { statusRoutes } from './status.ts';
import { updateRoutes } from './updates.ts';

export const routes = {
  ...statusRoutes,
  ...sealRoutes,
  ...accessRoutes,
  ...instanceRoutes,
  ...endpointRoutes,
  ...renewalRoutes,
  ...migrationRoutes,
  ...clientRoutes,
  ...rootRoutes,
  ...certificateRoutes,
  ...keyRoutes,
  ...alarmRoutes,
  ...historyRoutes,
  ...healthRoutes,
  ...doctorRoutes,
  ...applianceRoutes,
  ...backupRoutes,
  ...auditRoutes,
  ...settingRoutes,
  ...machineRoutes,
  ...updateRoutes,
} as const;

export type RouteName = keyof typeof routes;
/** Whoever calls may say of what is optional that it is undefined. */
type Given<T> = { readonly [P in keyof T]: Record<never, never> extends Pick<T, P> ? T[P] | undefined : T[P] };
/** What each route takes. */
export type Input = { readonly [R in RouteName]: Given<Of<(typeof routes)[R]['input']>> };
/** What each route answers. */
export type Output = { readonly [R in RouteName]: Of<(typeof routes)[R]['output']> };

/** A refusal, in the manner of RFC 9457. */
export interface Problem {
  readonly kind: string;
  readonly message: string;
  readonly hint?: string;
}

/** The Unix socket's name in the data directory. */
export const socketName = 'admin.sock';
