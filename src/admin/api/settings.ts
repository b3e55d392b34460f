// The settings of the server, as the file in its data directory holds them.

import { boolean, list, nothing, type Of, object, oneOf, type Routes, string } from './schema.ts';

const settingView = object(
  {
    name: string,
    /** As it is written in the file. */
    value: string,
    default: string,
    help: string,
    /** What it may be. */
    allowed: string,
    /** The values between which to choose, where there are only some. */
    choices: list(string),
    source: oneOf('default', 'file', 'command line'),
    /** Whether a change counts at once. */
    atOnce: boolean,
    /** What the server runs with, where that is another value: the next start takes the new one. */
    running: string,
  },
  ['choices', 'running'],
);
export type SettingView = Of<typeof settingView>;

const changed = object({ settings: list(settingView), restartNeeded: boolean });

const settingName = { type: 'string', pattern: '^[a-zA-Z0-9]{1,40}\\.[a-zA-Z0-9]{1,40}$' } as const;

export const settingRoutes = {
  'setting.list': {
    method: 'GET',
    path: '/v1/settings',
    role: 'read-only',
    summary: 'Every setting: its value, what it may be, and where it comes from.',
    input: nothing,
    output: object({ file: string, settings: list(settingView), restartNeeded: boolean }),
  },
  'setting.set': {
    method: 'POST',
    path: '/v1/settings',
    role: 'administrator',
    summary: 'Changes settings together in the file of the data directory.',
    input: object({
      changes: {
        type: 'array',
        minItems: 1,
        maxItems: 100,
        items: object({ name: settingName, value: { type: 'string', maxLength: 4096 } }),
      },
    }),
    output: changed,
  },
  'setting.unset': {
    method: 'POST',
    path: '/v1/settings/unset',
    role: 'administrator',
    summary: 'Takes settings out of that file: their defaults count again.',
    input: object({ names: { type: 'array', minItems: 1, maxItems: 100, items: settingName } }),
    output: changed,
  },
} as const satisfies Routes;
