// kill -9 in the middle of a Create: what the endpoint made meanwhile is found by the next start and destroyed.

import { join } from 'node:path';
import test from 'ava';
import { call } from '../../src/admin/api/client.ts';
import { connectKmip } from '../../src/cli/kmip-client.ts';
import { State } from '../../src/kmip/enums.ts';
import { createKey, getKey } from '../custody/requests.ts';
import { startDaemon } from '../kit/daemon.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { until } from '../kit/until.ts';
import { startRegionalSimulator } from '../peers/regional-kmip/simulator.ts';
import { settingsFor } from './kit.ts';

test('a server that is killed in the middle of a create leaves no key behind', async (t) => {
  t.timeout(60_000);
  const simulator = await startRegionalSimulator();
  t.teardown(() => simulator.close());
  const directory = join(temporaryDirectory(t), 'data');
  const daemon = await startDaemon(t, directory);
  await call(directory, 'instance.create', { name: 'region', upstream: 'kmip', settings: settingsFor(simulator) });
  const issued = await call(directory, 'client.issue', { instance: 'region', name: 'host' });
  const { certificatePem: certificate, privateKeyPem: privateKey, authorityPem: authority } = issued;
  const connect = (port: number) => connectKmip({ host: '127.0.0.1', port, certificate, privateKey, authority });
  const client = await connect(daemon.port);
  t.teardown(() => client.close());
  const kept = await createKey(client);
  simulator.fault({ kind: 'late', ms: 300 }, { on: 'Create', times: 1 });
  const lost = createKey(client);
  await until(() => simulator.received.Create === 2);
  await Promise.all([daemon.end('SIGKILL'), t.throwsAsync(lost)]);
  await until(() => simulator.executed.Create === 2);
  const [orphan] = simulator.keys().filter(({ uid }) => uid !== kept);
  t.is(orphan?.state, State.PreActive);
  const again = await startDaemon(t, directory);
  await until(() => orphan?.state === State.Destroyed);
  const reader = await connect(again.port);
  t.teardown(() => reader.close());
  t.deepEqual(await getKey(reader, kept), simulator.keys().find(({ uid }) => uid === kept)?.material);
  t.regex(String(await t.throwsAsync(getKey(reader, orphan?.uid ?? ''))), /ItemNotFound|destroyed/);
});
