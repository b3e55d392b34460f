// What an administrator changes about a service instance while it serves: suspended and resumed, renamed, another
// offline policy, other credentials, and which root keys there are. The whole server, on the Key Protect simulator.

import test from 'ava';
import { EdgeError } from '../../src/errors.ts';
import { forgetCopies, hour, settingsFor, startCloud, withDatabase } from '../custody/kit.ts';
import { activateKey, createKey, destroyKey, getKey, locateText, revokeKey } from '../custody/requests.ts';
import { refusal } from '../kit/refusal.ts';
import { until } from '../kit/until.ts';
import { makeTlsMaterial } from '../peers/key-protect/certificates.ts';

const settings = {
  'upstream.attemptTimeout': '5 s',
  'upstream.totalTimeout': '8 s',
  'upstream.pollInterval': '300 ms',
};

test('a suspended instance serves nothing, from memory neither, never says Item Not Found, and comes back whole', async (t) => {
  const cloud = await startCloud(t, { settings });
  const { client } = cloud;
  const uid = await createKey(client);
  const bytes = await getKey(client, uid);
  t.is((await cloud.server.api('instance.suspend', { name: 'cloud' })).life, 'suspended');
  const acts = {
    get: () => getKey(client, uid),
    'get what never was': () => getKey(client, 'no-such-key'),
    create: () => createKey(client),
    locate: () => locateText(client, 'x-Name', 'y'),
    attributes: () => client.request('GetAttributes', { UniqueIdentifier: uid, AttributeName: ['State'] }),
    activate: () => activateKey(client, uid),
    revoke: () => revokeKey(client, uid),
    destroy: () => destroyKey(client, uid),
  };
  for (const [what, act] of Object.entries(acts)) {
    const text = await refusal(t, act());
    t.regex(text, /PermissionDenied/, what);
    t.regex(text, /service instance 'cloud' is suspended/, what);
  }
  t.deepEqual((await client.request('DiscoverVersions', { ProtocolVersion: [] })).ProtocolVersion.length > 0, true);
  const other = await cloud.server.connect();
  t.is((await getKey(other, await createKey(other))).length, 32, 'other instances serve on');
  const { records } = await cloud.server.api('audit.list', { key: uid, outcome: 'refused' });
  t.true(
    records.some(({ operation, reason }) => operation === 'Get' && reason === 'suspended'),
    'refusals are recorded',
  );

  await cloud.restart();
  t.is((await cloud.instance()).life, 'suspended');
  t.false((await cloud.instance()).serving);
  t.regex(await refusal(t, getKey(cloud.client, uid)), /suspended/);
  t.is((await cloud.server.api('instance.resume', { name: 'cloud' })).life, 'active');
  t.deepEqual(await getKey(cloud.client, uid), bytes);
  t.true((await cloud.instance()).serving);
  const again = await cloud.server.api('instance.resume', { name: 'cloud' });
  t.is(again.life, 'active', 'harmless twice');
});

test('the watch over the upstream goes on while an instance is suspended', async (t) => {
  const cloud = await startCloud(t, { settings });
  const uid = await createKey(cloud.client);
  await cloud.server.api('instance.suspend', { name: 'cloud' });
  cloud.simulator.disable(cloud.simulator.crk);
  await until(async () => (await cloud.instance()).rootKey.state === 'suspended');
  await cloud.server.api('instance.resume', { name: 'cloud' });
  t.regex(await refusal(t, getKey(cloud.client, uid)), /root key/);
});

test('a Get that waits for the upstream while its instance is suspended gives no key', async (t) => {
  const cloud = await startCloud(t, { settings });
  const uid = await createKey(cloud.client);
  await cloud.restart({}, forgetCopies);
  cloud.simulator.fault({ kind: 'slow', ms: 800 }, { on: 'unwrap' });
  const getting = getKey(cloud.client, uid);
  getting.catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 200));
  await cloud.server.api('instance.suspend', { name: 'cloud' });
  t.regex(await refusal(t, getting), /suspended/);
});

test('a renamed instance keeps its clients, its keys and the identity that waits for it', async (t) => {
  const cloud = await startCloud(t, { settings });
  const { server, client } = cloud;
  const uid = await createKey(client);
  const bytes = await getKey(client, uid);
  const identity = await server.api('identity.make', { name: 'cloud' });
  const renamed = await server.api('instance.rename', { name: 'cloud', to: 'Dallas-1' });
  t.is(renamed.name, 'Dallas-1');
  t.deepEqual(await getKey(client, uid), bytes);
  await createKey(client);
  t.is((await server.api('identity.make', { name: 'Dallas-1' })).sha256, identity.sha256);
  t.not((await server.api('identity.make', { name: 'cloud' })).sha256, identity.sha256);
  await cloud.restart();
  t.deepEqual(await getKey(cloud.client, uid), bytes);
  t.deepEqual((await cloud.server.api('client.list', {})).map(({ instance }) => instance).toSorted(), [
    'Dallas-1',
    'default',
  ]);
  const taken = await t.throwsAsync(cloud.server.api('instance.rename', { name: 'Dallas-1', to: 'default' }), {
    instanceOf: EdgeError,
  });
  t.is(taken.kind, 'already-exists');
  await t.throwsAsync(cloud.server.api('instance.suspend', { name: 'cloud' }), { message: /no service instance/ });
});

test('another lease counts from the last proof of life, survives a restart, and with 0 no copy is left here', async (t) => {
  const cloud = await startCloud(t, { settings });
  const uid = await createKey(cloud.client);
  const bytes = await getKey(cloud.client, uid);
  t.is((await cloud.server.api('instance.lease', { name: 'cloud', lease: 24 * hour })).lease.term, 24 * hour);
  t.deepEqual(await getKey(cloud.client, uid), bytes);
  await cloud.restart();
  t.is((await cloud.instance()).lease.term, 24 * hour);

  await cloud.server.api('instance.lease', { name: 'cloud', lease: 0 });
  t.deepEqual(await getKey(cloud.client, uid), bytes, 'the upstream opens it');
  const copies = await restartAndCount(cloud);
  t.is(copies, 0);
  await cloud.simulator.cutLink();
  t.regex(await refusal(t, getKey(cloud.client, uid)), /unreachable/);
  await cloud.simulator.restoreLink();

  const unlimited = await cloud.server.api('instance.lease', { name: 'cloud', lease: 'unlimited' });
  t.is(unlimited.lease.remaining, 'unlimited');
  await until(async () => (await getKey(cloud.client, uid).catch(() => Buffer.alloc(0))).equals(bytes));
  t.true((await restartAndCount(cloud)) > 0, 'copies are kept again');
});

const restartAndCount = async (cloud: Awaited<ReturnType<typeof startCloud>>): Promise<number> => {
  await cloud.server.close();
  const count = withDatabase(cloud.server.dataDirectory, (database) =>
    database
      .prepare<[], number>('SELECT count(*) FROM material WHERE sealed <> zeroblob(length(sealed))')
      .pluck()
      .get(),
  );
  await cloud.restart();
  return count ?? -1;
};

test('new credentials are tried before they count, an API key too', async (t) => {
  const cloud = await startCloud(t, { settings });
  const uid = await createKey(cloud.client);
  const wrong = cloud.server.api('instance.update', { name: 'cloud', settings: { apiKey: 'x'.repeat(44) } });
  const error = await t.throwsAsync(wrong, { instanceOf: EdgeError });
  t.regex(error.hint ?? '', /API key/);
  t.false(error.message.includes('xxx'));
  const apiKey = cloud.simulator.addApiKey('Reader');
  const view = await cloud.server.api('instance.update', { name: 'cloud', settings: { apiKey } });
  t.false(JSON.stringify(view).includes(apiKey));
  await cloud.restart({}, forgetCopies);
  t.is((await getKey(cloud.client, uid)).length, 32, 'the new key opens what is stored');
});

test('the root keys of a Key Protect instance are listed with what helps to choose', async (t) => {
  const cloud = await startCloud(t, { settings });
  const { simulator, server } = cloud;
  const imported = simulator.createRootKey({ name: 'a brought one', material: Buffer.alloc(32, 7) });
  const disabled = simulator.createRootKey({ name: 'a disabled one' });
  simulator.disable(disabled);
  simulator.delete(simulator.createRootKey({ name: 'a deleted one' }));
  simulator.createStandardKey();
  const { crk: _, ...access } = settingsFor(simulator);
  const keys = await server.api('instance.crks', access);
  t.deepEqual(
    keys.map(({ name, id, state, imported: brought }) => [name, id, state, brought]),
    [
      ['a brought one', imported, 'active', true],
      ['edge-root-key', simulator.crk, 'active', false],
      ['a disabled one', disabled, 'suspended', false],
    ],
  );
  t.true(keys.every(({ createdAt }) => createdAt !== undefined));
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ apiKey: 'x'.repeat(44) }, /API key/],
    [{ caBundle: makeTlsMaterial().caPem }, /./],
    [{ url: 'https://127.0.0.1:1' }, /./],
  ];
  for (const [change, hint] of wrong) {
    const error = await t.throwsAsync(server.api('instance.crks', { ...access, ...change }), { instanceOf: EdgeError });
    t.is(error.kind, 'upstream-unreachable');
    t.regex(error.hint ?? '', hint);
  }
});
