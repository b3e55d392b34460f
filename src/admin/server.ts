// Serves the management API on a Unix socket in the data directory: whoever may open the socket (mode 0600) is the
// administrator of this box.

import { chmodSync, rmSync } from 'node:fs';
import { EdgeError } from '../errors.ts';
import type { Log } from '../log.ts';
import { boxActor } from './actor.ts';
import type { OnAct } from './acts.ts';
import { createApp } from './app.ts';
import { addRoutes, type Handlers, type OnEnd, type Perform } from './routes.ts';

export interface AdminOptions {
  readonly socketPath: string;
  readonly handlers: Handlers;
  readonly log: Log;
  readonly onAct?: OnAct | undefined;
  readonly perform?: Perform | undefined;
  readonly onEnd?: OnEnd | undefined;
}

export interface AdminServer {
  close(): Promise<void>;
}

/** Linux keeps 108 bytes for a socket's path, the final zero included. */
const longestSocketPath = 107;

/** Opens the socket. Throws `invalid-field` for a path that is too long for one. */
export const serveAdmin = async ({
  socketPath,
  handlers,
  log,
  onAct,
  perform,
  onEnd,
}: AdminOptions): Promise<AdminServer> => {
  if (Buffer.byteLength(socketPath) > longestSocketPath) {
    throw new EdgeError(
      'invalid-field',
      `the path of the management socket is longer than ${longestSocketPath} bytes: ${socketPath}`,
      {
        hint: 'choose a data directory with a shorter path',
      },
    );
  }
  const app = createApp();
  addRoutes(app, { handlers, log, actorOf: () => boxActor, onAct, perform, onEnd });
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
