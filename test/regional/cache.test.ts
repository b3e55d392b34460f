// What is answered from here and what is asked at the endpoint: freshness, the lease, and what was changed elsewhere.

import test from 'ava';
import { State } from '../../src/kmip/enums.ts';
import {
  activateKey,
  addText,
  createKey,
  describeKey,
  destroyKey,
  getKey,
  locateText,
  registerKey,
  revokeKey,
} from '../custody/requests.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { refusal } from '../kit/refusal.ts';
import { until } from '../kit/until.ts';
import { makeServerTls } from '../peers/regional-kmip/certificates.ts';
import { hour, startRegion } from './kit.ts';

const minute = 60_000;

/** Lets a little time pass again and again, so that what waits on the clock goes on, until `act` is done. */
const passing = async <T>(clock: FakeClock, act: Promise<T>): Promise<T> => {
  let done = false;
  const outcome = act.finally(() => {
    done = true;
  });
  while (!done) {
    await clock.pass(10);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return outcome;
};

test('a key made through us is the endpoint’s own: identifier, bytes, state and attributes', async (t) => {
  const { simulator, client, server } = await startRegion(t);
  const uid = await createKey(client);
  const [key] = simulator.keys();
  if (!key) throw new Error('no key was made');
  t.is(uid, key.uid);
  t.deepEqual(await getKey(client, uid), key.material);
  await addText(client, uid, 'x-Name', 'one');
  await activateKey(client, uid);
  t.is(key.state, State.Active);
  t.deepEqual(await describeKey(client, uid), { state: State.Active, texts: new Map([['x-Name', 'one']]) });
  t.regex(await refusal(t, destroyKey(client, uid)), /IllegalOperation|PermissionDenied/);
  await revokeKey(client, uid);
  await destroyKey(client, uid);
  t.is(key.state, State.Destroyed);
  t.regex(await refusal(t, getKey(client, uid)), /destroyed/);
  t.is((await describeKey(client, uid)).state, State.Destroyed);
  const [listed] = (await server.api('key.list', { instance: 'region' })).keys;
  t.is(listed?.state, 'Destroyed');
});

test('a fresh key is served without asking; past five minutes it is checked once', async (t) => {
  const clock = new FakeClock(Date.now());
  const { simulator, client } = await startRegion(t, { clock });
  const uid = await createKey(client);
  const asked = () => simulator.received.Get + simulator.received.GetAttributes;
  const before = asked();
  for (let n = 0; n < 5; n += 1) await getKey(client, uid);
  t.is(asked(), before);
  await clock.pass(5 * minute + 1);
  await passing(clock, getKey(client, uid));
  t.is(asked(), before + 1);
  await getKey(client, uid);
  t.is(asked(), before + 1);
});

test('what is revoked or destroyed at the endpoint is seen on the next check', async (t) => {
  const clock = new FakeClock(Date.now());
  const { simulator, client } = await startRegion(t, { clock });
  const uid = await createKey(client);
  await activateKey(client, uid);
  t.is((await describeKey(client, uid)).state, State.Active);
  simulator.revokeKey(uid);
  t.is((await describeKey(client, uid)).state, State.Active);
  await clock.pass(5 * minute + 1);
  t.is((await passing(clock, describeKey(client, uid))).state, State.Deactivated);
  t.is((await passing(clock, getKey(client, uid))).length, 32);
  simulator.destroyKey(uid);
  await clock.pass(5 * minute + 1);
  t.regex(await refusal(t, passing(clock, getKey(client, uid))), /destroyed/);
});

test('a key that the endpoint forgot is not served, alarms, and comes back when the endpoint has it again', async (t) => {
  const clock = new FakeClock(Date.now());
  const region = await startRegion(t, { clock });
  const { simulator, client } = region;
  const uid = await createKey(client);
  const bytes = await getKey(client, uid);
  const [key] = simulator.keys();
  simulator.forgetKey(uid);
  await clock.pass(5 * minute + 1);
  t.regex(await refusal(t, passing(clock, getKey(client, uid))), /ItemNotFound/);
  t.regex((await region.instance()).alarms.join(), new RegExp(`1 key is not at the endpoint any more.*${uid}`));
  await simulator.stop();
  await passing(clock, region.restart());
  t.regex(await refusal(t, passing(clock, getKey(region.client, uid))), /ItemNotFound/);
  await simulator.start();
  if (key) simulator.store.put(key);
  await clock.pass(5 * minute + 1);
  const get = () => passing(clock, getKey(region.client, uid));
  await until(async () => (await get().catch(() => undefined))?.equals(bytes) ?? false);
  t.deepEqual((await region.instance()).alarms, []);
});

test('Locate is answered from what is held here while the endpoint is in trouble or away', async (t) => {
  const clock = new FakeClock(Date.now());
  const { simulator, client } = await startRegion(t, { clock });
  const uid = await createKey(client);
  await addText(client, uid, 'x-Name', 'one');
  const located = () => passing(clock, locateText(client, 'x-Name', 'one'));
  t.deepEqual(await located(), [uid]);
  await clock.pass(6 * minute);
  const asked = simulator.received.Locate;
  simulator.fault({ kind: 'refuse', reason: 0x100, message: 'the service is busy' });
  t.deepEqual(await located(), [uid]);
  t.true(simulator.received.Locate > asked);
  await simulator.stop();
  await clock.pass(6 * minute);
  t.deepEqual(await located(), [uid]);
});

test('with the endpoint away keys are served until the lease ends, after a restart too, and then the refusal says why', async (t) => {
  const clock = new FakeClock(Date.now());
  const region = await startRegion(t, { clock, lease: 2 * hour });
  const uid = await createKey(region.client);
  const bytes = await getKey(region.client, uid);
  await region.simulator.stop();
  await clock.pass(0.8 * hour);
  const get = (uid: string) => passing(clock, getKey(region.client, uid));
  t.deepEqual(await get(uid), bytes);
  await passing(clock, region.restart());
  t.deepEqual(await get(uid), bytes);
  t.regex(await refusal(t, get('never-seen')), /GeneralFailure: .*not held here/);
  t.regex(await refusal(t, passing(clock, createKey(region.client))), /GeneralFailure/);
  await clock.pass(1.2 * hour);
  const ended =
    /GeneralFailure: the offline lease of service instance 'region' has ended and its upstream is unreachable/;
  t.regex(await refusal(t, get(uid)), ended);
  t.regex(await refusal(t, passing(clock, describeKey(region.client, uid))), ended);
  await region.simulator.start();
  await clock.pass(minute);
  await until(async () => (await get(uid).catch(() => undefined))?.equals(bytes) ?? false);
});

test('a key made elsewhere is found by its identifier, and by the sweep before anybody asks', async (t) => {
  const clock = new FakeClock(Date.now());
  const region = await startRegion(t, { clock });
  const one = region.simulator.makeKey();
  t.deepEqual(await passing(clock, getKey(region.client, one.uid)), one.material);
  const two = region.simulator.makeKey();
  await clock.pass(15 * minute);
  await passing(
    clock,
    until(async () => (await region.instance()).keys === 2),
  );
  await region.simulator.stop();
  t.deepEqual(await passing(clock, getKey(region.client, two.uid)), two.material);
});

test('hosts that all ask for one key that is not held make one Get at the endpoint', async (t) => {
  const region = await startRegion(t, { lease: 0, settings: { 'regional.checkTimeout': '10 s' } });
  const { uid, material } = region.simulator.makeKey();
  await getKey(region.client, uid);
  const before = region.simulator.received.Get;
  const clients = await Promise.all(Array.from({ length: 20 }, () => region.connect()));
  region.simulator.fault({ kind: 'slow', ms: 200 }, { on: 'Get' });
  for (const bytes of await Promise.all(clients.map((client) => getKey(client, uid)))) t.deepEqual(bytes, material);
  t.is(region.simulator.received.Get, before + 1);
});

test('a certificate that changed stops traffic and alarms, and the old keys are served by the lease', async (t) => {
  const log = createMemoryLog();
  const region = await startRegion(t, { log, settings: { 'upstream.pollInterval': '100 ms' } });
  const uid = await createKey(region.client);
  await region.simulator.stop();
  const { bytes } = region.simulator;
  await region.simulator.start(makeServerTls());
  await until(async () => (await region.instance()).alarms.length > 0);
  const [alarm = ''] = (await region.instance()).alarms;
  t.regex(
    alarm,
    /not the pinned one; fingerprint presented: [0-9a-f]{64}.*kmip-edge instance trust region --fingerprint/,
  );
  t.is((await getKey(region.client, uid)).length, 32);
  t.is(region.simulator.bytes, bytes);
});

test('a key that a client brings is refused: the endpoint takes none in', async (t) => {
  const { client, simulator } = await startRegion(t);
  t.regex(await refusal(t, registerKey(client, Buffer.alloc(32, 1))), /OperationNotSupported/);
  t.deepEqual(simulator.keys(), []);
});
