// One HTTP application as both servers of the management API have it: bounded, quiet about what it is made of, and without
// the server library's own schema compilers, whose memory is saved.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import type { Problem } from './api/table.ts';
import { clientRefusal, problemType, sendRefusal } from './problem.ts';

/** The largest request body, bytes: a bundle of certificates fits. */
export const bodyLimit = 256 * 1024;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

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

/** The same on a server of the caller's making, whose refusals below the application are problems too. */
export const createHttpsApp = (
  makeServer: (handler: Handler) => Server,
): { readonly app: FastifyInstance; readonly server: Server } => {
  let server: Server | undefined;
  const app = fastify({
    ...appOptions,
    serverFactory: (handler) => {
      server = makeServer(handler);
      return server;
    },
    // An address that cannot be one, such as '/%'.
    frameworkErrors: (error, _request, reply) => sendRefusal(reply, clientRefusal(error)),
    clientErrorHandler: refuseBytes,
  });
  if (!server) throw new Error('the server library made no server');
  return { app, server };
};

const badRequest = [
  'HTTP/1.1 400 Bad Request',
  'connection: close',
  `content-type: ${problemType}`,
  'cache-control: no-store',
  'x-content-type-options: nosniff',
];

/** Bytes that are no HTTP. In a handshake that failed there is nobody to tell. */
const refuseBytes = (error: NodeJS.ErrnoException, socket: Socket): void => {
  // Each further piece of what is refused already comes by here again.
  if (socket.writableEnded || socket.destroyed) return;
  if (error.code?.startsWith('HPE_') && socket.writable) {
    const body = JSON.stringify({ kind: 'invalid-message', message: 'that is no HTTP request' } satisfies Problem);
    socket.write([...badRequest, `content-length: ${body.length}`, '', body].join('\r\n'));
  }
  socket.destroySoon();
};
