// One HTTP application as both servers of the management API have it: bounded, quiet about what it is made of, and without
// the server library's own schema compilers, whose memory is saved.

import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';

/** The largest request body, bytes: a bundle of certificates fits. */
export const bodyLimit = 256 * 1024;

const unused = (): never => {
  throw new Error('every route brings its own validator, and answers are not shaped by a schema');
};

/** The settings that both servers share. */
export const appOptions = {
  logger: false,
  bodyLimit,
  forceCloseConnections: true,
  schemaController: { compilersFactory: { buildValidator: () => unused, buildSerializer: () => unused } },
} as const satisfies FastifyServerOptions;

/** An application that takes JSON and nothing else. */
export const createApp = (): FastifyInstance => fastify(appOptions);
