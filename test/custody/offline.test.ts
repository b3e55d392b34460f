// Invariant 2: an upstream that is away never makes a key seem lost, and the lease alone decides how long it is served.

import test, { type ExecutionContext } from 'ava';
import type { KmipClient } from '../../src/cli/kmip-client.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { refusal } from '../kit/refusal.ts';
import { forgetCopies, hour, startCloud } from './kit.ts';
import { createKey, getKey } from './requests.ts';

const settings = { 'upstream.pollInterval': '50 s' };

/** A Get that fails as an outage does: with a reason that no client takes for a lost key. */
const outage = async (t: ExecutionContext, client: KmipClient, uid: string, says: RegExp): Promise<void> => {
  const text = await refusal(t, getKey(client, uid));
  t.regex(text, /^Get failed: GeneralFailure: /);
  t.regex(text, says);
  t.notRegex(text, /not found/i);
};

test('with the link cut, keys are served until the lease ends, after a restart too, and then the refusal says why', async (t) => {
  const clock = new FakeClock(Date.now());
  const cloud = await startCloud(t, { settings, clock, lease: 10 * hour });
  const { simulator } = cloud;
  const uid = await createKey(cloud.client);
  const bytes = await getKey(cloud.client, uid);
  await simulator.cutLink();
  await clock.pass(4 * hour);
  t.deepEqual(await getKey(cloud.client, uid), bytes);
  await cloud.restart();
  t.deepEqual(await getKey(cloud.client, uid), bytes);
  await clock.pass(6 * hour - 1);
  t.deepEqual(await getKey(cloud.client, uid), bytes);
  await clock.pass(1);
  const ended = /the offline lease of service instance 'cloud' has ended and its upstream is unreachable: /;
  await outage(t, cloud.client, uid, ended);
  await cloud.restart();
  await outage(t, cloud.client, uid, ended);
  clock.setWall(clock.now() - 20 * hour);
  await cloud.restart();
  await outage(t, cloud.client, uid, ended);
  t.false((await cloud.instance()).serving);
  await simulator.restoreLink();
  await clock.pass(10 * 60_000);
  await t.notThrowsAsync(async () => {
    while ((await getKey(cloud.client, uid).catch(() => undefined)) === undefined) await clock.pass(60_000);
  });
  t.deepEqual(await getKey(cloud.client, uid), bytes);
  t.true((await cloud.instance()).serving);
});

test('with the link cut and no copy held, the refusal says that', async (t) => {
  const cloud = await startCloud(t);
  const uid = await createKey(cloud.client);
  const bytes = await getKey(cloud.client, uid);
  await cloud.simulator.cutLink();
  await cloud.restart({}, forgetCopies);
  await outage(t, cloud.client, uid, new RegExp(`key '${uid}' is not held here and the upstream is unreachable: `));
  t.regex(await refusal(t, createKey(cloud.client)), /GeneralFailure/);
  t.regex(await refusal(t, getKey(cloud.client, 'no-such-key')), /ItemNotFound: no object has unique identifier/);
  await cloud.simulator.restoreLink();
  await cloud.restart();
  t.deepEqual(await getKey(cloud.client, uid), bytes);
});

test('an instance without a lease serves only what the upstream opens now', async (t) => {
  const cloud = await startCloud(t, { lease: 0 });
  const uid = await createKey(cloud.client);
  const bytes = await getKey(cloud.client, uid);
  cloud.simulator.resetCounts();
  t.deepEqual(await getKey(cloud.client, uid), bytes);
  t.deepEqual(await getKey(cloud.client, uid), bytes);
  t.is(cloud.simulator.count('unwrap'), 2);
  await cloud.simulator.cutLink();
  await outage(t, cloud.client, uid, /the offline lease of service instance 'cloud' has ended/);
});

test('the other service instances do not notice an outage', async (t) => {
  const cloud = await startCloud(t);
  const local = await cloud.server.connect();
  const uid = await createKey(local);
  await cloud.simulator.cutLink();
  t.is((await getKey(local, uid)).length, 32);
  t.is((await getKey(local, await createKey(local))).length, 32);
  t.regex(await refusal(t, getKey(cloud.client, uid)), /ItemNotFound/);
});
