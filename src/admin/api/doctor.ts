// The doctor: what it looked at, and what is to be done. And the bundle of all that helps a supporter, without secrets.

import { list, moment, nothing, type Of, object, oneOf, type Routes, string } from './schema.ts';

export const checkState = oneOf('well', 'warning', 'problem', 'not-checked');

export const checkResult = object(
  {
    check: string,
    state: checkState,
    what: string,
    /** What to do, as a sentence. */
    todo: string,
    /** The command that mends it, or shows more. */
    command: string,
  },
  ['todo', 'command'],
);
export type CheckResultView = Of<typeof checkResult>;

const doctorView = object({
  at: moment,
  /** The worst of the results. */
  state: oneOf('well', 'warning', 'problem'),
  results: list(checkResult),
});
export type DoctorView = Of<typeof doctorView>;

export const doctorRoutes = {
  'doctor.run': {
    method: 'POST',
    path: '/v1/doctor',
    role: 'operator',
    summary: 'Looks at everything that may be wrong, and says what to do; takes some seconds.',
    input: nothing,
    output: doctorView,
  },
  'support.bundle': {
    method: 'POST',
    path: '/v1/support-bundle',
    role: 'operator',
    summary: 'What a supporter needs to know, as a tar.gz without any secret: state, settings, log, metrics.',
    input: nothing,
    output: { type: 'string', format: 'binary' },
    media: 'application/gzip',
  },
} as const satisfies Routes;
