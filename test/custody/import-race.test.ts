// Get against an import that puts another key in the place of one, with slow answers of the upstream in between: after the
// import was answered nobody gets the key before.

import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { ObjectType } from '../../src/kmip/enums.ts';
import { forgetCopies, startCloud } from './kit.ts';
import { getKey, registerKey } from './requests.ts';

test('a Get that waits for the upstream while the key is replaced leaves no copy of the old one behind', async (t) => {
  const cloud = await startCloud(t);
  const [old, next] = [randomBytes(32), randomBytes(32)];
  const uid = await registerKey(cloud.client, old);
  const other = await registerKey(cloud.client, next);
  const { Attribute, SymmetricKey } = await cloud.client.request('Export', { UniqueIdentifier: other });
  await cloud.restart({}, forgetCopies);
  const { simulator, client } = cloud;
  simulator.fault({ kind: 'slow', ms: 400 }, { on: 'unwrap' });
  const waiting = await Promise.all([cloud.connect(), cloud.connect()]);
  const gets = waiting.map((connection) => getKey(connection, uid));
  await setTimeout(100);
  const replacing = { UniqueIdentifier: uid, ReplaceExisting: true, ObjectType: ObjectType.SymmetricKey };
  await client.request('Import', { ...replacing, Attribute, SymmetricKey });
  const late = getKey(client, uid);
  for (const bytes of await Promise.all(gets)) t.true(bytes.equals(old) || bytes.equals(next));
  t.deepEqual(await late, next);
  t.deepEqual(await getKey(client, uid), next);
  await cloud.restart();
  t.deepEqual(await getKey(cloud.client, uid), next);
});
