// The keys of a service instance on their way to another upstream or root key.

import {
  boolean,
  count,
  list,
  moment,
  name,
  named,
  type Of,
  object,
  oneOf,
  type Routes,
  settings,
  string,
  text,
} from './schema.ts';

export const migrationView = object(
  {
    instance: string,
    from: string,
    to: string,
    state: oneOf('running', 'stopped', 'done', 'dry run', 'dry run done'),
    /** Keys of the instance; of a dry run, those that are looked at. */
    total: count,
    moved: count,
    notMoved: count,
    /** What it waits for. */
    waiting: string,
    /** Keys whose old wrapped form is still kept. */
    formerForms: count,
    startedAt: moment,
    endedAt: moment,
  },
  ['waiting', 'endedAt'],
);
export type MigrationView = Of<typeof migrationView>;

/** `problem` is empty where there is none. */
const migratedKey = object({ uid: string, moved: boolean, problem: string });
export type MigratedKey = Of<typeof migratedKey>;

export const migrationRoutes = {
  'instance.migrate': {
    method: 'POST',
    path: '/v1/migrations',
    role: 'administrator',
    summary: 'Begins to move all keys to another upstream, or to the same root key anew.',
    input: object({ name, to: text, settings, dryRun: boolean }, ['to', 'dryRun']),
    output: migrationView,
  },
  'instance.migrate.state': {
    method: 'GET',
    path: '/v1/migrations',
    role: 'read-only',
    summary: 'How far a move is.',
    input: named,
    output: migrationView,
  },
  'instance.migrate.report': {
    method: 'GET',
    path: '/v1/migrations/report',
    role: 'read-only',
    summary: 'Each key of a move and where it is.',
    input: named,
    output: object({ keys: list(migratedKey) }),
  },
  'instance.migrate.stop': {
    method: 'POST',
    path: '/v1/migrations/stop',
    role: 'administrator',
    summary: 'Holds a move.',
    input: named,
    output: migrationView,
  },
  'instance.migrate.resume': {
    method: 'POST',
    path: '/v1/migrations/resume',
    role: 'administrator',
    summary: 'Lets a move go on, with the keys that could not be moved before.',
    input: named,
    output: migrationView,
  },
  'instance.migrate.finish': {
    method: 'POST',
    path: '/v1/migrations/finish',
    role: 'administrator',
    summary: 'Ends a move: the old forms are erased and the old upstream is forgotten.',
    input: object({ name, leave: boolean }, ['leave']),
    output: object({ finished: string }),
  },
} as const satisfies Routes;
