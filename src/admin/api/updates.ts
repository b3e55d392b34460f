// Updates of the appliance: a signed bundle comes up in pieces and is then written beside the system that runs.

import { boolean, count, moment, nothing, type Of, object, oneOf, type Routes, string } from './schema.ts';

/** Bytes in one piece of an upload. */
export const pieceBytes = 1024 * 1024;
/** The largest bundle, bytes. */
export const largestBundle = 2 * 1024 ** 3;
const base64Of = (bytes: number): number => Math.ceil(bytes / 3) * 4;

const upload = object({ received: count, size: count });
export type UpdateUploadView = Of<typeof upload>;

const problem = object({ kind: string, message: string, hint: string }, ['hint']);

const updateView = object(
  {
    /** False where this is not the appliance: the plain service is updated by whoever installed it. */
    supported: boolean,
    version: string,
    /** The version to which `update.return` goes back; absent where there is none. */
    other: string,
    upload,
    /** `restarting`: the next start tries the new system, for that start alone until it is found well. */
    stage: oneOf('idle', 'fetching', 'checking', 'writing', 'verifying', 'restarting', 'trying', 'failed'),
    /** Bytes, of what the stage does. */
    done: count,
    total: count,
    /** What is being installed. */
    next: string,
    /** Why it failed; what runs was not changed. */
    problem,
    /** How the last attempt ended. `returned`: the system from before runs again. */
    last: object(
      {
        kind: oneOf('update', 'return'),
        version: string,
        from: string,
        outcome: oneOf('confirmed', 'returned'),
        at: moment,
        problem: string,
      },
      ['problem'],
    ),
    /** Where the appliance looks for updates by itself; absent where it does not. */
    unattended: object({
      address: string,
      /** HH:MM in the zone of the appliance; a look comes within the hour after it. */
      time: string,
    }),
    /** What came of the last look. */
    look: object(
      {
        at: moment,
        found: oneOf('nothing', 'given-up', 'taken', 'not-now', 'failed'),
        /** Of what lies there. */
        version: string,
        problem: string,
        failingSince: moment,
      },
      ['version', 'problem', 'failingSince'],
    ),
  },
  ['other', 'upload', 'next', 'problem', 'last', 'unattended', 'look'],
);
export type UpdateView = Of<typeof updateView>;

export const updateRoutes = {
  'update.show': {
    method: 'GET',
    path: '/v1/update',
    role: 'read-only',
    summary: 'Which system runs, how far an update is, and how the last one ended.',
    input: nothing,
    output: updateView,
  },
  'update.upload': {
    method: 'POST',
    path: '/v1/update/upload',
    role: 'administrator',
    summary: 'Begins to take a bundle of so many bytes; one that had begun before is forgotten.',
    input: object({ size: { type: 'integer', minimum: 1, maximum: largestBundle } }),
    output: upload,
  },
  'update.piece': {
    method: 'POST',
    path: '/v1/update/upload/piece',
    role: 'administrator',
    summary: `The next piece of the bundle, at most ${pieceBytes} bytes, in base64; it begins where the one before ended.`,
    input: object({
      offset: count,
      bytes: { type: 'string', minLength: 4, maxLength: base64Of(pieceBytes) },
    }),
    output: upload,
    bodyLimit: base64Of(pieceBytes) + 1024,
    isPiece: true,
  },
  'update.apply': {
    method: 'POST',
    path: '/v1/update/apply',
    role: 'administrator',
    summary:
      'Installs the bundle that came up and restarts into it; a system that is not well gives way to the old one.',
    input: nothing,
    output: updateView,
  },
  'update.return': {
    method: 'POST',
    path: '/v1/update/return',
    role: 'administrator',
    summary: 'Restarts into the system from before the last update; refused where that could not read the database.',
    input: nothing,
    output: updateView,
  },
} as const satisfies Routes;
