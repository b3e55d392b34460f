// Each fault with each operation. A success is true, a failure is clean, nothing outlives its deadline, and whatever
// happens to a Create there is one key or none.

import test, { type ExecutionContext } from 'ava';
import { EdgeError, isKind } from '../../src/errors.ts';
import { CreateOutcomeUnknown } from '../../src/upstream/regional-kmip/link-errors.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { refusalOf } from '../kit/refusal.ts';
import { until } from '../kit/until.ts';
import { type Fault, plainFaults } from '../peers/regional-kmip/faults.ts';
import { type Act, addition, allActs, creation, keysMarked, reads, transitions } from './acts.ts';
import { aes, answersAgain, newMarker, setUp } from './kit.ts';

const requestMs = 300;
const once: readonly Fault[] = [...plainFaults.map((kind) => ({ kind })), { kind: 'slow', ms: 50 }];

/** A busy machine is late; a call that hangs would be later. */
const slackMs = 1_500;

/** What the call came to, within its time. */
const outcome = async (t: ExecutionContext, totalMs: number, call: () => Promise<unknown>) => {
  const begun = performance.now();
  try {
    return { value: await call() };
  } catch (error) {
    t.true(error instanceof EdgeError, String(error));
    return { error: error as EdgeError };
  } finally {
    t.true(performance.now() - begun < totalMs + slackMs, 'it outlived its deadline');
  }
};

const struckOnce = async (t: ExecutionContext, { operation, prepare }: Act, fault: Fault, totalMs = 4_000) => {
  const scene = await setUp(t, { timings: { requestMs, totalMs } });
  await scene.endpoint.probe();
  const { call, isTrue } = prepare(scene);
  scene.simulator.fault(fault, { on: operation, times: 1 });
  const result = await outcome(t, totalMs, call);
  if (!('error' in result)) isTrue(t, result.value);
  return { ...scene, result };
};

/** A list or a new key of a foreign identifier is a lie that the answer alone cannot show. */
const cannotShow = ({ operation }: Act, { kind }: Fault): boolean =>
  kind === 'other-object' && (operation === 'Locate' || operation === 'Create');

for (const act of [...reads, ...transitions]) {
  for (const fault of once.filter((one) => !cannotShow(act, one))) {
    test.serial(`${act.operation} succeeds after one fault '${fault.kind}'`, async (t) => {
      const { result } = await struckOnce(t, act, fault);
      t.is(result.error, undefined, result.error?.message);
    });
  }
}

/** The simulator did not execute these: no key can be found. */
const unexecuted: readonly string[] = ['cut-before', 'hang'];
for (const fault of once.filter((one) => !cannotShow(creation, one))) {
  const executed = !unexecuted.includes(fault.kind);
  test.serial(`Create makes ${executed ? 'one key' : 'none'} where the fault is '${fault.kind}'`, async (t) => {
    const { simulator, result } = await struckOnce(t, creation, fault, executed ? 4_000 : 900);
    t.is(simulator.received.Create, 1, 'a create is never sent twice');
    t.is(simulator.keys().length, executed ? 1 : 0);
    t.is(result.error instanceof CreateOutcomeUnknown, !executed);
  });
}

for (const fault of once) {
  const executed = !unexecuted.includes(fault.kind);
  test.serial(`Add Attribute adds ${executed ? 'one' : 'none'} where the fault is '${fault.kind}'`, async (t) => {
    const { simulator, result } = await struckOnce(t, addition, fault);
    t.is(simulator.received.AddAttribute, 1);
    t.is(isKind(result.error, 'upstream-unreachable'), !executed);
  });
}

/** A surplus answer comes after a right one. */
const lasting = plainFaults.filter((kind) => kind !== 'surplus' && kind !== 'other-object');
for (const kind of lasting) {
  test.serial(`every operation fails cleanly while the fault '${kind}' lasts`, async (t) => {
    const totalMs = 400;
    const scene = await setUp(t, { timings: { requestMs: 100, totalMs } });
    const prepared = allActs.map(({ prepare }) => prepare(scene));
    scene.simulator.fault({ kind });
    for (const result of await Promise.all(prepared.map(({ call }) => outcome(t, totalMs, call)))) {
      t.is(result.error?.kind, 'upstream-unreachable');
    }
    t.true(scene.simulator.executed.Create <= 1);
    scene.simulator.clearFaults();
    await answersAgain(scene.endpoint);
  });
}

test('a Create that the endpoint executes late is found', async (t) => {
  const { simulator, endpoint } = await setUp(t, { timings: { requestMs: 100 } });
  simulator.fault({ kind: 'late', ms: 500 }, { on: 'Create', times: 1 });
  const marker = newMarker();
  const uid = await endpoint.create(aes, marker);
  t.deepEqual(
    simulator.keys().map((key) => key.uid),
    [uid],
  );
  t.is(simulator.received.Create, 1);
});

test('a Create that is executed after its deadline is reconciled later', async (t) => {
  const { simulator, endpoint } = await setUp(t, { timings: { requestMs: 100, totalMs: 400 } });
  simulator.fault({ kind: 'late', ms: 900 }, { on: 'Create', times: 1 });
  const marker = newMarker();
  const error = await refusalOf(t, endpoint.create(aes, marker), 'upstream-unreachable');
  t.true(error instanceof CreateOutcomeUnknown && error.marker === marker);
  t.deepEqual(await endpoint.reconcile(marker), []);
  await until(() => simulator.keys().length === 1);
  const [orphan = ''] = await endpoint.reconcile(marker);
  t.is(simulator.keys()[0]?.uid, orphan);
  await endpoint.destroy(orphan);
  t.is(simulator.keys()[0]?.material, undefined);
});

test('a Create is given up at once where the endpoint is closed meanwhile', async (t) => {
  const { simulator, endpoint } = await setUp(t, { timings: { requestMs: 30_000, totalMs: 60_000 } });
  simulator.fault({ kind: 'late', ms: 200 }, { on: 'Create', times: 1 });
  const began = performance.now();
  const creating = refusalOf(t, endpoint.create(aes, newMarker()), 'upstream-unreachable');
  await until(() => simulator.received.Create === 1);
  await endpoint.close();
  t.true((await creating) instanceof CreateOutcomeUnknown);
  t.true(performance.now() - began < 10_000);
});

test('two keys for one Create are reported, and the first is kept', async (t) => {
  const log = createMemoryLog();
  const { simulator, endpoint } = await setUp(t, { log });
  const marker = newMarker();
  const first = await endpoint.create(aes, marker);
  simulator.store.find(first)?.dates.set('Initial Date', 1_600_000_000);
  simulator.fault({ kind: 'cut-after' }, { on: 'Create', times: 1 });
  t.is(await endpoint.create(aes, marker), first);
  const [, second] = simulator.keys().map(({ uid }) => uid);
  t.deepEqual(await endpoint.reconcile(marker), [first, second ?? '']);
  const report = log.lines.find(({ event }) => event === 'one create made several keys');
  t.like(report, { level: 'error', fields: { marker, kept: first, others: [second] } });
});

test('keys that the endpoint lists in spite of the filter are not taken for ours', async (t) => {
  const { simulator, endpoint } = await setUp(t, { timings: { requestMs: 200, totalMs: 700 } });
  const stranger = simulator.makeKey();
  simulator.fault({ kind: 'cut-before' }, { on: 'Create', times: 1 });
  const text = Buffer.from(stranger.uid);
  const lie = Buffer.alloc(8 + 40);
  lie.set(Buffer.from('4200940700000024', 'hex'));
  lie.set(text, 8);
  // adds the stranger's identifier to the empty list, and mends the lengths around it
  simulator.fault({ kind: 'tamper', with: (answer) => grow(answer, lie) }, { on: 'Locate' });
  const marker = newMarker();
  t.true((await refusalOf(t, endpoint.create(aes, marker))) instanceof CreateOutcomeUnknown);
  t.true(simulator.executed.GetAttributes > 0);
  t.deepEqual(keysMarked(simulator, marker), []);
});

/** `answer` with `item` at the end of its payload: of the message, its item and the payload the lengths grow. */
const grow = (answer: Buffer, item: Buffer): Buffer => {
  const out = Buffer.concat([answer, item]);
  for (const tag of ['42007b01', '42000f01', '42007c01']) {
    const at = out.indexOf(Buffer.from(tag, 'hex')) + 4;
    out.writeUInt32BE(out.readUInt32BE(at) + item.length, at);
  }
  return out;
};

test('a Destroy whose key the endpoint then forgot has succeeded', async (t) => {
  const { simulator, endpoint } = await setUp(t);
  const { uid } = simulator.makeKey();
  simulator.revokeKey(uid);
  simulator.fault({ kind: 'tamper', with: () => Buffer.from('no kmip') }, { on: 'Destroy', times: 1 });
  simulator.fault({ kind: 'refuse', reason: 1 }, { on: 'GetAttributes', times: 1 });
  await t.notThrowsAsync(endpoint.destroy(uid));
});

test('a caller may set a shorter deadline', async (t) => {
  const { simulator, endpoint } = await setUp(t);
  simulator.fault({ kind: 'hang' });
  const begun = performance.now();
  await refusalOf(t, endpoint.material('any', { deadlineMs: 150 }), 'upstream-unreachable');
  t.true(performance.now() - begun < 150 + slackMs);
});
