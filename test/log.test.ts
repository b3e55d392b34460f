// A log that cannot be written: it says less, and the server serves all the same.

import { closeSync, openSync } from 'node:fs';
import test from 'ava';
import { connectKmip } from '../src/cli/kmip-client.ts';
import { startDaemon } from './kit/daemon.ts';
import { temporaryDirectory } from './kit/temporary.ts';
import { createKey, keyBytes } from './operations/exchange.ts';

test('a server whose log has no room left goes on serving', async (t) => {
  const full = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(full));
  const daemon = await startDaemon(t, temporaryDirectory(t), ['--log-level', 'debug'], full);
  const client = await connectKmip({ host: '127.0.0.1', port: daemon.port, ...daemon.client });
  t.teardown(() => client.close());
  for (let round = 0; round < 3; round += 1) t.is((await keyBytes(client, await createKey(client))).length, 32);
  t.is(await daemon.end('SIGTERM'), 0);
});
