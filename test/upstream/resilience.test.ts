// Patience: retries, Retry-After, deadlines, and the breaker that makes a dead link cheap and a mended one known.

import test, { type ExecutionContext } from 'ava';
import type { RootKey } from '../../src/keys/root-key-ports.ts';
import type { Timings } from '../../src/upstream/key-protect/guard.ts';
import { maximumConnections } from '../../src/upstream/key-protect/http.ts';
import { retryAfterMs } from '../../src/upstream/key-protect/send.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { refusalOf } from '../kit/refusal.ts';
import { SkippingClock } from '../kit/skipping-clock.ts';
import { makeTlsMaterial } from '../peers/key-protect/certificates.ts';
import { setUp } from './kit.ts';

const tls = makeTlsMaterial();

const elapsed = async (promise: Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await promise.catch(() => undefined);
  return performance.now() - start;
};

test.serial('one failed attempt is repeated unseen', async (t) => {
  const { simulator, rootKey } = await setUp(t, {}, { tls });
  const { wrapped } = await rootKey.generate(32, 'uid');
  const faults = [{ kind: 'cut-before' }, { kind: 'cut-body' }, { kind: 'answer', status: 503, body: 'x' }] as const;
  for (const fault of faults) {
    simulator.resetCounts();
    simulator.fault(fault, { on: 'unwrap', times: 1 });
    await rootKey.unwrap(wrapped, 'uid');
    t.is(simulator.count('unwrap'), 2, fault.kind);
  }
});

test.serial('a verdict, a refusal and a lost role are not repeated', async (t) => {
  const { simulator, rootKey } = await setUp(t, {}, { tls });
  const { wrapped } = await rootKey.generate(32, 'uid');
  await refusalOf(t, rootKey.unwrap(wrapped, 'other'), 'wrapped-key-refused');
  simulator.disable(simulator.crk);
  await refusalOf(t, rootKey.unwrap(wrapped, 'uid'), 'root-key-unusable');
  t.is(simulator.count('unwrap'), 2);
});

test.serial('Retry-After is honoured when it fits into the total time', async (t) => {
  const { simulator, rootKey } = await setUp(t, {}, { tls });
  await rootKey.status();
  const headers = { 'retry-after': '1' };
  simulator.fault({ kind: 'answer', status: 429, body: '', headers }, { on: 'metadata', times: 1 });
  const took = await elapsed(rootKey.status());
  t.true(took >= 990 && took < 8000, `${took} ms`);
});

test.serial('a Retry-After beyond the total time ends the call at once', async (t) => {
  const { simulator, rootKey } = await setUp(t, {}, { tls });
  await rootKey.status();
  const headers = { 'retry-after': '120' };
  simulator.fault({ kind: 'answer', status: 429, body: '', headers }, { on: 'metadata' });
  simulator.resetCounts();
  const took = await elapsed(refusalOf(t, rootKey.status(), 'upstream-unreachable'));
  t.true(took < 5000, `${took} ms`);
  t.is(simulator.count('metadata'), 1);
});

test.serial('Retry-After is read as seconds or as a date', (t) => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  t.is(retryAfterMs('3', now), 3000);
  t.is(retryAfterMs('Thu, 01 Jan 2026 00:00:05 GMT', now), 5000);
  t.is(retryAfterMs('Wed, 31 Dec 2025 23:59:00 GMT', now), 0);
  for (const odd of [undefined, '', 'soon', '-1', '99999999999999']) {
    const ms = retryAfterMs(odd, now);
    t.true(ms === undefined || ms >= 0);
  }
});

const dead = {
  attemptMs: 8000,
  totalMs: 12_000,
  retries: 5,
  backoffMs: 5,
  breakerFailures: 4,
  breakerOpenMs: 60_000,
} as const satisfies Partial<Timings>;
/** All its attempts would take twenty seconds. */
const impatient = { ...dead, attemptMs: 400, totalMs: 1000, retries: 50, breakerFailures: 100 } as const;

test.serial('a silent service costs no more than the total time', async (t) => {
  const { simulator, rootKey } = await setUp(t, { timings: impatient }, { tls });
  simulator.fault({ kind: 'hang' });
  const took = await elapsed(refusalOf(t, rootKey.generate(32, 'uid'), 'upstream-unreachable'));
  t.true(took >= 390 && took < 5000, `${took} ms`);
});

test.serial('a silent IAM costs no more than the total time', async (t) => {
  const { simulator, rootKey } = await setUp(t, { timings: impatient }, { tls });
  simulator.fault({ kind: 'hang' }, { on: 'token' });
  const took = await elapsed(refusalOf(t, rootKey.generate(32, 'uid'), 'upstream-unreachable'));
  t.true(took < 5000, `${took} ms`);
});

const openBreaker = async (rootKey: RootKey): Promise<void> => {
  for (let round = 0; round < 4; round++) await elapsed(rootKey.generate(32, 'uid'));
};

test.serial('the breaker opens on a dead link, answers at once, and half-opens by itself', async (t) => {
  const log = createMemoryLog();
  const clock = new SkippingClock();
  const { simulator, rootKey } = await setUp(t, { timings: dead, log, clock }, { tls });
  await rootKey.status();
  simulator.fault({ kind: 'cut-before' });
  await openBreaker(rootKey);
  simulator.resetCounts();
  const isLeftAlone = async (): Promise<void> => {
    const error = await refusalOf(t, rootKey.generate(32, 'uid'), 'upstream-unreachable');
    t.regex(error.message, /left alone for a moment.*the last: .*connection was cut/);
  };
  for (let round = 0; round < 20; round++) await isLeftAlone();
  simulator.clearFaults();
  clock.skip(dead.breakerOpenMs / 2);
  await isLeftAlone();
  t.is(simulator.count('wrap'), 0);
  clock.skip(dead.breakerOpenMs / 2);
  const made = await Promise.all(Array.from({ length: 5 }, () => rootKey.generate(32, 'uid')));
  t.is(made.length, 5);
  t.deepEqual(
    log.lines.map(({ event }) => event),
    ['upstream not asked for a while', 'upstream asked again'],
  );
});

test.serial('the poll of the state passes an open breaker and closes it', async (t) => {
  const { simulator, rootKey } = await setUp(t, { timings: dead }, { tls });
  await rootKey.status();
  await simulator.cutLink();
  await openBreaker(rootKey);
  await refusalOf(t, rootKey.status(), 'upstream-unreachable');
  const left = await refusalOf(t, rootKey.generate(32, 'uid'), 'upstream-unreachable');
  t.regex(left.message, /left alone/);
  await simulator.restoreLink();
  t.is((await rootKey.status()).state, 'active');
  await t.notThrowsAsync(rootKey.generate(32, 'uid'));
});

test.serial('a poll that brings a verdict closes the breaker too', async (t) => {
  const { simulator, rootKey } = await setUp(t, { timings: dead }, { tls });
  await simulator.cutLink();
  await openBreaker(rootKey);
  await simulator.restoreLink();
  simulator.purge(simulator.crk);
  t.is((await rootKey.status()).state, 'destroyed');
  await refusalOf(t, rootKey.generate(32, 'uid'), 'root-key-unusable');
});

test.serial('verdicts do not open the breaker', async (t) => {
  const { simulator, rootKey } = await setUp(t, { timings: dead }, { tls });
  const { wrapped } = await rootKey.generate(32, 'uid');
  simulator.disable(simulator.crk);
  for (let round = 0; round < 10; round++) await refusalOf(t, rootKey.unwrap(wrapped, 'uid'), 'root-key-unusable');
  simulator.enable(simulator.crk);
  await t.notThrowsAsync(rootKey.unwrap(wrapped, 'uid'));
});

/** Many more unwraps at once than there are connections, each answered after 300 ms: 10 rounds, 3 s. */
const storm = async (t: ExecutionContext, timings: Partial<Timings>) => {
  const log = createMemoryLog();
  const { simulator, rootKey } = await setUp(t, { timings, log }, { tls });
  const { wrapped } = await rootKey.generate(32, 'uid');
  simulator.fault({ kind: 'slow', ms: 300 }, { on: 'unwrap' });
  const opening = Array.from({ length: 160 }, () => rootKey.unwrap(wrapped, 'uid'));
  await rootKey.status();
  const askedBefore = simulator.count('unwrap');
  const outcomes = await Promise.allSettled(opening);
  const failed = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
  return { simulator, rootKey, wrapped, askedBefore, failed, events: log.lines.map(({ event }) => event) };
};

test.serial('waiting for a connection is not held against a slow upstream: a storm of unwraps succeeds', async (t) => {
  const { failed, events, askedBefore } = await storm(t, { attemptMs: 1500, totalMs: 30_000, breakerFailures: 5 });
  t.deepEqual(failed, []);
  t.deepEqual(events, []);
  t.true(askedBefore < 80, `the poll waited for ${askedBefore} unwraps`);
});

test.serial('a storm that is too much for the total time ends by that alone, with the breaker closed', async (t) => {
  const { failed, events, rootKey, wrapped, simulator } = await storm(t, {
    attemptMs: 8000,
    totalMs: 1600,
    breakerFailures: 2,
  });
  t.true(failed.length > 0 && failed.length < 160, `${failed.length} failed`);
  t.true(failed.every((text) => /was not asked: other requests were before|no answer in 1600 ms/.test(text)));
  t.true(failed.some((text) => text.includes('was not asked')));
  t.deepEqual(events, []);
  simulator.clearFaults();
  await t.notThrowsAsync(rootKey.unwrap(wrapped, 'uid'));
});

test.serial('a silent upstream still opens the breaker during a storm', async (t) => {
  const log = createMemoryLog();
  const timings = { attemptMs: 600, totalMs: 30_000, retries: 0, breakerFailures: 5 };
  const { simulator, rootKey } = await setUp(t, { timings, log }, { tls });
  await rootKey.status();
  simulator.fault({ kind: 'hang' });
  await Promise.allSettled(Array.from({ length: 100 }, () => rootKey.generate(32, 'uid')));
  // Those that had a connection, and those that took over from the failures before the last.
  const most = maximumConnections + timings.breakerFailures - 1;
  t.true(simulator.count('wrap') <= most, `${simulator.count('wrap')} were asked`);
  t.deepEqual(
    log.lines.map(({ event }) => event),
    ['upstream not asked for a while'],
  );
});

test.serial('an upstream that takes longer than the total time opens the breaker too', async (t) => {
  const log = createMemoryLog();
  const timings = { attemptMs: 60_000, totalMs: 200, retries: 0, breakerFailures: 2 };
  const { simulator, rootKey } = await setUp(t, { timings: { ...timings }, log }, { tls });
  await elapsed(rootKey.status());
  simulator.fault({ kind: 'hang' });
  for (let round = 0; round < 3; round += 1) {
    const took = await elapsed(rootKey.generate(32, 'uid'));
    t.true(took < 5000, `${took} ms`);
  }
  t.true(log.lines.some(({ event }) => event === 'upstream not asked for a while'));
});

test.serial('IAM away does not stop calls while the token lives', async (t) => {
  const { simulator, rootKey } = await setUp(t, {}, { tls });
  const { wrapped } = await rootKey.generate(32, 'uid');
  await simulator.cutLink('iam');
  await t.notThrowsAsync(rootKey.unwrap(wrapped, 'uid'));
});

test.serial('a link that is cut and mended again serves on', async (t) => {
  const { simulator, rootKey } = await setUp(t, {}, { tls });
  const { wrapped } = await rootKey.generate(32, 'uid');
  await simulator.cutLink();
  await refusalOf(t, rootKey.unwrap(wrapped, 'uid'), 'upstream-unreachable');
  await simulator.restoreLink();
  await t.notThrowsAsync(rootKey.unwrap(wrapped, 'uid'));
});
