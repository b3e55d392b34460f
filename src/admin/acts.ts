// What is told of administrative acts: who, what, on which thing, and how it ended. The audit takes these in; this part
// only promises to tell each of them, before the answer goes out.

import type { ErrorKind } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Actor } from './actor.ts';
import type { RouteName } from './api/table.ts';

export interface Act {
  readonly actor: Actor;
  readonly route: RouteName;
  /** The names in the request, of the service instance, the client, the token: never a secret. */
  readonly subject: Readonly<Record<string, string>>;
  /** `refused`: not signed in, not allowed, locked out. `failed`: everything else that was not done. */
  readonly outcome: 'done' | 'refused' | 'failed';
  /** What went wrong, as the caller was told. */
  readonly kind?: ErrorKind;
  readonly problem?: string;
}

/** Told after each request that changes something and after each refused one. The answer waits for it. */
export type OnAct = (act: Act) => Promise<void> | void;

const namesOfThings = ['name', 'instance', 'uid', 'role', 'upstream', 'to', 'endpoint'] as const;
const longest = 256;

/** The names in a request's input; the rest may hold secrets and is left out. */
export const subjectOf = (input: unknown): Act['subject'] => {
  if (typeof input !== 'object' || input === null) return {};
  const given = input as Readonly<Record<string, unknown>>;
  const named = namesOfThings.flatMap((name) => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    return typeof value === 'string' ? [[name, value.slice(0, longest)] as const] : [];
  });
  return Object.fromEntries(named);
};

/** Administrative acts in the log, one line each. */
export const logActs =
  (log: Log) =>
  ({ actor, ...act }: Act): void =>
    log.info('administration', { by: `${actor.kind} ${actor.name}`, role: actor.role, address: actor.address, ...act });
