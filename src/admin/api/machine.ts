// What an administrator does to the machine itself, at its console and not through the server: told to it for the audit
// trail.

import { nothing, object, oneOf, type Routes } from './schema.ts';

export const machineActs = [
  'network',
  'time',
  'updates',
  'ssh-on',
  'ssh-off',
  'root-shell-on',
  'root-shell-off',
  'root-shell-opened',
  'support-bundle',
  'server-restart',
  'restart',
  'shut-down',
  'reset',
] as const;
export type MachineAct = (typeof machineActs)[number];

export const machineRoutes = {
  'machine.record': {
    method: 'POST',
    path: '/v1/machine/record',
    role: 'administrator',
    summary: 'Records in the audit trail what is done to the machine at its console.',
    input: object({ name: oneOf(...machineActs), to: { type: 'string', minLength: 1, maxLength: 256 } }, ['to']),
    output: nothing,
  },
} as const satisfies Routes;
