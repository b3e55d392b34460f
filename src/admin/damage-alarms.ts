// What was found damaged since the start, as alarms.

import type { Damage } from '../damage.ts';
import type { AlarmSource } from '../telemetry/alarms.ts';

/** One for each part that is left out. */
export const damageAlarms =
  (damage: Damage): AlarmSource =>
  () =>
    damage.parts.map(({ what: subject, meaning, problem }) => ({
      name: 'data-damaged',
      subject,
      severity: 'warning',
      what: `${subject} is damaged (${problem}): ${meaning}`,
      todo: 'Keys are served. The doctor examines the whole database; restore a backup when convenient.',
      command: 'kmip-edge doctor',
      page: 'appliance',
    }));
