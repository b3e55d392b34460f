// Another client certificate at the endpoint: made beside the one in use, used from one moment on, and never half.

import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { call } from '../../src/admin/api/client.ts';
import { connectKmip } from '../../src/cli/kmip-client.ts';
import { EdgeError } from '../../src/errors.ts';
import { ResultReason } from '../../src/kmip/enums.ts';
import { withDatabase } from '../custody/kit.ts';
import { createKey, getKey } from '../custody/requests.ts';
import { startDaemon } from '../kit/daemon.ts';
import { refusal } from '../kit/refusal.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { until } from '../kit/until.ts';
import { startRegionalSimulator } from '../peers/regional-kmip/simulator.ts';
import { type Region, settingsFor, startRegion } from './kit.ts';

const name = 'region';
/** What the alarms say of a renewal that was begun. */
const unfinished = async ({ server }: Region): Promise<readonly (string | undefined)[]> =>
  (await server.api('status', {})).alarms.flatMap((alarm) =>
    alarm.name === 'renewal-unfinished' ? [`${alarm.severity} ${alarm.subject}: ${alarm.command}`] : [],
  );

/** Every Get is asked at the endpoint. */
const asking = { settings: { 'regional.freshness': '0 s' } };

const begin = async ({ server }: Pick<Region, 'server'>): Promise<string> => {
  const { state, next } = await server.api('renewal.begin', { name });
  if (state !== 'waiting' || !next) throw new Error(`the renewal is ${state}`);
  return next.certificatePem;
};

const kindOf = async (t: ExecutionContext, refused: Promise<unknown>): Promise<string> =>
  (await t.throwsAsync(refused, { instanceOf: EdgeError })).kind;

const inUse = async ({ server }: Region): Promise<string> =>
  (await server.api('renewal.state', { name })).inUse.certificatePem;

const vaultNames = (dataDirectory: string): readonly string[] =>
  withDatabase(dataDirectory, (database) =>
    database.prepare('SELECT name FROM vault ORDER BY name').pluck().all(),
  ) as readonly string[];

test('the alarm names the command, and is gone when the certificate is renewed', async (t) => {
  const region = await startRegion(t);
  const ours = async () =>
    (await region.server.api('status', {})).endings.filter(({ kind }) => kind === 'upstream-client');
  const [ending] = await ours();
  t.is(ending?.command, 'kmip-edge instance renew-identity region');
  t.is(ending?.todo, 'The KMIP endpoint may refuse it from then on: renew it in time.');
  const next = await begin(region);
  t.is((await ours()).length, 1, 'the one in use is the one that ends');
  region.simulator.admit(next);
  const switched = await region.server.api('renewal.switch', { name });
  t.is(switched.inUse.certificatePem, next);
  t.true(Date.parse(switched.inUse.notAfter) > Date.now() + 3_600 * 86_400_000);
  t.deepEqual(await ours(), []);
});

test('under load the switch costs no request, and nothing shows the former certificate afterwards', async (t) => {
  const region = await startRegion(t, asking);
  const { simulator, client, server } = region;
  const former = await inUse(region);
  const uid = await createKey(client);
  const bytes = await getKey(client, uid);
  simulator.fault({ kind: 'slow', ms: 20 });
  let stopped = false;
  let answered = 0;
  const load = Array.from({ length: 6 }, async (_, at) => {
    const connection = await region.connect();
    while (!stopped) {
      if (at % 2 === 0) await createKey(connection);
      else t.deepEqual(await getKey(connection, uid), bytes);
      answered += 1;
    }
  });
  await until(() => answered > 20);
  simulator.admit(await begin(region));
  await server.api('renewal.switch', { name });
  await until(() => simulator.openWith(former) === 0);
  simulator.expel(former);
  const before = answered;
  await until(() => answered > before + 20);
  stopped = true;
  await Promise.all(load);
  t.is(simulator.openWith(former), 0);
  t.is(simulator.received.Create, (await server.api('key.list', {})).total, 'each create was made once');
});

test('an endpoint that never takes the new certificate changes nothing', async (t) => {
  const region = await startRegion(t, asking);
  const former = await inUse(region);
  const uid = await createKey(region.client);
  const next = await begin(region);
  for (let tries = 0; tries < 3; tries += 1) {
    t.is(await kindOf(t, region.server.api('renewal.switch', { name })), 'upstream-unreachable');
    t.is((await getKey(region.client, uid)).length, 32);
  }
  t.is(await inUse(region), former);
  t.is(await begin(region), next, 'the one that waits is used');
  t.deepEqual(await unfinished(region), [`info ${name}: kmip-edge instance renew-identity ${name}`]);
  t.is((await region.server.api('renewal.abandon', { name })).state, 'none');
  t.deepEqual(await unfinished(region), []);
  t.is(await kindOf(t, region.server.api('renewal.switch', { name })), 'illegal-operation');
  t.not(await begin(region), next);
  t.is((await getKey(region.client, uid)).length, 32);
});

test('a certificate that reaches other keys than the one in use is not taken', async (t) => {
  const region = await startRegion(t);
  const { simulator, server } = region;
  await createKey(region.client);
  simulator.admit(await begin(region));
  simulator.fault({ kind: 'refuse', reason: ResultReason.ItemNotFound }, { on: 'GetAttributes' });
  const refused = await t.throwsAsync(server.api('renewal.switch', { name }), { instanceOf: EdgeError });
  t.is(refused.kind, 'illegal-operation');
  t.regex(refused.message, /the keys of 'region' are not there: .*; nothing was changed/);
  t.regex(refused.hint ?? '', /to the same KMIP adapter/);
  t.is((await server.api('renewal.state', { name })).state, 'waiting');
  simulator.clearFaults();
  t.is((await server.api('renewal.switch', { name })).state, 'switched');
});

test('where the former certificate is refused already, keys are served again at once', async (t) => {
  const region = await startRegion(t, asking);
  const { simulator, server } = region;
  const former = await inUse(region);
  const { uid, material } = simulator.makeKey();
  simulator.expel(former);
  t.regex(await refusal(t, getKey(region.client, uid)), /closed the connection/);
  simulator.admit(await begin(region));
  await server.api('renewal.switch', { name });
  t.deepEqual(await getKey(region.client, uid), material);
});

test('a restart between any two steps goes on from there', async (t) => {
  const region = await startRegion(t, asking);
  const uid = await createKey(region.client);
  const former = await inUse(region);
  const next = await begin(region);
  await region.restart();
  t.is(await begin(region), next);
  t.is(await inUse(region), former);
  region.simulator.admit(next);
  await region.restart();
  t.is((await region.server.api('renewal.switch', { name })).former?.certificatePem, former);
  await region.restart();
  region.simulator.expel(former);
  t.is((await getKey(region.client, uid)).length, 32);
  t.is(await inUse(region), next);
  t.is(
    (await region.server.api('renewal.begin', { name })).state,
    'switched',
    'nothing is made before that is finished',
  );
  t.is((await region.server.api('renewal.switch', { name })).state, 'switched', 'a second time is harmless');
  t.is(await kindOf(t, region.server.api('renewal.abandon', { name })), 'illegal-operation');
  t.is((await unfinished(region)).length, 1, 'the former one is still to be taken off');
  t.is((await region.server.api('renewal.finish', { name })).state, 'none');
  t.deepEqual(await unfinished(region), []);
  await region.restart();
  t.is((await region.server.api('renewal.state', { name })).state, 'none');
  await region.server.close();
  t.deepEqual(
    vaultNames(region.server.dataDirectory).filter((secret) => secret.startsWith('renewal ')),
    [],
  );
});

test('kill -9 in the middle of a switch leaves one identity in use, and the switch to be finished', async (t) => {
  t.timeout(60_000);
  const simulator = await startRegionalSimulator();
  t.teardown(() => simulator.close());
  const directory = join(temporaryDirectory(t), 'data');
  let daemon = await startDaemon(t, directory);
  await call(directory, 'instance.create', { name, upstream: 'kmip', settings: settingsFor(simulator) });
  const issued = await call(directory, 'client.issue', { instance: name, name: 'host' });
  const { certificatePem: certificate, privateKeyPem: privateKey, authorityPem: authority } = issued;
  const get = async (uid: string): Promise<Buffer> => {
    const client = await connectKmip({ host: '127.0.0.1', port: daemon.port, certificate, privateKey, authority });
    try {
      return await getKey(client, uid);
    } finally {
      client.close();
    }
  };
  const { next } = await call(directory, 'renewal.begin', { name });
  if (!next) throw new Error('nothing waits');
  simulator.admit(next.certificatePem);
  // Answers that are late put the end of the process before, at and after the commit.
  for (const delay of [5, 25, 45, 60]) {
    simulator.fault({ kind: 'slow', ms: 10 });
    const switching = call(directory, 'renewal.switch', { name }).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, delay));
    await Promise.all([daemon.end('SIGKILL'), switching]);
    simulator.clearFaults();
    daemon = await startDaemon(t, directory);
    const { state, inUse: used } = await call(directory, 'renewal.state', { name });
    const isNew = used.certificatePem === next.certificatePem;
    t.is(state, isNew ? 'switched' : 'waiting');
    const { uid, material } = simulator.makeKey();
    t.deepEqual(await get(uid), material, `after ${delay} ms`);
    t.log(`killed after ${delay} ms: ${state}`);
  }
  t.is((await call(directory, 'renewal.switch', { name })).inUse.sha256, next.sha256);
});

test('an update that was on trial meanwhile does not bring the former certificate back', async (t) => {
  const region = await startRegion(t);
  const { simulator, server } = region;
  const next = await begin(region);
  simulator.admit(next);
  // The fault is for the update's trial.
  await until(async () => !(await server.api('instance.sync.state', { name })).running);
  simulator.fault({ kind: 'slow', ms: 3_000 }, { on: 'Locate', times: 1 });
  const before = simulator.received.Locate;
  const fingerprints = [simulator.fingerprint.sha256, 'ab'.repeat(32)];
  const updating = kindOf(t, server.api('instance.update', { name, settings: { fingerprints } }));
  await until(() => simulator.received.Locate > before);
  await server.api('renewal.switch', { name });
  t.is(await updating, 'illegal-operation');
  t.is(await inUse(region), next);
  await region.restart();
  t.is(await inUse(region), next);
});

test('two who renew at the same time make one certificate and switch once', async (t) => {
  const region = await startRegion(t);
  const [one, other] = await Promise.all([begin(region), begin(region)]);
  t.is(one, other, 'both have the same');
  region.simulator.admit(one);
  const both = await Promise.allSettled([1, 2].map(() => region.server.api('renewal.switch', { name })));
  t.true(both.some(({ status }) => status === 'fulfilled'));
  const { state, former, inUse: used } = await region.server.api('renewal.state', { name });
  t.deepEqual([state, used.certificatePem], ['switched', one]);
  t.is(former?.sha256, new X509Certificate(region.simulator.client.certificatePem).fingerprint256);
});

test('a renewal goes along with another name, and goes with the instance when that is removed', async (t) => {
  const region = await startRegion(t, { settings: { 'removal.wait': '0 s' } });
  const { server } = region;
  const next = await begin(region);
  await server.api('instance.rename', { name, to: 'other' });
  t.is((await server.api('renewal.state', { name: 'other' })).next?.certificatePem, next);
  await server.api('instance.remove', { name: 'other', confirm: 'other' });
  await until(async () => !(await server.api('instance.list', {})).some((instance) => instance.name === 'other'));
  await server.close();
  t.deepEqual(
    vaultNames(server.dataDirectory).filter((secret) => secret.startsWith('renewal ')),
    [],
  );
});

test('an instance that is known to nobody by a certificate has none to renew', async (t) => {
  const { server } = await startRegion(t);
  t.is(await kindOf(t, server.api('renewal.begin', { name: 'default' })), 'illegal-operation');
  t.is(await kindOf(t, server.api('renewal.begin', { name: 'nobody' })), 'item-not-found');
});
