// What an administrator does to the keys of a KMIP endpoint: it is done there first, like what a client does; and a removal
// here leaves there what is there.

import test from 'ava';
import { EdgeError } from '../../src/errors.ts';
import { State } from '../../src/kmip/enums.ts';
import { activateKey, createKey, getKey } from '../custody/requests.ts';
import { until } from '../kit/until.ts';
import { startRegion } from './kit.ts';

test('an administrator revokes and destroys at the endpoint first, and nothing is done here where it does not answer', async (t) => {
  const { simulator, client, server } = await startRegion(t);
  const uid = await createKey(client);
  await activateKey(client, uid);
  const [key] = simulator.keys();
  await simulator.stop();
  const away = server.api('key.revoke', { uid, reason: 'superseded' });
  t.is((await t.throwsAsync(away, { instanceOf: EdgeError })).kind, 'upstream-unreachable');
  t.is((await server.api('key.show', { uid })).state, 'Active');
  await simulator.start();
  await until(async () =>
    server.api('key.revoke', { uid, reason: 'key-compromise', message: 'lost' }).then(
      () => true,
      () => false,
    ),
  );
  t.is(key?.state, State.Compromised);
  t.is((await server.api('key.show', { uid })).state, 'Compromised');
  t.is((await server.api('key.destroy', { uid, confirm: uid })).state, 'DestroyedCompromised');
  t.is(key?.state, State.DestroyedCompromised);
  await t.throwsAsync(getKey(client, uid), { message: /destroyed/ });
});

test('a removed service instance is gone here, and its keys are at the endpoint still', async (t) => {
  const { simulator, client, server } = await startRegion(t, { settings: { 'removal.wait': '0 s' } });
  await activateKey(client, await createKey(client));
  await server.api('instance.remove', { name: 'region', confirm: 'region' });
  await until(async () => !(await server.api('instance.list', {})).some(({ name }) => name === 'region'));
  const [key] = simulator.keys();
  t.is(key?.state, State.Active);
  t.is((await server.api('key.list', {})).total, 0);
});
