// Invariant 1: what was answered Success survives kill -9. The long version is scripts/kill-storm.ts.

import { randomInt } from 'node:crypto';
import test from 'ava';
import { startDaemon } from '../kit/daemon.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { withDatabase } from './kit.ts';
import { newLedger, readBack, stormAndKill } from './storm.ts';

test('six kills under a storm of changes lose nothing that was acknowledged', async (t) => {
  const directory = temporaryDirectory(t);
  const ledger = newLedger();
  for (let kill = 0; kill < 6; kill += 1) {
    const daemon = await startDaemon(t, directory, ['--log-level', 'error']);
    await readBack(daemon, ledger, false);
    await stormAndKill(daemon, ledger, 4, randomInt(20, 200));
  }
  const daemon = await startDaemon(t, directory, ['--log-level', 'error']);
  await readBack(daemon, ledger, true);
  await daemon.end('SIGTERM');
  t.deepEqual(ledger.losses, []);
  t.true(ledger.acts > 20);
  t.is(
    withDatabase(directory, (database) => database.pragma('integrity_check', { simple: true })),
    'ok',
  );
});
