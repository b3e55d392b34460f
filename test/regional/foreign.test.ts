// Before an endpoint that others wrote, PyKMIP's server: keys that its own client made are found, served, changed and
// moved away. It knows no custom attributes, so it makes no keys for us. Where it is not installed one test says so.

import test from 'ava';
import { settingsFor } from '../custody/kit.ts';
import { activateKey, createKey, describeKey, destroyKey, getKey, revokeKey } from '../custody/requests.ts';
import { refusal } from '../kit/refusal.ts';
import { startServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';
import { moved, startKeyProtect } from '../moving/kit.ts';
import { hasPykmip, startForeignEndpoint } from '../peers/pykmip/endpoint.ts';

const onlyWithPykmip = hasPykmip() ? test : test.skip;
if (!hasPykmip()) test('python3-pykmip is not installed: its server is not tried', (t) => t.pass());

const stateOf = async (...args: Parameters<typeof describeKey>) => Number((await describeKey(...args)).state);

onlyWithPykmip('keys at PyKMIP’s server are served, changed there, kept when it is gone, and moved away', async (t) => {
  const endpoint = await startForeignEndpoint(t);
  const uids: string[] = [];
  for (const name of ['a', 'b', 'c', 'd']) uids.push(await endpoint.act('make', name));
  const [first = '', second = '', third = '', fourth = ''] = uids;
  const bytes = new Map<string, string>();
  for (const uid of uids) bytes.set(uid, await endpoint.act('bytes', uid));
  await endpoint.act('activate', second);

  const server = await startServer(t, { settings: { 'regional.freshness': '0 s' } });
  await server.api('instance.create', { name: 'region', upstream: 'kmip', settings: endpoint.settings });
  const client = await server.connect(await server.issue('region', 'host'));
  const hex = async (uid: string) => (await getKey(client, uid)).toString('hex');
  for (const uid of uids) t.is(await hex(uid), bytes.get(uid) ?? '');
  t.is(await stateOf(client, first), 1);
  t.is(await stateOf(client, second), 2);

  await activateKey(client, first);
  t.is(await endpoint.act('state', first), '2');
  await revokeKey(client, first);
  t.is(await endpoint.act('state', first), '3');
  await destroyKey(client, third);
  t.regex(await refusal(t, getKey(client, third)), /is destroyed/);
  await endpoint.act('revoke', second);
  t.is(await stateOf(client, second), 4);
  t.regex(await refusal(t, createKey(client)), /Create failed: /);

  await server.api('instance.sync', { name: 'region' });
  await until(async () => !(await server.api('instance.sync.state', { name: 'region' })).running);
  const late = await endpoint.act('make', 'late');
  bytes.set(late, await endpoint.act('bytes', late));
  const cloud = await startKeyProtect(t);
  await server.api('instance.migrate', { name: 'region', to: 'key-protect', settings: settingsFor(cloud) });
  t.like(await moved(server, 'region'), { state: 'done', notMoved: 0 });
  await endpoint.stop();
  for (const uid of [first, second, fourth, late]) t.is(await hex(uid), bytes.get(uid) ?? '');
  t.is(await stateOf(client, first), 3);
  t.is(await stateOf(client, second), 4);
  t.is((await createKey(client)).length, 36);
});
