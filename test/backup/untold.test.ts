// A restored appliance whose disk takes no change at its first start.

import test from 'ava';
import { silentLog } from '../../src/log.ts';
import { withDatabase } from '../custody/kit.ts';
import { startServer } from '../kit/server.ts';

test('a restoration that cannot be recorded does not keep the server from starting, and the next start records it', async (t) => {
  const first = await startServer(t);
  const { dataDirectory } = first;
  await first.close();
  withDatabase(dataDirectory, (database) => {
    database.exec(`INSERT INTO restoration (at, as_of, told) VALUES (2, 1, 0);
      CREATE TRIGGER takes_nothing BEFORE UPDATE ON restoration BEGIN SELECT RAISE(ABORT, 'it takes no change'); END`);
  });
  const told = () =>
    withDatabase(dataDirectory, (database) => database.prepare('SELECT told FROM restoration').pluck().all());
  const logged: string[] = [];
  const log = { ...silentLog, error: (event: string) => void logged.push(event) };
  const second = await startServer(t, { dataDirectory, log });
  t.true((await second.api('status', {})).ready);
  t.true(logged.includes('the audit trail was not told of a restored backup'));
  await second.close();
  t.deepEqual(told(), [0]);
  withDatabase(dataDirectory, (database) => void database.exec('DROP TRIGGER takes_nothing'));
  const third = await startServer(t, { dataDirectory });
  await third.close();
  t.deepEqual(told(), [1]);
});
