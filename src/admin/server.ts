// Serves the management API on a Unix socket in the data directory: whoever may open the socket (mode 0600) is the
// administrator of this box. Requests are validated by the schemas of the table; errors become problems in one place.

import { randomUUID } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import fastify, { type FastifyInstance } from 'fastify';
import { EdgeError, type ErrorKind, errorKinds, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Input, type Output, type Problem, type RouteName, routes } from './api.ts';

/** One handler for each route of the table. */
export type Handlers = { readonly [R in RouteName]: (input: Input[R]) => Promise<Output[R]> | Output[R] };

export interface AdminOptions {
  readonly socketPath: string;
  readonly handlers: Handlers;
  readonly log: Log;
}

export interface AdminServer {
  close(): Promise<void>;
}

/** Linux keeps 108 bytes for a socket's path, the final zero included. */
const longestSocketPath = 107;
const bodyLimit = 256 * 1024;

/** Opens the socket. Throws `invalid-field` for a path that is too long for one. */
export const serveAdmin = async ({ socketPath, handlers, log }: AdminOptions): Promise<AdminServer> => {
  if (Buffer.byteLength(socketPath) > longestSocketPath) {
    throw new EdgeError(
      'invalid-field',
      `the path of the management socket is longer than ${longestSocketPath} bytes: ${socketPath}`,
      {
        hint: 'choose a data directory with a shorter path',
      },
    );
  }
  const app = fastify({
    logger: false,
    bodyLimit,
    forceCloseConnections: true,
    ajv: { customOptions: { removeAdditional: false } },
  });
  for (const route of Object.keys(routes) as RouteName[]) addRoute(app, route, handlers);
  app.setErrorHandler((error, _request, reply) => {
    const { status, problem } = problemOf(error, log);
    return reply.code(status).send(problem);
  });
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send({ kind: 'item-not-found', message: `there is no ${request.method} ${request.url}` } satisfies Problem),
  );
  // What a killed server left behind; the store's lock has already made sure that none is running on this data.
  rmSync(socketPath, { force: true });
  const before = process.umask(0o177);
  try {
    await app.listen({ path: socketPath });
  } finally {
    process.umask(before);
  }
  chmodSync(socketPath, 0o600);
  return { close: () => app.close() };
};

const addRoute = <R extends RouteName>(app: FastifyInstance, name: R, handlers: Handlers): void => {
  const { method, path, input } = routes[name];
  const handler = handlers[name];
  app.route({
    method,
    url: path,
    schema: method === 'GET' ? { querystring: input } : { body: input },
    handler: async (request) => handler((method === 'GET' ? request.query : request.body) as Input[R]),
  });
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
