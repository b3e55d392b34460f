// The removal of a service instance, with a clock that the test moves: nothing is erased before the wait is over, all of
// it afterwards, and a crash or a restart anywhere in between changes neither.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { EdgeError } from '../../src/errors.ts';
import { withDatabase } from '../custody/kit.ts';
import { activateKey, addText, createKey, getKey } from '../custody/requests.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { refusal } from '../kit/refusal.ts';
import { startServer, type TestServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';

const hour = 3_600_000;
const minute = 60_000;
/** Short, because everything else that goes by the clock passes it too. */
const settings = { 'removal.wait': '7 h' };

const startAt = async (t: ExecutionContext, clock: FakeClock, dataDirectory?: string): Promise<TestServer> =>
  startServer(t, { clock, settings, ...(dataDirectory === undefined ? {} : { dataDirectory }) });

const find = async (server: TestServer, name: string) =>
  (await server.api('instance.list', {})).find((instance) => instance.name === name);

/** The rows that are left of anything that belongs to an instance, by table. */
const left = (server: TestServer): Readonly<Record<string, number>> =>
  withDatabase(server.dataDirectory, (database) => {
    const count = (what: string): number =>
      database.prepare<[], number>(`SELECT count(*) FROM ${what}`).pluck().get() ?? -1;
    return {
      objects: count('object'),
      attributes: count('attribute'),
      material: count('material WHERE wrapped <> zeroblob(length(wrapped)) OR sealed <> zeroblob(length(sealed))'),
      instances: count('service_instance'),
      upstreams: count('upstream'),
      leases: count('upstream_lease'),
      clients: count('client'),
      removals: count('removal'),
      uses: count('key_use'),
      seen: count('client_use'),
      counts: count('key_count'),
      secrets: count("vault WHERE name LIKE 'upstream %' OR name LIKE 'identity %'"),
    };
  });

const nothing = { objects: 0, attributes: 0, material: 0, removals: 0, uses: 0, seen: 0, counts: 0, secrets: 0 };

/** A server with `default` and its key, and a client's connection. */
const setUp = async (t: ExecutionContext) => {
  const clock = new FakeClock();
  const server = await startAt(t, clock);
  const client = await server.connect();
  const uid = await createKey(client);
  await addText(client, uid, 'x-Name', 'vm-1');
  await addText(client, uid, 'x-Component', 'Virtual Machine');
  await activateKey(client, uid);
  const bytes = await getKey(client, uid);
  return { clock, server, client, uid, bytes };
};

test('a removal is shown what is in use, serves nothing, keeps everything, and can be taken back until its end', async (t) => {
  const { clock, server, client, uid, bytes } = await setUp(t);
  const use = await server.api('instance.use', { name: 'default' });
  t.deepEqual(
    use.keys.map(({ fetchedAt: _, ...key }) => key),
    [{ uid, state: 'Active', client: 'default', name: 'vm-1', component: 'Virtual Machine' }],
  );
  t.deepEqual([use.total, use.clients.map(({ client: name, keys }) => [name, keys])], [1, [['default', 1]]]);

  const wrong = server.api('instance.remove', { name: 'default', confirm: 'defautl' });
  t.is((await t.throwsAsync(wrong, { instanceOf: EdgeError })).kind, 'invalid-field');
  t.is((await find(server, 'default'))?.life, 'active');
  const pending = await server.api('instance.remove', { name: 'default', confirm: 'default' });
  t.is(pending.life, 'removal-pending');
  t.is(pending.removal?.remaining, 7 * hour);
  t.is(pending.removal?.requestedBy, 'local (box)');
  t.regex(await refusal(t, getKey(client, uid)), /PermissionDenied.*waits for its removal/s);
  for (const act of [
    server.api('instance.suspend', { name: 'default' }),
    server.api('instance.rename', { name: 'default', to: 'other' }),
    server.api('instance.lease', { name: 'default', lease: 0 }),
    server.api('client.issue', { instance: 'default', name: 'another' }),
  ]) {
    t.is((await t.throwsAsync(act, { instanceOf: EdgeError })).kind, 'illegal-operation');
  }
  await clock.pass(7 * hour - 1);
  t.is((await find(server, 'default'))?.removal?.remaining, 1);
  const again = await server.api('instance.remove', { name: 'default', confirm: 'default' });
  t.is(again.removal?.remaining, 1, 'asking twice does not begin anew');
  const restored = await server.api('instance.restore', { name: 'default' });
  t.is(restored.life, 'active');
  t.is(restored.removal, undefined);
  t.deepEqual(await getKey(await server.connect(), uid), bytes);
  await clock.pass(24 * hour);
  t.deepEqual(await getKey(await server.connect(), uid), bytes, 'what was taken back never comes due');
  const none = server.api('instance.restore', { name: 'default' });
  t.is((await t.throwsAsync(none, { instanceOf: EdgeError })).kind, 'illegal-operation');
});

test('at the end everything is erased, the clients have no access, others serve on, and the name is free', async (t) => {
  const { clock, server, uid } = await setUp(t);
  await server.api('instance.create', { name: 'other', upstream: 'local', settings: {} });
  const files = await server.issue('other', 'host');
  const other = await server.connect(files);
  const kept = await createKey(other);
  await server.api('identity.make', { name: 'default' });
  await server.api('instance.remove', { name: 'default', confirm: 'default' });
  await clock.pass(7 * hour);
  await until(async () => (await find(server, 'default')) === undefined);
  await t.throwsAsync(async () => getKey(await server.connect(), uid));
  t.is((await getKey(await server.connect(files), kept)).length, 32);
  t.deepEqual(
    (await server.api('client.list', {})).map(({ instance }) => instance),
    ['other'],
  );
  const { records } = await server.api('audit.list', { event: 'kmip-edge.instance.erased' });
  t.deepEqual(
    records.map(({ by, subject }) => [by, subject]),
    [['server', { instance: 'default' }]],
  );
  const fresh = await server.api('instance.create', { name: 'default', upstream: 'local', settings: {} });
  t.is(fresh.keys, 0);
  const stranger = await server.connect(await server.issue('default', 'default'));
  t.regex(await refusal(t, getKey(stranger, uid)), /no object/);
  await server.close();
  const { objects, instances, upstreams, leases, removals, clients, secrets, material } = left(server);
  t.deepEqual(
    { objects, instances, upstreams, leases, removals, clients, secrets, material },
    { objects: 1, instances: 2, upstreams: 2, leases: 2, removals: 0, clients: 2, secrets: 2, material: 1 },
  );
});

test('no clock that is set, and no time without a server, ends the wait early', async (t) => {
  const { clock, server, uid, bytes } = await setUp(t);
  const { dataDirectory } = server;
  await server.api('instance.remove', { name: 'default', confirm: 'default' });
  await clock.pass(3 * hour);
  clock.setWall(clock.now() + 365 * 24 * hour);
  await clock.pass(minute);
  t.is((await find(server, 'default'))?.life, 'removal-pending');
  await server.close();
  clock.setWall(clock.now() + 365 * 24 * hour);
  const later = await startAt(t, clock, dataDirectory);
  t.is((await find(later, 'default'))?.removal?.remaining, 4 * hour - minute, 'what was waited before the stop counts');
  clock.setWall(Date.UTC(2020, 1, 1));
  await clock.pass(4 * hour - minute - 1);
  t.is((await find(later, 'default'))?.life, 'removal-pending');
  await later.close();
  // Killed rather than stopped: what was waited since it was last stored is waited again.
  withDatabase(dataDirectory, (database) => void database.exec('UPDATE removal SET waited = waited - 3600000'));
  const last = await startAt(t, clock, dataDirectory);
  t.is((await find(last, 'default'))?.removal?.remaining, hour + 1);
  await last.api('instance.restore', { name: 'default' });
  t.deepEqual(await getKey(await last.connect(), uid), bytes);
});

test('a wait of nothing erases at once', async (t) => {
  const server = await startServer(t, { settings: { 'removal.wait': '0 s' } });
  const client = await server.connect();
  for (let n = 0; n < 5; n += 1) await getKey(client, await createKey(client));
  await server.api('instance.remove', { name: 'default', confirm: 'default' });
  await until(async () => (await server.api('instance.list', {})).length === 0);
  await server.close();
  t.deepEqual(left(server), { ...nothing, instances: 0, upstreams: 0, leases: 0, clients: 0 });
  t.true(existsSync(join(server.dataDirectory, 'kmip-edge.sqlite')));
});

test('a suspended instance that is restored is suspended still', async (t) => {
  const { server, client, uid } = await setUp(t);
  await server.api('instance.suspend', { name: 'default' });
  await server.api('instance.remove', { name: 'default', confirm: 'default' });
  t.is((await server.api('instance.restore', { name: 'default' })).life, 'suspended');
  t.regex(await refusal(t, getKey(client, uid)), /is suspended/);
});
