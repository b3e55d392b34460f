// Invariant 5: the owner's verdict on the root key stops its keys within the poll interval and lets them be served again;
// nothing else that an upstream answers does, and nothing that it answers erases anything.

import { randomInt } from 'node:crypto';
import test from 'ava';
import { refusal } from '../kit/refusal.ts';
import { until } from '../kit/until.ts';
import type { Fault, FaultScope } from '../peers/key-protect/faults.ts';
import { fixtures } from '../upstream/fixtures.ts';
import { forgetCopies, hour, startCloud } from './kit.ts';
import { createKey, getKey } from './requests.ts';

const settings = { 'upstream.pollInterval': '200 ms' };
/** The poll interval, and time for two busy cores. */
const soon = 200 + 3000;

test('disable and delete stop every key within the poll interval, from memory and after a restart; undone, they are served', async (t) => {
  const cloud = await startCloud(t, { settings });
  const { simulator } = cloud;
  const uid = await createKey(cloud.client);
  const bytes = await getKey(cloud.client, uid);
  const acts = [
    ['disable', 'enable', 'suspended'],
    ['delete', 'restore', 'destroyed'],
  ] as const;
  for (const [stop, start, state] of acts) {
    simulator[stop](simulator.crk);
    const isRefused = (): Promise<boolean> =>
      getKey(cloud.client, uid).then(
        () => false,
        () => true,
      );
    const took = await until(isRefused);
    t.true(took < soon, `${stop}: ${took} ms`);
    const text = await refusal(t, getKey(cloud.client, uid));
    t.regex(text, /^Get failed: GeneralFailure: the root key of service instance 'cloud' is /);
    t.regex(text, new RegExp(`is ${state} at its upstream`));
    t.is((await cloud.server.api('status', {})).keysInMemory, 0);
    await simulator.cutLink();
    await cloud.restart();
    t.regex(await refusal(t, getKey(cloud.client, uid)), new RegExp(`is ${state} at its upstream`));
    await simulator.restoreLink();
    simulator[start](simulator.crk);
    await until(async () => !(await isRefused()));
    t.deepEqual(await getKey(cloud.client, uid), bytes);
  }
});

test('a purged root key stops its keys, and nothing of them is erased here', async (t) => {
  const cloud = await startCloud(t, { settings });
  const { simulator } = cloud;
  const uid = await createKey(cloud.client);
  simulator.purge(simulator.crk);
  await until(() =>
    getKey(cloud.client, uid).then(
      () => false,
      () => true,
    ),
  );
  t.regex(await refusal(t, getKey(cloud.client, uid)), /is destroyed at its upstream/);
  t.is((await cloud.instance()).keys, 1);
  const rows = { wrapped: 0, sealed: 0 };
  await cloud.restart({}, (database) => {
    Object.assign(
      rows,
      database.prepare('SELECT length(wrapped) AS wrapped, length(sealed) AS sealed FROM material').get(),
    );
  });
  t.true(rows.wrapped > 0 && rows.sealed > 0);
});

const gone: readonly Fault[] = [
  { kind: 'answer', status: 404, body: fixtures.C5 },
  { kind: 'answer', status: 410, body: fixtures.C8 },
];

test('one wrong word that the root key is gone refuses one request, also when the link is cut after it', async (t) => {
  const cloud = await startCloud(t, { settings: { 'upstream.pollInterval': '50 s' } });
  const { simulator } = cloud;
  const [one, other] = [await createKey(cloud.client), await createKey(cloud.client)];
  const bytes = await getKey(cloud.client, other);
  for (const fault of gone) {
    await cloud.restart({}, forgetCopies);
    await getKey(cloud.client, other);
    simulator.fault(fault, { on: 'unwrap', times: 1 });
    await refusal(t, getKey(cloud.client, one));
    await simulator.cutLink();
    t.is((await cloud.instance()).rootKey.state, 'active');
    t.deepEqual(await getKey(cloud.client, other), bytes);
    await cloud.restart();
    t.deepEqual(await getKey(cloud.client, other), bytes);
    await simulator.restoreLink();
  }
});

test('a root key that is gone indeed is believed at the first request that hears of it, long before the next poll', async (t) => {
  const cloud = await startCloud(t, { settings: { 'upstream.pollInterval': '50 s' } });
  const [one, other] = [await createKey(cloud.client), await createKey(cloud.client)];
  await cloud.restart({}, forgetCopies);
  await getKey(cloud.client, other);
  cloud.simulator.delete(cloud.simulator.crk);
  await refusal(t, getKey(cloud.client, one));
  t.regex(await refusal(t, getKey(cloud.client, other)), /is destroyed at its upstream/);
});

test('an expired root key still opens what it wrapped', async (t) => {
  const cloud = await startCloud(t, { settings });
  const uid = await createKey(cloud.client);
  const bytes = await getKey(cloud.client, uid);
  cloud.simulator.expire(cloud.simulator.crk);
  await until(async () => (await cloud.instance()).rootKey.state === 'deactivated');
  t.deepEqual(await getKey(cloud.client, uid), bytes);
  await cloud.restart({}, forgetCopies);
  t.deepEqual(await getKey(cloud.client, uid), bytes);
});

const answer = (status: number, body = 'x'): Fault => ({ kind: 'answer', status, body });
const silences: readonly (readonly [string, Fault, FaultScope])[] = [
  ...[400, 401, 403, 404, 407, 409, 410, 429, 500, 502, 503, 504].map(
    (status) => [`HTTP ${status}`, answer(status), {}] as const,
  ),
  ['a redirect', { kind: 'answer', status: 302, headers: { location: 'https://example.com' } }, {}],
  ['no answer', { kind: 'hang' }, {}],
  ['a cut before the answer', { kind: 'cut-before' }, {}],
  ['a cut in the answer', { kind: 'cut-body' }, {}],
  ['garbage', { kind: 'garbage' }, {}],
  ['garbage as a refusal', { kind: 'garbage', status: 410 }, {}],
  ['a web page', { kind: 'html' }, {}],
  ['a web page as a refusal', { kind: 'html', status: 404 }, {}],
  ['a body without end', { kind: 'oversized', bytes: 1_000_000 }, {}],
  ['an empty JSON', answer(200, '{}'), {}],
  ['IAM failing alone', answer(500), { on: 'token' }],
  ['IAM refusing', answer(400, '{"errorCode":"BXNIM0415E","errorMessage":"gone"}'), { on: 'token' }],
];

const impatient = {
  'upstream.pollInterval': '100 ms',
  'upstream.attemptTimeout': '300 ms',
  'upstream.totalTimeout': '500 ms',
};

test('no other answer, and no silence, stops keys within the lease', async (t) => {
  const cloud = await startCloud(t, { settings });
  const { simulator } = cloud;
  const uid = await createKey(cloud.client);
  const bytes = await getKey(cloud.client, uid);
  await cloud.restart({ settings: impatient });
  for (const [name, fault, scope] of silences) {
    simulator.revokeTokens();
    simulator.fault(fault, scope);
    simulator.resetCounts();
    await until(() => simulator.count(scope.on === 'token' ? 'token' : 'metadata') >= 2);
    t.deepEqual(await getKey(cloud.client, uid), bytes, name);
    const { serving, rootKey } = await cloud.instance();
    t.true(serving, name);
    t.is(rootKey.state, 'active', name);
    simulator.clearFaults();
  }
  simulator.fault(answer(403));
  await cloud.restart({ settings: impatient });
  t.deepEqual(await getKey(cloud.client, uid), bytes);
  simulator.clearFaults();
  await until(async () => (await cloud.instance()).upstreamState === 'reachable');
});

test('whatever the upstream answers, in any order, nothing is erased: restored, all keys have the same bytes', async (t) => {
  const cloud = await startCloud(t, { settings });
  const { simulator } = cloud;
  const known = new Map<string, Buffer>();
  for (let n = 0; n < 10; n += 1) {
    const uid = await createKey(cloud.client);
    known.set(uid, await getKey(cloud.client, uid));
  }
  await cloud.restart({ settings: impatient });
  const acts = ['disable', 'enable', 'delete', 'restore', 'expire', 'rotate', 'revokeTokens'] as const;
  const routes = ['metadata', 'unwrap', 'wrap', 'token', 'all'] as const;
  const uids = [...known.keys()];
  for (let round = 0; round < 40; round += 1) {
    const act = acts[randomInt(acts.length * 2)];
    if (act !== undefined) simulator[act](simulator.crk);
    const [, fault = answer(500)] = silences[randomInt(silences.length)] ?? [];
    simulator.fault(fault, { on: routes[randomInt(routes.length)] ?? 'all', times: randomInt(1, 4) });
    if (round % 13 === 12) await cloud.restart({ settings: impatient }, forgetCopies);
    const clients = await Promise.all([cloud.connect(), cloud.connect()]);
    const uid = uids[randomInt(uids.length)] ?? '';
    const got = await Promise.allSettled([getKey(clients[0], uid), createKey(clients[1])]);
    if (got[0].status === 'fulfilled') t.deepEqual(got[0].value, known.get(uid));
    else t.notRegex(String(got[0].reason), /not ?found/i);
    if (got[1].status === 'fulfilled') known.set(got[1].value, Buffer.alloc(0));
  }
  simulator.clearFaults();
  simulator.enable(simulator.crk);
  await cloud.restart({ settings: { ...settings } }, forgetCopies);
  await until(async () => (await cloud.instance()).serving);
  for (const [uid, bytes] of known) {
    const found = await getKey(cloud.client, uid);
    if (bytes.length > 0) t.deepEqual(found, bytes);
    else t.is(found.length, 32);
  }
  t.true(known.size >= 10);
});

test('with the lease over and the upstream silent the keys stop, as the lease promises the owner', async (t) => {
  const cloud = await startCloud(t, { settings, lease: 1 });
  const uid = await createKey(cloud.client);
  await cloud.simulator.cutLink();
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.regex(await refusal(t, getKey(cloud.client, uid)), /the offline lease .* has ended/);
  t.true(hour > 1);
});
