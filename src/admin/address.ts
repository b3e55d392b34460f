// The address a request came from, as people write it.

import type { FastifyRequest } from 'fastify';

/** Empty on the Unix socket; IPv4 in its own notation where the socket serves both. */
export const addressOf = ({ socket }: FastifyRequest): string =>
  (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
