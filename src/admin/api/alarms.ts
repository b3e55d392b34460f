// What an administrator has to look at: one list for the page, the command line and the metrics.

import { list, moment, nothing, type Of, object, oneOf, type Routes, string } from './schema.ts';

/** `critical`: keys are not served, or soon will not be. */
export const severity = oneOf('critical', 'warning', 'info');

export const alarmView = object(
  {
    /** What kind of alarm, the same for as long as the program knows it: `certificate-ending`. */
    name: string,
    /** The service instance, client or file that it is about; empty for the appliance as a whole. */
    subject: string,
    severity,
    what: string,
    since: moment,
    /** What to do, as a sentence. */
    todo: string,
    /** The command that does it, or begins to. */
    command: string,
    /** The page's view where it is done, as in its address: `instances/prod`. */
    page: string,
  },
  ['command', 'page'],
);
export type AlarmView = Of<typeof alarmView>;

export const alarmRoutes = {
  'alarm.list': {
    method: 'GET',
    path: '/v1/alarms',
    role: 'read-only',
    summary: 'What an administrator has to look at, the most serious first.',
    input: nothing,
    output: list(alarmView),
  },
} as const satisfies Routes;
