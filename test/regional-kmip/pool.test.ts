// Connections over time: how many there are and how they are shared, fail-over between two addresses of one service,
// and coming back after an outage.

import test from 'ava';
import { CreateOutcomeUnknown } from '../../src/upstream/regional-kmip/link-errors.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { refusalOf } from '../kit/refusal.ts';
import { until } from '../kit/until.ts';
import { makeServerTls } from '../peers/regional-kmip/certificates.ts';
import { KeyStore } from '../peers/regional-kmip/store.ts';
import { aes, answersAgain, connectTo, newMarker, optionsFor, setUp, startSimulator } from './kit.ts';

test('a thousand requests at once share a few connections, and each gets its own answer', async (t) => {
  const { simulator, endpoint } = await setUp(t, { timings: { totalMs: 20_000, requestMs: 20_000 } });
  const keys = Array.from({ length: 50 }, () => simulator.makeKey());
  const calls = Array.from({ length: 1000 }, async (_, at) => {
    const key = keys[at % keys.length];
    const material = await endpoint.material(key?.uid ?? '');
    return material.export().equals(key?.material ?? Buffer.alloc(0));
  });
  t.true((await Promise.all(calls)).every(Boolean));
  t.is(simulator.accepted, 8);
  t.is(simulator.executed.Get, 1000);
});

test('changes and reads at once do not disturb one another', async (t) => {
  const { simulator, endpoint } = await setUp(t, { timings: { totalMs: 20_000, requestMs: 20_000 } });
  const { uid } = simulator.makeKey();
  const calls = Array.from({ length: 200 }, (_, at) =>
    at % 4 === 0 ? endpoint.create(aes, newMarker()) : endpoint.material(uid),
  );
  await Promise.all(calls);
  t.is(simulator.keys().length, 51);
  t.is(simulator.executed.Create, 50);
});

test('a change has its connection to itself: a cut read beside it does not lose its answer', async (t) => {
  const { simulator, endpoint } = await setUp(t);
  const { uid } = simulator.makeKey();
  await endpoint.probe();
  simulator.fault({ kind: 'slow', ms: 200 }, { on: 'Create', times: 1 });
  simulator.fault({ kind: 'cut-before' }, { on: 'Get', times: 2 });
  await Promise.all([endpoint.create(aes, newMarker()), endpoint.material(uid), endpoint.material(uid)]);
  t.is(simulator.executed.Locate, 0, 'nobody had to look for the key');
});

test('requests one after the other use one connection, which is closed when idle', async (t) => {
  const { simulator, endpoint } = await setUp(t, { timings: { idleMs: 50 } });
  const { uid } = simulator.makeKey();
  for (let count = 0; count < 10; count += 1) await endpoint.material(uid);
  t.is(simulator.accepted, 1);
  await until(() => simulator.open === 0);
  await endpoint.material(uid);
  t.is(simulator.accepted, 2);
});

test('without pipelining a connection has one request at a time', async (t) => {
  const { simulator, endpoint } = await setUp(t, { pipeline: 1, connections: 2 });
  const { uid } = simulator.makeKey();
  await Promise.all(Array.from({ length: 40 }, () => endpoint.material(uid)));
  t.is(simulator.accepted, 2);
});

test('a late answer is never taken for that of the next request', async (t) => {
  const { simulator, endpoint } = await setUp(t, { connections: 1, timings: { requestMs: 100 } });
  const [first, second] = [simulator.makeKey(), simulator.makeKey()];
  simulator.fault({ kind: 'slow', ms: 200 }, { on: 'Get', times: 1 });
  const [one, two] = await Promise.all([endpoint.material(first.uid), endpoint.material(second.uid)]);
  t.deepEqual([one.export(), two.export()], [first.material, second.material]);
  t.true(simulator.accepted > 1);
});

test('service resumes when the endpoint is back', async (t) => {
  const log = createMemoryLog();
  const { simulator, endpoint } = await setUp(t, { log });
  const { uid } = simulator.makeKey();
  await endpoint.material(uid);
  await simulator.stop();
  const error = await refusalOf(t, endpoint.material(uid), 'upstream-unreachable');
  t.regex(error.message, /refused|closed/);
  await simulator.start();
  await until(() => simulator.open > 0); // the health check, nobody asked
  t.is((await endpoint.material(uid)).symmetricKeySize, 32);
  t.true(log.lines.some(({ event }) => event === 'the endpoint answers again'));
});

test('an endpoint that is away is not asked by every caller', async (t) => {
  const simulator = await startSimulator(t);
  const endpoint = connectTo(t, simulator, {
    timings: { backoffMs: 5_000, backoffMaximumMs: 5_000, retries: 0, healthMs: 60_000 },
  });
  await simulator.stop();
  await refusalOf(t, endpoint.describe('any'), 'upstream-unreachable');
  await simulator.start();
  for (let count = 0; count < 20; count += 1) await refusalOf(t, endpoint.describe('any'), 'upstream-unreachable');
  t.is(simulator.accepted, 0);
  t.is((await endpoint.probe()).version, '1.4', 'a probe asks all the same');
});

const pair = async (t: Parameters<typeof startSimulator>[0], log = createMemoryLog()) => {
  const store = new KeyStore();
  const [first, second] = [await startSimulator(t, { store }), await startSimulator(t, { store })];
  const addresses = [first, second].map(({ host, port }) => ({ host, port }));
  return { first, second, log, endpoint: connectTo(t, first, { addresses, log }) };
};

test('the second address serves while the first is away, and goes on when it is back', async (t) => {
  const { first, second, endpoint, log } = await pair(t);
  const uid = await endpoint.create(aes, newMarker());
  t.is(second.accepted, 0);
  await first.stop();
  t.is((await endpoint.material(uid)).symmetricKeySize, 32);
  await endpoint.activate(uid);
  t.true(log.lines.some(({ event }) => event === 'another address of the endpoint is used'));
  await first.start();
  await until(() => first.open > 0);
  const before = first.received.Get;
  await endpoint.material(uid);
  t.is(first.received.Get, before, 'it stays with the one that works');
  await second.stop();
  t.is((await endpoint.material(uid)).symmetricKeySize, 32);
});

test('a Create whose answer the first address loses is found through the second', async (t) => {
  const { first, second, endpoint } = await pair(t);
  await endpoint.probe();
  first.fault({ kind: 'cut-after' }, { on: 'Create' });
  const cut = setInterval(() => first.received.Create > 0 && void first.stop(), 1);
  t.teardown(() => clearInterval(cut));
  const uid = await endpoint.create(aes, newMarker());
  t.deepEqual(
    first.keys().map((key) => key.uid),
    [uid],
  );
  t.is(first.received.Create + second.received.Create, 1);
});

test('a change is not lost on a connection that died unnoticed', async (t) => {
  const { simulator, endpoint } = await setUp(t, { connections: 1, timings: { freshMs: 20, requestMs: 1000 } });
  await endpoint.probe();
  await new Promise((resolve) => setTimeout(resolve, 40));
  simulator.fault({ kind: 'hang' }, { on: 'DiscoverVersions', times: 1 });
  await endpoint.create(aes, newMarker());
  t.is(simulator.received.Create, 1);
  t.is(simulator.received.Locate, 0, 'nobody had to look for the key');
  t.is(simulator.accepted, 2);
});

test('a change whose time ends while its connection is tried is not sent afterwards', async (t) => {
  const { simulator, endpoint } = await setUp(t, { connections: 1, timings: { freshMs: 20 } });
  await endpoint.probe();
  await new Promise((resolve) => setTimeout(resolve, 40));
  simulator.fault({ kind: 'slow', ms: 300 }, { on: 'DiscoverVersions', times: 1 });
  const error = await refusalOf(t, endpoint.create(aes, newMarker(), { deadlineMs: 200 }), 'upstream-unreachable');
  t.is('sent' in error && error.sent, false);
  await endpoint.probe({ deadlineMs: 5_000 });
  t.is(simulator.received.Create, 0);
});

test('a Create whose endpoint goes away is found when it is back', async (t) => {
  const { simulator, endpoint } = await setUp(t, { timings: { totalMs: 600 } });
  const marker = newMarker();
  await answersAgain(endpoint);
  simulator.fault({ kind: 'hang-after' }, { on: 'Create', times: 1 });
  const creating = refusalOf(t, endpoint.create(aes, marker), 'upstream-unreachable');
  await until(() => simulator.keys().length === 1);
  await simulator.stop();
  t.true((await creating) instanceof CreateOutcomeUnknown);
  await simulator.start();
  await answersAgain(endpoint);
  t.deepEqual(
    await endpoint.reconcile(marker, { deadlineMs: 8_000 }),
    simulator.keys().map(({ uid }) => uid),
  );
});

test('with both addresses away nothing is known, and a create was not sent', async (t) => {
  const { first, second, endpoint } = await pair(t);
  await Promise.all([first.stop(), second.stop()]);
  await refusalOf(t, endpoint.material('any'), 'upstream-unreachable');
  const error = await refusalOf(t, endpoint.create(aes, newMarker()), 'upstream-unreachable');
  t.is('sent' in error && error.sent, false);
});

test('an address that is not trusted is not used, and said so, while the other serves', async (t) => {
  const log = createMemoryLog();
  const { first, second, endpoint } = await pair(t, log);
  const { uid } = second.makeKey();
  await first.start(makeServerTls());
  t.is((await endpoint.material(uid)).symmetricKeySize, 32);
  t.is(first.bytes, 0);
  t.true(log.lines.some(({ level, event }) => level === 'error' && event.includes('not trusted')));
});

test('options are for one endpoint each: two may live side by side', async (t) => {
  const simulator = await startSimulator(t);
  const [one, two] = [connectTo(t, simulator), connectTo(t, simulator, optionsFor(simulator, { connections: 1 }))];
  await one.probe();
  await one.close();
  t.is((await two.probe()).version, '1.4');
});
