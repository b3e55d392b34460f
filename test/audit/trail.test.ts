// The trail as it is written: when a record is stored, what a failure leaves, and how the trail goes on afterwards.

import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { linesOf, unpackText } from '../../src/audit/chain/segment.ts';
import type { AuditRecord } from '../../src/audit/line.ts';
import { type Found, searchTrail } from '../../src/audit/search.ts';
import { verifyStored } from '../../src/audit/verify-store.ts';
import { EdgeError } from '../../src/errors.ts';
import type { AuditEntry } from '../../src/keys/audit-ports.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { get } from './entries.ts';
import { openTrail, outside, type TestTrail } from './kit.ts';

const hour = 3_600_000;
const day = 24 * hour;

const all = async ({ store }: TestTrail): Promise<readonly AuditRecord[]> => {
  const records: AuditRecord[] = [];
  for (let after: number | undefined = 0; after !== undefined; ) {
    const found: Found = await searchTrail(store.trail, {}, { after, limit: 1000 });
    records.push(...found.records);
    after = found.next;
  }
  return records;
};

const intact = async ({ store, audit }: TestTrail) => verifyStored({ trail: store.trail, keys: audit.keys });

test('a read is stored within a second, with who, what, which key and from where', async (t) => {
  const trail = await openTrail(t);
  trail.audit.trail.record(get('key-1'));
  t.deepEqual(await all(trail), []);
  await trail.clock.pass(1000);
  t.deepEqual(await all(trail), [
    {
      sequence: 1,
      time: '2026-11-23T00:00:00.000Z',
      event: 'vmware-solutions.kmip-key.read',
      operation: 'Get',
      outcome: 'success',
      served: 'memory',
      by: 'client',
      name: 'esx-01',
      fingerprint: 'ab'.repeat(32),
      address: '192.0.2.1',
      instance: 'prod',
      instanceId: 'instance-1',
      key: 'key-1',
    },
  ]);
});

test('a text that looks like the end of a record stays text', async (t) => {
  const trail = await openTrail(t);
  const hostile = '","sequence":9}\n{"sequence":10,\u2028"\\';
  trail.audit.trail.record(
    get(hostile, { name: hostile, outcome: 'refused', problem: hostile, subject: { a: hostile } }),
  );
  await trail.audit.trail.flush();
  const [record] = await all(trail);
  t.is((await all(trail)).length, 1);
  t.deepEqual([record?.key, record?.name, record?.problem, record?.subject?.['a']], Array(4).fill(hostile));
  t.true((await intact(trail)).intact);
});

test('the record of a change commits with it and is gone with it, and others hear of it a moment later', async (t) => {
  const heard: AuditEntry[] = [];
  const trail = await openTrail(t, { observers: [{ record: (entry) => void heard.push(entry) }] });
  const { store } = trail;
  const failing = store.write((tx) => {
    tx.audit.record(get('undone', { operation: 'Destroy' }));
    throw new EdgeError('illegal-operation', 'no');
  });
  const done = store.write((tx) => tx.audit.record(get('done', { operation: 'Destroy' })));
  t.deepEqual(heard, []);
  await t.throwsAsync(failing);
  await done;
  t.deepEqual(heard, []);
  await setImmediate();
  t.deepEqual(
    heard.map(({ uid }) => uid),
    ['done'],
  );
  t.deepEqual(
    (await all(trail)).map(({ key, event }) => [key, event]),
    [['done', 'vmware-solutions.kmip-key.destroy']],
  );
});

test('while nothing can be stored reads go on and wait, changes are refused, an alarm says so, and nothing is lost after it', async (t) => {
  const trail = await openTrail(t);
  const { store, audit, clock } = trail;
  await trail.gets(2);
  // The keeper fails as a full disk lets it fail.
  const keep = audit.trail.keep.bind(audit.trail);
  audit.trail.keep = () => {
    throw new EdgeError('storage-full', 'the data disk is full');
  };
  const change = store.write((tx) => tx.audit.record(get('change', { operation: 'Create' })));
  t.is(((await t.throwsAsync(change)) as EdgeError).kind, 'storage-full');
  for (let round = 0; round < 60_000; round += 1) audit.trail.record(get(`read-${round}`));
  await clock.pass(1000);
  t.regex(audit.trail.alarms().join(), /no audit record could be stored since .*: the data disk is full/);
  audit.trail.keep = keep;
  await clock.pass(5000);
  t.deepEqual(audit.trail.alarms(), []);
  const records = await all(trail);
  t.is(records.filter(({ key }) => key?.startsWith('read-')).length, 50_000);
  const [lost] = records.filter(({ event }) => event === 'kmip-edge.audit.lost');
  t.is(lost?.subject?.['records'], '10000');
  t.false(records.some(({ key }) => key === 'change'));
  t.true((await intact(trail)).intact);
});

test('what was stored when the process was killed verifies, and the trail goes on behind it', async (t) => {
  const trail = await openTrail(t);
  await trail.gets(5);
  trail.audit.trail.record(get('of the last second'));
  await trail.kill();
  const after = await openTrail(t, { path: trail.path, clock: trail.clock, sealer: trail.sealer });
  await after.gets(3);
  const report = await intact(after);
  t.deepEqual(report.findings, []);
  t.is(report.records, 8);
  const sequences = (await all(after)).map(({ sequence }) => sequence);
  t.deepEqual(
    sequences,
    Array.from({ length: 8 }, (_, at) => at + 1),
  );
});

test('a checkpoint is made within an hour, and at the end', async (t) => {
  const trail = await openTrail(t);
  await trail.gets(1);
  const [first] = [trail.store.trail.lastCheckpoint()];
  await trail.gets(1);
  t.deepEqual(trail.store.trail.lastCheckpoint(), first);
  await trail.clock.pass(hour);
  t.is(trail.store.trail.lastCheckpoint()?.sequence, 2);
  await trail.gets(1);
  const again = await trail.reopen();
  t.is(again.store.trail.lastCheckpoint()?.sequence, 4, 'the stop is covered');
});

test('a trail whose end was cut off goes on without giving the missing numbers again, and says what is missing for good', async (t) => {
  const trail = await openTrail(t);
  await trail.gets(10);
  await trail.gets(10);
  await trail.close();
  const database = outside(t, trail.path);
  database.exec('DELETE FROM audit_segment WHERE first > 10');
  database.close();
  const after = await openTrail(t, { path: trail.path, clock: trail.clock, sealer: trail.sealer });
  t.true(after.log.alarms.some(({ event }) => event === 'the end of the audit trail is missing'));
  await after.gets(1);
  const { findings } = await intact(after);
  t.deepEqual(
    findings.filter(({ kind }) => kind === 'removed').map(({ from, to }) => [from, to]),
    [[11, 21]],
  );
});

test('records that were kept long enough are dropped behind a signed note, and what is left verifies', async (t) => {
  const trail = await openTrail(t, { keep: 10 * day });
  await trail.gets(5);
  await trail.audit.trail.checkpoint();
  await trail.clock.pass(6 * day);
  await trail.gets(5);
  await trail.audit.trail.checkpoint();
  t.is((await all(trail)).length, 10);
  await trail.clock.pass(6 * day);
  await trail.audit.retention.run();
  const records = await all(trail);
  t.is(records[0]?.sequence, 6);
  t.true(records.some(({ event, subject }) => event === 'kmip-edge.audit.dropped' && subject?.['upTo'] === '5'));
  t.deepEqual((await intact(trail)).findings, []);
  const again = await trail.reopen();
  t.deepEqual((await intact(again)).findings, []);
});

test('a clock that is years ahead when the machine starts drops nothing', async (t) => {
  const clock = new FakeClock();
  const before = await openTrail(t, { keep: 10 * day, clock });
  await before.gets(5);
  await before.audit.trail.checkpoint();
  await before.close();
  clock.setWall(clock.now() + 3 * 365 * day);
  let isTrusted = true;
  const { path, sealer } = before;
  const trail = await openTrail(t, { keep: 10 * day, path, sealer, clock, isClockTrusted: () => isTrusted });
  await clock.pass(hour / 2);
  const first = async () => (await all(trail))[0]?.sequence;
  t.is(await first(), 1, 'a time server may still set it');
  isTrusted = false;
  await clock.pass(2 * hour);
  t.is(await first(), 1, 'none has answered');
  isTrusted = true;
  await clock.pass(2 * hour);
  t.not(await first(), 1);
});

test('thousands of records at once become segments of a bounded length', async (t) => {
  const trail = await openTrail(t);
  await trail.gets(10_000);
  const lengths: number[] = [];
  for (let next = trail.store.trail.segmentAfter(0); next; next = trail.store.trail.segmentAfter(next.first)) {
    lengths.push(linesOf(unpackText(next)?.toString() ?? '').length);
  }
  t.is(
    lengths.reduce((sum, length) => sum + length, 0),
    10_000,
  );
  t.true(Math.max(...lengths) <= 4096);
  t.true(trail.store.trail.size() > 10_000);
  t.true((await intact(trail)).intact);
});

const filters = [
  ['the name of a client', { client: 'other' }, ['c']],
  ['the fingerprint of a client', { client: 'cd'.repeat(32) }, ['d']],
  ['the name of an instance', { instance: 'prod' }, ['a', 'b', 'c', 'd']],
  ['the identifier of an instance', { instance: 'instance-2' }, ['e']],
  ['a key', { key: 'b' }, ['b']],
  ['an operation', { event: 'Destroy' }, ['b']],
  ['an event', { event: 'vmware-solutions.kmip-key.read' }, ['a', 'c', 'd', 'e']],
  ['an outcome', { outcome: 'refused' as const }, ['d']],
  ['a time from which on', { since: Date.UTC(2026, 10, 23) + 3000 }, ['d', 'e']],
  ['a time until which', { until: Date.UTC(2026, 10, 23) + 1000 }, ['a', 'b']],
] as const;
for (const [what, filter, expected] of filters) {
  test(`records are found by ${what}`, async (t) => {
    const trail = await openTrail(t);
    const made = [
      get('a'),
      get('b', { operation: 'Destroy' }),
      get('c', { name: 'other' }),
      get('d', { fingerprint: 'cd'.repeat(32), outcome: 'refused' }),
      get('e', { instanceId: 'instance-2' }),
    ];
    for (const entry of made) {
      trail.audit.trail.record(entry);
      await trail.clock.pass(1000);
      await trail.audit.trail.checkpoint();
    }
    const { trail: reader } = trail.store;
    const up = await searchTrail(reader, filter, { after: 0, limit: 10 });
    t.deepEqual(
      up.records.map(({ key }) => key),
      expected,
    );
    const down = await searchTrail(reader, filter, { limit: 10 });
    t.deepEqual(
      down.records.map(({ key }) => key),
      expected.toReversed(),
    );
    const first = await searchTrail(reader, filter, { limit: 1 });
    const rest = await searchTrail(reader, filter, {
      limit: 10,
      ...(first.next === undefined ? {} : { before: first.next }),
    });
    t.deepEqual(
      [...first.records, ...rest.records].map(({ key }) => key),
      expected.toReversed(),
    );
  });
}
