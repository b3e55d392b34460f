// Every method of the endpoint against the simulator when all is well, and the endpoint's own clear refusals.

import test from 'ava';
import { attribute, customAttribute } from '../../src/kmip/attributes.ts';
import { NameType, RevocationReasonCode, State } from '../../src/kmip/enums.ts';
import { ItemType } from '../../src/kmip/item.ts';
import { Tag } from '../../src/kmip/tags.ts';
import { decodeItem } from '../../src/kmip/ttlv.ts';
import { refusalOf } from '../kit/refusal.ts';
import { states } from '../peers/regional-kmip/tags.ts';
import { aes, connectTo, newMarker, setUp, startSimulator } from './kit.ts';

const x = (name: string, value: string) =>
  customAttribute(name, { tag: Tag.AttributeValue, type: ItemType.TextString, value });

test('a created key is there with its attributes, its marker and the same bytes', async (t) => {
  const { simulator, endpoint } = await setUp(t);
  const marker = newMarker();
  const name = attribute('Name', { NameValue: 'vm-1', NameType: NameType.UninterpretedTextString });
  const uid = await endpoint.create({ ...aes, attributes: [name, x('x-Vendor', 'VMware')] }, marker);
  const object = await endpoint.describe(uid);
  t.is(object.uid, uid);
  t.is(object.state, State.PreActive);
  t.is(object.cryptographicAlgorithm, 3);
  t.is(object.cryptographicLength, 256);
  t.is(object.cryptographicUsageMask, 12);
  t.true(object.initialDate > 1_500_000_000);
  t.is(object.activationDate, undefined);
  t.deepEqual(
    object.kept.map((one) => one.name),
    ['Name', 'x-Vendor', 'x-kmip-edge-request'],
  );
  const [, vendor, request] = object.kept.map(({ value }) => decodeItem(value).value);
  t.is(vendor, 'VMware');
  t.is(request, marker);
  const material = await endpoint.material(uid);
  t.deepEqual(material.export(), simulator.store.find(uid)?.material);
});

test('a key goes through its whole life', async (t) => {
  const { simulator, endpoint } = await setUp(t);
  const uid = await endpoint.create(aes, newMarker());
  await endpoint.activate(uid);
  const active = await endpoint.describe(uid);
  t.is(active.state, State.Active);
  t.true((active.activationDate ?? 0) > 0);
  await refusalOf(t, endpoint.destroy(uid), 'illegal-operation');
  await endpoint.revoke(uid, { code: RevocationReasonCode.CessationOfOperation, message: 'no longer used' });
  const revoked = await endpoint.describe(uid);
  t.is(revoked.state, State.Deactivated);
  t.deepEqual(revoked.revocationReason, { code: 6, message: 'no longer used' });
  await endpoint.destroy(uid);
  t.is((await endpoint.describe(uid)).state, State.Destroyed);
  t.is(simulator.keys()[0]?.material, undefined);
});

test('a compromised key is compromised, and destroyed as such', async (t) => {
  const { endpoint } = await setUp(t);
  const uid = await endpoint.create(aes, newMarker());
  await endpoint.revoke(uid, { code: RevocationReasonCode.KeyCompromise, compromiseOccurrenceDate: 1_600_000_000 });
  t.is((await endpoint.describe(uid)).state, State.Compromised);
  await endpoint.destroy(uid);
  t.is((await endpoint.describe(uid)).state, State.DestroyedCompromised);
});

test('an added attribute gets its index', async (t) => {
  const { endpoint } = await setUp(t);
  const uid = await endpoint.create(aes, newMarker());
  t.is(await endpoint.addAttribute(uid, x('x-note', 'one')), 0);
  t.is(await endpoint.addAttribute(uid, x('x-note', 'two')), 1);
  const notes = (await endpoint.describe(uid)).kept.filter(({ name }) => name === 'x-note');
  t.deepEqual(
    notes.map(({ index, value }) => [index, decodeItem(value).value]),
    [
      [0, 'one'],
      [1, 'two'],
    ],
  );
});

test('locate finds by attribute, all, and none', async (t) => {
  const { endpoint } = await setUp(t);
  const first = await endpoint.create({ ...aes, attributes: [x('x-group', 'a')] }, newMarker());
  const second = await endpoint.create({ ...aes, attributes: [x('x-group', 'b')] }, newMarker());
  t.deepEqual(await endpoint.locate({ attributes: [x('x-group', 'b')] }), [second]);
  t.deepEqual(await endpoint.locate(), [first, second]);
  t.deepEqual(await endpoint.locate({ maximum: 1 }), [first]);
  t.deepEqual(await endpoint.locate({ attributes: [x('x-group', 'c')] }), []);
});

test('locate pages as far as the endpoint makes it', async (t) => {
  const simulator = await startSimulator(t, { locateLimit: 7 });
  const endpoint = connectTo(t, simulator);
  const uids = Array.from({ length: 23 }, () => simulator.makeKey().uid);
  t.deepEqual(await endpoint.locate(), uids);
  t.deepEqual(await endpoint.locate({ maximum: 10 }), uids.slice(0, 10));
  t.is(simulator.executed.Locate, 6);
});

test('reconcile finds what a create with that marker made', async (t) => {
  const { endpoint } = await setUp(t);
  const marker = newMarker();
  const uid = await endpoint.create(aes, marker);
  await endpoint.create(aes, newMarker());
  t.deepEqual(await endpoint.reconcile(marker), [uid]);
  t.deepEqual(await endpoint.reconcile('nobody-used-this'), []);
});

test('a probe proves life and tells the version', async (t) => {
  const { simulator, endpoint } = await setUp(t);
  const { peer, version, roundTripMs } = await endpoint.probe();
  t.is(peer, `127.0.0.1:${simulator.port}`);
  t.is(version, '1.4');
  t.true(roundTripMs > 0);
});

test('an older endpoint is spoken to in its version', async (t) => {
  const simulator = await startSimulator(t, { versions: [101, 100] });
  const endpoint = connectTo(t, simulator);
  t.is((await endpoint.probe()).version, '1.1');
  const uid = await endpoint.create(aes, newMarker());
  t.deepEqual(await endpoint.locate(), [uid]);
  t.is((await endpoint.material(uid)).symmetricKeySize, 32);
});

test('an endpoint of another KMIP is out of reach, and says why', async (t) => {
  const simulator = await startSimulator(t, { versions: [200] });
  const error = await refusalOf(t, connectTo(t, simulator).probe(), 'upstream-unreachable');
  t.regex(error.message, /answer|version/);
});

test('what is not there is not found, for every operation on a key', async (t) => {
  const { endpoint } = await setUp(t);
  const calls = [
    endpoint.material('nothing'),
    endpoint.describe('nothing'),
    endpoint.activate('nothing'),
    endpoint.revoke('nothing', { code: 1 }),
    endpoint.destroy('nothing'),
    endpoint.addAttribute('nothing', x('x-note', 'one')),
  ];
  for (const call of calls) await refusalOf(t, call, 'item-not-found');
});

const reasons = [
  [0x01, 'item-not-found'],
  [0x03, 'upstream-unreachable'],
  [0x04, 'upstream-refused'],
  [0x05, 'operation-not-supported'],
  [0x06, 'missing-data'],
  [0x07, 'invalid-field'],
  [0x0b, 'illegal-operation'],
  [0x0c, 'permission-denied'],
  [0x100, 'upstream-refused'],
  [0x8000_0001, 'upstream-refused'],
] as const;
for (const [reason, kind] of reasons) {
  test(`the result reason 0x${reason.toString(16)} is ${kind}, and is not asked again`, async (t) => {
    const { simulator, endpoint } = await setUp(t);
    simulator.fault({ kind: 'refuse', reason, message: 'no\nnot AAAABBBBCCCCDDDDEEEEFFFFGGGG==' });
    const error = await refusalOf(t, endpoint.material('any'), kind);
    t.regex(error.message, /^the endpoint refused Get: .*: no not \[hidden\]$/);
    t.is(simulator.received.Get, 1);
    await refusalOf(t, endpoint.create(aes, newMarker()), kind);
    t.is(simulator.received.Create, 1);
  });
}

test('changes from outside are seen', async (t) => {
  const { simulator, endpoint } = await setUp(t);
  const { uid } = simulator.makeKey();
  simulator.revokeKey(uid, RevocationReasonCode.KeyCompromise);
  t.is((await endpoint.describe(uid)).state, State.Compromised);
  simulator.destroyKey(uid);
  t.is(simulator.store.find(uid)?.state, states.destroyedCompromised);
  await refusalOf(t, endpoint.material(uid), 'item-not-found');
  simulator.forgetKey(uid);
  await refusalOf(t, endpoint.describe(uid), 'item-not-found');
});

test('a closed endpoint answers nothing and holds no connection', async (t) => {
  const { simulator, endpoint } = await setUp(t);
  await endpoint.probe();
  simulator.fault({ kind: 'hang' });
  const hanging = refusalOf(t, endpoint.material('any'), 'upstream-unreachable');
  await new Promise((resolve) => setTimeout(resolve, 50));
  await endpoint.close();
  await hanging;
  await refusalOf(t, endpoint.describe('any'), 'upstream-unreachable');
});

test('a marker has to be plain, and an endpoint needs an address', async (t) => {
  const { simulator, endpoint } = await setUp(t);
  await refusalOf(t, endpoint.create(aes, 'with spaces'), 'internal');
  t.throws(() => connectTo(t, simulator, { addresses: [] }), { message: /no address/ });
});
