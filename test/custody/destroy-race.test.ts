// Get against Destroy, with slow answers of the upstream in between: after Destroy was answered nobody gets the key.

import { randomInt } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { messageOf } from '../../src/errors.ts';
import { refusal } from '../kit/refusal.ts';
import { forgetCopies, startCloud } from './kit.ts';
import { createKey, destroyKey, getKey } from './requests.ts';

const destroyed = /is destroyed: only its attributes are left/;

test('a Get that waits for the upstream while the key is destroyed is refused, and leaves no copy behind', async (t) => {
  const cloud = await startCloud(t);
  const uid = await createKey(cloud.client);
  await cloud.restart({}, forgetCopies);
  const { simulator } = cloud;
  simulator.rotate(simulator.crk);
  simulator.fault({ kind: 'slow', ms: 400 }, { on: 'unwrap' });
  const waiting = await Promise.all([cloud.connect(), cloud.connect(), cloud.connect()]);
  const gets = waiting.map((client) => refusal(t, getKey(client, uid)));
  await setTimeout(100);
  await destroyKey(cloud.client, uid);
  for (const text of await Promise.all(gets)) t.regex(text, destroyed);
  t.is((await cloud.server.api('status', {})).keysInMemory, 0);
  await setTimeout(100);
  let rest: Buffer | undefined;
  await cloud.restart({}, (database) => {
    rest = database.prepare<[], Buffer>('SELECT group_concat(hex(wrapped || sealed)) FROM material').pluck().get();
  });
  t.regex(String(rest), /^[0,]*$/);
  t.regex(await refusal(t, getKey(cloud.client, uid)), destroyed);
});

test('in random interleavings no Get is answered with the key after Destroy was answered', async (t) => {
  const cloud = await startCloud(t, { lease: 0 });
  const [getters, destroyer] = [await Promise.all(Array.from({ length: 4 }, () => cloud.connect())), cloud.client];
  let served = 0;
  for (let round = 0; round < 25; round += 1) {
    const uid = await createKey(destroyer);
    cloud.simulator.clearFaults();
    cloud.simulator.fault({ kind: 'slow', ms: randomInt(30) }, { on: 'unwrap' });
    let over = false;
    const get = async (client: (typeof getters)[number]): Promise<void> => {
      await setTimeout(randomInt(20));
      // Both connections are read in turn by one process: an answer already on its way may be read a moment later.
      const text = await getKey(client, uid).then(async () => (over ? 'served too late' : 'served'), messageOf);
      if (text === 'served') served += 1;
      else t.regex(text, destroyed);
    };
    const destroying = setTimeout(randomInt(40))
      .then(() => destroyKey(destroyer, uid))
      .then(() => setTimeout(5))
      .then(() => {
        over = true;
      });
    await Promise.all([destroying, ...getters.map(get)]);
    t.regex(await refusal(t, getKey(destroyer, uid)), destroyed);
  }
  t.true(served > 0);
});
