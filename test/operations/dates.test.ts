// State follows from dates as time passes: nobody has to ask for it (KMIP 1.4 section 3.22).

import test from 'ava';
import type { KmipClient } from '../../src/cli/kmip-client.ts';
import { attribute, attributeValue } from '../../src/kmip/attributes.ts';
import { State } from '../../src/kmip/enums.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { assertRefused, createKey, item, keyBytes, refusal } from './exchange.ts';

const clock = new FakeClock(Date.now());
const server = sharedServer({ clock });
const inSeconds = (seconds: number): number => Math.floor(clock.now() / 1000) + seconds;
const attributeOf = async (client: KmipClient, uid: string, name: 'State' | 'Initial Date' | 'Activation Date') => {
  const { Attribute: found } = await client.request('GetAttributes', { UniqueIdentifier: uid, AttributeName: [name] });
  return found[0] && attributeValue(name, found[0].AttributeValue);
};
const stateOf = (client: KmipClient, uid: string) => attributeOf(client, uid, 'State');

test.serial('a key becomes Active and Deactivated by itself on its dates, to the second', async (t) => {
  const client = await server().connect();
  const dates = [attribute('Activation Date', inSeconds(100)), attribute('Deactivation Date', inSeconds(200))];
  const uid = await createKey(client, ...dates);
  t.is(await stateOf(client, uid), State.PreActive);
  await clock.pass(99_000);
  t.is(await stateOf(client, uid), State.PreActive);
  assertRefused(
    t,
    await refusal(client, item('Revoke', { UniqueIdentifier: uid, RevocationReason: { RevocationReasonCode: 1 } })),
    'PermissionDenied',
    /PreActive/,
  );
  await clock.pass(1000);
  t.is(await stateOf(client, uid), State.Active);
  assertRefused(t, await refusal(client, item('Destroy', { UniqueIdentifier: uid })), 'PermissionDenied', /Active/);
  await clock.pass(100_000);
  t.is(await stateOf(client, uid), State.Deactivated);
  assertRefused(
    t,
    await refusal(client, item('Activate', { UniqueIdentifier: uid })),
    'PermissionDenied',
    /Deactivated/,
  );
  t.is((await keyBytes(client, uid)).length, 32);
  await client.request('Destroy', { UniqueIdentifier: uid });
});

test.serial('an activation date in the past makes a key Active at once', async (t) => {
  const client = await server().connect();
  t.is(await stateOf(client, await createKey(client, attribute('Activation Date', inSeconds(-1)))), State.Active);
});

test.serial('a deactivation date added to an Active key ends it when it comes', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client, attribute('Activation Date', inSeconds(0)));
  const ending = attribute('Deactivation Date', inSeconds(10));
  await client.request('AddAttribute', { UniqueIdentifier: uid, Attribute: ending });
  t.is(await stateOf(client, uid), State.Active);
  await clock.pass(10_000);
  t.is(await stateOf(client, uid), State.Deactivated);
});

test.serial('Activate puts the activation date forward to now', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client, attribute('Activation Date', inSeconds(1000)));
  await clock.pass(5000);
  await client.request('Activate', { UniqueIdentifier: uid });
  t.is(await attributeOf(client, uid, 'Activation Date'), inSeconds(0));
  t.is(await stateOf(client, uid), State.Active);
});

test.serial('Locate by State goes by the time of the question', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client, attribute('Activation Date', inSeconds(50)));
  const active = async () =>
    (await client.request('Locate', { Attribute: [attribute('State', State.Active)] })).UniqueIdentifier;
  t.false((await active()).includes(uid));
  await clock.pass(50_000);
  t.true((await active()).includes(uid));
});

test.serial('the Initial Date is when the key was made, and the answer is stamped with now', async (t) => {
  const client = await server().connect();
  const made = inSeconds(0);
  const uid = await createKey(client);
  await clock.pass(60_000);
  t.is(await attributeOf(client, uid, 'Initial Date'), made);
});
