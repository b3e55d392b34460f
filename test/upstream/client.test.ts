// The calls that a root key does not need, but a set-up and a re-wrapping job do.

import test, { type ExecutionContext } from 'ava';
import { connectKeyProtect } from '../../src/upstream/key-protect/connect.ts';
import { valueOrThrow } from '../../src/upstream/key-protect/errors.ts';
import { makeTlsMaterial } from '../peers/key-protect/certificates.ts';
import { optionsFor, startSimulator } from './kit.ts';

const tls = makeTlsMaterial();

const start = async (t: ExecutionContext) => {
  const simulator = await startSimulator(t, { tls });
  const link = connectKeyProtect(optionsFor(simulator));
  t.teardown(() => link.close());
  return { simulator, client: link.client };
};

test.serial('a rewrap moves a wrapped key to the newest version without showing it', async (t) => {
  const { simulator, client } = await start(t);
  const { ciphertext, plaintext } = valueOrThrow(await client.wrap(simulator.crk, { aad: ['a'] }));
  simulator.rotate(simulator.crk);
  const moved = valueOrThrow(await client.rewrap(simulator.crk, { ciphertext, aad: ['a'] }));
  t.false(Object.keys(moved).includes('plaintext'));
  t.not(moved.rewrappedKeyVersion?.id, moved.keyVersion?.id);
  const opened = valueOrThrow(await client.unwrap(simulator.crk, { ciphertext: moved.ciphertext, aad: ['a'] }));
  t.is(opened.plaintext, plaintext ?? '');
  t.is(opened.ciphertext, undefined);
});

test.serial('root keys are listed over several pages, in the states asked for, without standard keys', async (t) => {
  const { simulator, client } = await start(t);
  for (let index = 0; index < 401; index++) simulator.createRootKey({ name: `key ${index}` });
  simulator.createStandardKey();
  simulator.delete(simulator.crk);
  const usable = valueOrThrow(await client.listRootKeys([0, 1, 2, 3]));
  t.is(usable.length, 401);
  t.is(simulator.count('list'), 3);
  const destroyed = valueOrThrow(await client.listRootKeys([5]));
  t.deepEqual(
    destroyed.map(({ id }) => id),
    [simulator.crk],
  );
});

test.serial('a list that never ends is given up', async (t) => {
  const { simulator, client } = await start(t);
  const key = { id: 'x', state: 1, extractable: false };
  const body = { metadata: { collectionType: 'application/vnd.ibm.kms.key+json' }, resources: Array(200).fill(key) };
  simulator.fault({ kind: 'answer', status: 200, body }, { on: 'list' });
  t.is(valueOrThrow(await client.listRootKeys([1])).length, 5000);
  t.is(simulator.count('list'), 25);
});

test.serial('an instance without root keys gives an empty list', async (t) => {
  const { simulator, client } = await start(t);
  simulator.purge(simulator.crk);
  t.deepEqual(valueOrThrow(await client.listRootKeys([1])), []);
});
