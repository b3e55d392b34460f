// The address a connection came from, as people write it.

import type { Socket } from 'node:net';

/** Empty on a Unix socket and where the peer is gone; IPv4 in its own notation where the socket serves both families. */
export const peerAddress = ({ remoteAddress = '' }: Pick<Socket, 'remoteAddress'>): string =>
  remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '');
