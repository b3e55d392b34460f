// Another identity at an endpoint that is in use: new connections show it, those that are there end with what is under way.

import test, { type ExecutionContext } from 'ava';
import { Secret } from '../../src/secret.ts';
import { refusalOf } from '../kit/refusal.ts';
import { until } from '../kit/until.ts';
import { type Credentials, makeClient } from '../peers/regional-kmip/certificates.ts';
import { aes, newMarker, setUp } from './kit.ts';

const identityOf = ({ certificatePem, privateKeyPem }: Credentials) => ({
  certificate: certificatePem,
  privateKey: new Secret(privateKeyPem),
});

const setUpAnother = async (t: ExecutionContext, options: Parameters<typeof setUp>[1] = {}) => {
  const { simulator, endpoint } = await setUp(t, options);
  const next = makeClient('next');
  simulator.admit(next.certificatePem);
  return { simulator, endpoint, next, former: simulator.client.certificatePem };
};

test('what is under way ends as it began, and nothing shows the former identity afterwards', async (t) => {
  const { simulator, endpoint, next, former } = await setUpAnother(t);
  const { uid, material } = simulator.makeKey();
  simulator.fault({ kind: 'slow', ms: 300 }, { on: 'Create', times: 2 });
  simulator.fault({ kind: 'slow', ms: 300 }, { on: 'Get', times: 3 });
  const creating = [endpoint.create(aes, newMarker()), endpoint.create(aes, newMarker())];
  const reading = [endpoint.material(uid), endpoint.material(uid), endpoint.material(uid)];
  await until(() => simulator.received.Create === 2 && simulator.received.Get === 3);
  let over = false;
  const replaced = endpoint.setIdentity(identityOf(next)).then(() => {
    over = true;
  });
  t.deepEqual((await endpoint.material(uid)).export(), material);
  t.true(simulator.openWith(next.certificatePem) > 0);
  t.false(over, 'the former identity is still in use');
  t.is(new Set(await Promise.all(creating)).size, 2);
  for (const key of await Promise.all(reading)) t.deepEqual(key.export(), material);
  await replaced;
  await until(() => simulator.openWith(former) === 0);
  t.is(simulator.executed.Create, 2);
  t.is(simulator.executed.Locate, 0, 'no answer was lost');
  simulator.expel(former);
  await endpoint.create(aes, newMarker());
});

test('requests that wait for a connection go on with the new identity', async (t) => {
  const { simulator, endpoint, next, former } = await setUpAnother(t, { connections: 1, pipeline: 1 });
  const { uid, material } = simulator.makeKey();
  simulator.fault({ kind: 'slow', ms: 100 }, { on: 'Get', times: 1 });
  const reading = Array.from({ length: 5 }, () => endpoint.material(uid));
  await until(() => simulator.received.Get === 1);
  await endpoint.setIdentity(identityOf(next));
  for (const key of await Promise.all(reading)) t.deepEqual(key.export(), material);
  await until(() => simulator.openWith(former) === 0);
  t.is(simulator.openWith(next.certificatePem), 1);
});

test('an endpoint that refused the former identity is asked at once', async (t) => {
  const { simulator, endpoint, next, former } = await setUpAnother(t, {
    timings: { backoffMs: 60_000, backoffMaximumMs: 60_000, healthMs: 60_000 },
  });
  const { uid, material } = simulator.makeKey();
  simulator.expel(former);
  await refusalOf(t, endpoint.material(uid), 'upstream-unreachable');
  await endpoint.setIdentity(identityOf(next));
  t.deepEqual((await endpoint.material(uid)).export(), material);
});

test('an identity that cannot be is refused, and the one in use stays', async (t) => {
  const { simulator, endpoint, next } = await setUpAnother(t);
  const { uid, material } = simulator.makeKey();
  const mixed = { ...identityOf(next), privateKey: new Secret(makeClient().privateKeyPem) };
  await refusalOf(t, endpoint.setIdentity(mixed), 'invalid-field');
  t.deepEqual((await endpoint.material(uid)).export(), material);
  t.is(simulator.openWith(next.certificatePem), 0);
});
