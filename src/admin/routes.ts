// The routes of the table on a server: whichever way a request came, it is validated by the same schemas, admitted by the
// same roles, and its errors become problems in this one place.

import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { EdgeError, type ErrorKind, errorKinds, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Actor } from './actor.ts';
import { type Role, roles } from './api/schema.ts';
import { type Input, type Output, type Problem, type RouteName, routes } from './api/table.ts';

/** One handler for each route of the table. */
export type Handlers = {
  readonly [R in RouteName]: (input: Input[R], actor: Actor) => Promise<Output[R]> | Output[R];
};

export interface RouteOptions {
  readonly handlers: Handlers;
  readonly log: Log;
  /** Who asks. Throws `not-authenticated` for a request of nobody. */
  readonly actorOf: (request: FastifyRequest) => Actor | Promise<Actor>;
}

/** Adds every route of the table to `app`. */
export const addRoutes = (app: FastifyInstance, options: RouteOptions): void => {
  for (const route of Object.keys(routes) as RouteName[]) addRoute(app, route, options);
  app.setErrorHandler((error, _request, reply) => {
    const { status, problem } = problemOf(error, options.log);
    return reply.code(status).send(problem);
  });
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send({ kind: 'item-not-found', message: `there is no ${request.method} ${request.url}` } satisfies Problem),
  );
};

const addRoute = <R extends RouteName>(app: FastifyInstance, name: R, { handlers, actorOf }: RouteOptions): void => {
  const { method, path, input, role } = routes[name];
  const handler = handlers[name];
  app.route({
    method,
    url: path,
    schema: method === 'GET' ? { querystring: input } : { body: input },
    // Before the body is read: who may not ask learns nothing of what could be asked.
    onRequest: async (request) => {
      const actor = await actorOf(request);
      requireRole(actor, role, name);
      actors.set(request, actor);
    },
    handler: async (request) => {
      const given = (method === 'GET' ? request.query : request.body) as Input[R];
      return handler(given, actors.get(request) ?? notAdmitted());
    },
  });
};

const actors = new WeakMap<FastifyRequest, Actor>();

const notAdmitted = (): never => {
  throw new EdgeError('not-authenticated', 'nobody asks');
};

const requireRole = (actor: Actor, needed: Role, route: RouteName): void => {
  if (roles.indexOf(actor.role) >= roles.indexOf(needed)) return;
  throw new EdgeError('permission-denied', `${actor.kind} '${actor.name}' is ${actor.role}; ${route} needs ${needed}`);
};

const problemOf = (error: unknown, log: Log): { readonly status: number; readonly problem: Problem } => {
  if (isValidation(error)) {
    return { status: 400, problem: { kind: 'invalid-field', message: error.message } };
  }
  const kind: ErrorKind = error instanceof EdgeError ? error.kind : 'internal';
  const row = errorKinds[kind];
  if (row.shown && error instanceof EdgeError) {
    const { message, hint } = error;
    return { status: row.http, problem: hint === undefined ? { kind, message } : { kind, message, hint } };
  }
  const id = randomUUID();
  log.error('management request failed', {
    id,
    problem: messageOf(error),
    stack: error instanceof Error ? error.stack : undefined,
  });
  return { status: row.http, problem: { kind, message: `internal error ${id}`, hint: 'the log has the details' } };
};

/** Fastify's own refusals: a body that is too large, no JSON, or not as the schema says. */
const isValidation = (error: unknown): error is Error & { readonly statusCode: number } =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode < 500;
