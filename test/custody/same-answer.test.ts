// Invariant 7: the same request has the same answer, byte for byte, wherever the key came from.

import test from 'ava';
import { answerTo, forgetCopies, startCloud } from './kit.ts';
import { activateKey, addText, createKey, getKey, registerKey } from './requests.ts';

test('from memory, from the sealed copy after a restart, and from the upstream: the same answers', async (t) => {
  const cloud = await startCloud(t);
  const created = await createKey(cloud.client);
  const registered = await registerKey(cloud.client, Buffer.alloc(16, 9));
  await activateKey(cloud.client, created);
  await addText(cloud.client, created, 'x-Product', 'VMware vSphere');
  const missing = { UniqueIdentifier: 'no such key' };
  const ask = async (): Promise<readonly string[]> => {
    const answers: string[] = [];
    for (const UniqueIdentifier of [created, registered]) {
      answers.push(await answerTo(cloud.client, 'Get', { UniqueIdentifier }));
      answers.push(await answerTo(cloud.client, 'GetAttributes', { UniqueIdentifier, AttributeName: [] }));
      answers.push(await answerTo(cloud.client, 'GetAttributeList', { UniqueIdentifier }));
    }
    answers.push(await answerTo(cloud.client, 'Locate', { Attribute: [] }));
    answers.push(await answerTo(cloud.client, 'Get', missing));
    return answers;
  };
  const { simulator } = cloud;
  simulator.resetCounts();
  const fromMemory = await ask();
  t.is((await cloud.server.api('status', {})).keysInMemory, 2);
  await cloud.restart();
  t.deepEqual(await ask(), fromMemory);
  t.is(simulator.count('unwrap'), 0);
  await cloud.restart({}, forgetCopies);
  t.deepEqual(await ask(), fromMemory);
  t.is(simulator.count('unwrap'), 2);
});

test('an instance without a lease answers the same the first time and the third', async (t) => {
  const cloud = await startCloud(t, { lease: 0 });
  const UniqueIdentifier = await createKey(cloud.client);
  const first = await answerTo(cloud.client, 'Get', { UniqueIdentifier });
  t.is(await answerTo(cloud.client, 'Get', { UniqueIdentifier }), first);
  await cloud.restart();
  t.is(await answerTo(cloud.client, 'Get', { UniqueIdentifier }), first);
});

test('rotation of the root key changes nothing for clients, and keys move to the new version as they are opened', async (t) => {
  const cloud = await startCloud(t);
  const { simulator } = cloud;
  const uids = [await createKey(cloud.client), await createKey(cloud.client)] as const;
  const [opened, idle] = [await getKey(cloud.client, uids[0]), await getKey(cloud.client, uids[1])];
  simulator.rotate(simulator.crk);
  const version = simulator.key(simulator.crk).versions.at(-1)?.id;
  await cloud.restart({}, forgetCopies);
  t.deepEqual(await getKey(cloud.client, uids[0]), opened);
  const after = await createKey(cloud.client);
  const versions = new Map<string, string>();
  await cloud.restart({}, (database) => {
    const rows = database
      .prepare<[], { uid: string; wrapped_version: string }>('SELECT uid, wrapped_version FROM object')
      .all();
    for (const row of rows) versions.set(row.uid, row.wrapped_version);
    forgetCopies(database);
  });
  t.is(versions.get(uids[0]), version);
  t.not(versions.get(uids[1]), version);
  t.is(versions.get(after), version);
  t.deepEqual(await getKey(cloud.client, uids[0]), opened);
  t.deepEqual(await getKey(cloud.client, uids[1]), idle);
});
