// One server for all tests of a file, where they do not disturb one another: started before the first, closed after the
// last.

import test from 'ava';
import { startServer, type TestServer, type TestServerOptions } from './server.ts';

/** Registers the hooks; gives how a test gets at the server. */
export const sharedServer = (options: TestServerOptions = {}): (() => TestServer) => {
  const endings: (() => unknown)[] = [];
  let server: TestServer | undefined;
  // Serial: a file's own hooks come after it.
  test.serial.before('start the server', async () => {
    server = await startServer({ teardown: (end) => void endings.push(end) }, options);
  });
  test.after.always('stop the server', async () => {
    for (const end of endings.reverse()) await end();
  });
  return () => {
    if (!server) throw new Error('the server has not started');
    return server;
  };
};
