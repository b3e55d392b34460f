// The trail forwarded to a collector over TLS: each record at least once, whatever the collector does.

import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { checkpointText } from '../../src/audit/chain/checkpoint.ts';
import type { CollectorTimes } from '../../src/audit/forward/connection.ts';
import { Forwarder, type ForwarderOptions } from '../../src/audit/forward/forwarder.ts';
import { recordMessage } from '../../src/audit/forward/message.ts';
import type { AuditRecord } from '../../src/audit/line.ts';
import { systemClock } from '../../src/clock.ts';
import { Damage } from '../../src/damage.ts';
import { anyText } from '../kit/any-text.ts';
import { type Collector, parseMessage, startCollector } from '../peers/syslog/collector.ts';
import { openTrail, type TestTrail } from './kit.ts';

const origin = { host: 'edge-1', process: 7 };
/** A connection is short here, so that there are many. */
const times: CollectorTimes = { connect: 5000, take: 5000, end: 500, hold: 100 };

const forward = (t: ExecutionContext, trail: TestTrail, collector: Collector, more: Partial<ForwarderOptions> = {}) => {
  // Time as it is, but for the pauses.
  const clock = { ...systemClock, after: (ms: number, act: () => void) => systemClock.after(Math.min(ms, 30), act) };
  const forwarder = new Forwarder({
    store: trail.store,
    trail: trail.audit.trail,
    clock,
    log: trail.log,
    damage: new Damage(trail.log),
    collector: () => ({ host: '127.0.0.1', port: collector.port, authority: collector.authority }),
    origin,
    maximumBehind: 1_000_000,
    times,
    ...more,
  });
  forwarder.start();
  t.teardown(() => forwarder.close());
  return forwarder;
};

const until = async (isTrue: () => boolean): Promise<void> => {
  const end = performance.now() + 40_000;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

const sequencesOf = ({ messages }: Collector): ReadonlySet<number> =>
  new Set(messages.filter(({ id }) => id !== 'checkpoint').map(({ data }) => Number(data['sequence'])));
const hasAll = (collector: Collector, last: number): boolean => {
  const got = sequencesOf(collector);
  return Array.from({ length: last }, (_, at) => at + 1).every((sequence) => got.has(sequence));
};

test('records and checkpoints arrive in their order, and once where nothing goes wrong', async (t) => {
  const collector = await startCollector(t);
  const trail = await openTrail(t);
  const forwarder = forward(t, trail, collector);
  await trail.gets(30);
  await trail.gets(20);
  const checkpoint = await trail.audit.trail.checkpoint();
  await until(() => forwarder.state.sequence === 50);
  const records = collector.messages.filter(({ id }) => id !== 'checkpoint');
  t.deepEqual(
    records.map(({ data }) => Number(data['sequence'])),
    Array.from({ length: 50 }, (_, at) => at + 1),
  );
  const [first] = records;
  t.like(first, { priority: 13 * 8 + 6, host: 'edge-1', application: 'kmip-edge', id: 'Get' });
  t.like(first?.data, { event: 'vmware-solutions.kmip-key.read', key: 'key-1', instance: 'prod', served: 'memory' });
  t.is(first?.text, 'Get key-1 of prod by client esx-01 from 192.0.2.1: success');
  await trail.gets(1);
  await until(() => forwarder.state.sequence === 51);
  const sent = collector.messages.filter(({ id }) => id === 'checkpoint').at(-1);
  t.truthy(checkpoint);
  if (checkpoint) t.is(sent?.data['signature'], checkpointText(checkpoint).signature);
});

test('while the collector is away records wait in the trail, and all come when it is back', async (t) => {
  const collector = await startCollector(t);
  await collector.stop();
  const trail = await openTrail(t);
  const forwarder = forward(t, trail, collector);
  await trail.gets(500);
  await until(() => forwarder.state.problem !== undefined);
  t.regex(forwarder.state.problem?.text ?? '', /ECONNREFUSED/);
  t.is(forwarder.state.behind, 500);
  await collector.start();
  await until(() => forwarder.state.sequence === 500);
  t.true(hasAll(collector, 500));
  t.is(forwarder.state.problem, undefined);
});

test('a collector that cuts connections in the middle gets each record at least once', async (t) => {
  const collector = await startCollector(t);
  collector.cutAfter = 70;
  const trail = await openTrail(t);
  const forwarder = forward(t, trail, collector);
  await trail.gets(200);
  await until(() => collector.connections > 2);
  t.is(forwarder.state.sequence, 0, 'nothing is taken for granted');
  collector.cutAfter = undefined;
  await until(() => forwarder.state.sequence === 200);
  t.true(hasAll(collector, 200));
});

test('a slow collector is waited for', async (t) => {
  const collector = await startCollector(t);
  collector.slow = true;
  const trail = await openTrail(t);
  const forwarder = forward(t, trail, collector, { times: { ...times, take: 5000, end: 5000 } });
  for (let round = 0; round < 4; round += 1) await trail.gets(4000);
  await until(() => collector.messages.length > 0);
  t.is(forwarder.state.sequence, 0);
  collector.slow = false;
  await until(() => forwarder.state.sequence === 16_000);
  t.true(hasAll(collector, 16_000));
});

test('a collector that restarts again and again gets each record at least once', async (t) => {
  const collector = await startCollector(t);
  const trail = await openTrail(t);
  const forwarder = forward(t, trail, collector);
  for (let round = 0; round < 6; round += 1) {
    await trail.gets(50);
    await new Promise((resolve) => setTimeout(resolve, 40 + round * 15));
    await collector.stop();
    await collector.start();
  }
  await until(() => forwarder.state.sequence === 300);
  t.true(hasAll(collector, 300));
});

test('nothing is sent to a collector whose certificate is not the right one', async (t) => {
  const [collector, other] = [await startCollector(t, '192.0.2.7'), await startCollector(t)];
  const trail = await openTrail(t);
  await trail.gets(3);
  const misnamed = forward(t, trail, collector);
  await until(() => misnamed.state.problem !== undefined);
  t.regex(misnamed.state.problem?.text ?? '', /IP: 127\.0\.0\.1 is not in the cert's list/);
  await misnamed.close();
  const foreign = forward(t, trail, other, {
    collector: () => ({ host: '127.0.0.1', port: other.port, authority: collector.authority }),
  });
  await until(() => foreign.state.problem !== undefined);
  t.regex(foreign.state.problem?.text ?? '', /certificate/);
  await foreign.close();
  t.is(collector.messages.length + other.messages.length, 0);
});

test('what is too far behind is left out, and the trail and an alarm say so', async (t) => {
  const collector = await startCollector(t);
  const trail = await openTrail(t);
  await trail.gets(100);
  const forwarder = forward(t, trail, collector, { maximumBehind: 40 });
  await until(() => forwarder.state.sequence >= 101);
  t.deepEqual(forwarder.state.gap, { from: 1, to: 60 });
  const got = sequencesOf(collector);
  t.false(got.has(60));
  t.true(got.has(61));
  const said = collector.messages.find(({ id }) => id === 'audit.not-forwarded');
  t.like(said?.data, { 'subject.from': '1', 'subject.to': '60', outcome: 'failed' });
});

test('after a restart it goes on where the collector is known to be', async (t) => {
  const collector = await startCollector(t);
  const trail = await openTrail(t);
  const forwarder = forward(t, trail, collector);
  await trail.gets(10);
  await until(() => forwarder.state.sequence === 10);
  await forwarder.close();
  const again = await trail.reopen();
  const before = collector.messages.length;
  const next = forward(t, again, collector);
  await again.gets(5);
  await until(() => next.state.sequence === 16);
  const after = collector.messages.slice(before).filter(({ id }) => id !== 'checkpoint');
  t.deepEqual(
    after.map(({ data }) => Number(data['sequence'])),
    [11, 12, 13, 14, 15, 16],
  );
  await next.close();
});

test('whatever a record holds, the message is well formed, bounded, and says the same', (t) => {
  const texts = anyText({ maxLength: 700 });
  const records = fc.record({ key: texts, name: texts, problem: texts, operation: texts, host: texts });
  t.notThrows(() =>
    fc.assert(
      fc.property(records, ({ host, ...given }) => {
        const record = { ...sample, ...given, subject: { about: given.key } } satisfies AuditRecord;
        const bytes = recordMessage(record, { host, process: 1 });
        const { data } = parseMessage(bytes.toString());
        const plain = !/\p{Cc}|\p{Zl}|\p{Zp}|\p{Cs}/u.test(given.key) && [...given.key].length <= 600;
        return bytes.length <= 8192 && (!plain || data['key'] === given.key);
      }),
      { numRuns: 500, seed: 5424 },
    ),
  );
});

const sample: AuditRecord = {
  sequence: 1,
  time: '2026-11-25T14:00:00.000Z',
  event: 'vmware-solutions.kmip-key.read',
  operation: 'Get',
  outcome: 'refused',
  by: 'client',
  name: 'esx-01',
  address: '192.0.2.1',
};
