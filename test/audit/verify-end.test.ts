// The quick look at the end of the trail: what the last checkpoints cover, and no more.

import test from 'ava';
import { verifyEnd, verifyStored } from '../../src/audit/verify-store.ts';
import { openTrail, outside, type TestTrail } from './kit.ts';

const end = ({ store, audit }: TestTrail) => verifyEnd({ trail: store.trail, keys: audit.keys });
const whole = ({ store, audit }: TestTrail) => verifyStored({ trail: store.trail, keys: audit.keys });

/** Ten segments of two records, each under a checkpoint of its own. */
const longTrail = async (t: Parameters<typeof openTrail>[0]): Promise<TestTrail> => {
  const trail = await openTrail(t);
  for (let count = 0; count < 10; count += 1) {
    await trail.gets(2);
    await trail.audit.trail.checkpoint();
  }
  return trail;
};

test('of a long trail only the end is looked at', async (t) => {
  const trail = await longTrail(t);
  const [short, long] = [await end(trail), await whole(trail)];
  t.true(short.intact && long.intact);
  t.is(long.records, 20);
  t.true(short.records > 0 && short.records <= 8, String(short.records));
  t.is(short.signedTo, long.signedTo);
});

test('an empty and a short trail are looked at whole', async (t) => {
  const trail = await openTrail(t);
  t.like(await end(trail), { intact: true, records: 0 });
  await trail.gets(3);
  t.like(await end(trail), { intact: true, records: 3 });
});

const tamper = async (t: Parameters<typeof outside>[0] & Parameters<typeof openTrail>[0], sql: string) => {
  const trail = await longTrail(t);
  await trail.close();
  const database = outside(t, trail.path);
  t.teardown(() => database.close());
  database.exec(sql);
  database.close();
  return openTrail(t, { path: trail.path, clock: trail.clock, sealer: trail.sealer });
};

test('an end that was cut off, or changed, is found', async (t) => {
  const cut = 'DELETE FROM audit_segment WHERE first = (SELECT max(first) FROM audit_segment)';
  t.false((await end(await tamper(t, cut))).intact);
  const changed =
    'UPDATE audit_segment SET hash = zeroblob(32) WHERE first = (SELECT max(first) FROM audit_segment) - 2';
  t.false((await end(await tamper(t, changed))).intact);
});
