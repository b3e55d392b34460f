// Several operations in one message: identifiers, order, the ID Placeholder, and what follows a failure.

import test, { type ExecutionContext } from 'ava';
import type { KmipClient } from '../../src/cli/kmip-client.ts';
import { attribute } from '../../src/kmip/attributes.ts';
import {
  BatchErrorContinuationOption,
  CryptographicAlgorithm,
  KeyFormatType,
  ObjectType,
  Operation,
  State,
} from '../../src/kmip/enums.ts';
import { decodeResponse, encodeRequest, type OutgoingRequestItem, type ResponseItem } from '../../src/kmip/message.ts';
import type { Attribute } from '../../src/kmip/template-attribute.ts';
import { rsaPrivate } from '../kit/der.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { until } from '../kit/until.ts';
import { openPeer, type Peer } from '../server/peer.ts';
import { aesKey, assertRefused, createKey, item, nameOf, outcomeOf, payloadOf, send, templateOf } from './exchange.ts';
import { creating, custom, inBytes, makingPair, registering } from './requests.ts';

const server = sharedServer();
const idOf = ({ UniqueBatchItemID: id }: ResponseItem): string | undefined => id?.toString();
const statuses = (items: readonly ResponseItem[]) => items.map((one) => outcomeOf(one).reason ?? outcomeOf(one).status);
const discover = (id?: string): OutgoingRequestItem => item('DiscoverVersions', { ProtocolVersion: [] }, id);
const missing = (id?: string): OutgoingRequestItem => item('Get', { UniqueIdentifier: 'nowhere' }, id);

test('the key that Create makes is the one that Activate and Get mean when they name none', async (t) => {
  const batch = [item('Create', aesKey(), 'a'), item('Activate', {}, 'b'), item('Get', {}, 'c')];
  const { items } = await send(await server().connect(), batch);
  t.deepEqual(items.map(idOf), ['a', 'b', 'c']);
  const uid = payloadOf('Create', items[0]).UniqueIdentifier;
  t.is(payloadOf('Activate', items[1]).UniqueIdentifier, uid);
  t.is(payloadOf('Get', items[2]).UniqueIdentifier, uid);
});

test('Locate sets the ID Placeholder where it finds one object, and empties it where it finds none or several', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client, nameOf('only one'));
  await createKey(client);
  const one = await send(client, [item('Locate', { Attribute: [nameOf('only one')] }), item('Get', {})]);
  t.is(payloadOf('Get', one.items[1]).UniqueIdentifier, uid);
  for (const wanted of [[nameOf('nobody')], []]) {
    const batch = [item('Create', aesKey()), item('Locate', { Attribute: wanted }), item('Get', {})];
    t.deepEqual(statuses((await send(client, batch)).items), ['Success', 'Success', 'MissingData']);
  }
});

test('the ID Placeholder does not outlive its message', async (t) => {
  const client = await server().connect();
  await send(client, [item('Create', aesKey())]);
  t.deepEqual(statuses((await send(client, [item('Get', {})])).items), ['MissingData']);
});

test('items are done in their order and answered in it', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client);
  const acts = [
    item('Activate', { UniqueIdentifier: uid }, '3'),
    item('Activate', { UniqueIdentifier: uid }, '1'),
    item('Revoke', { UniqueIdentifier: uid, RevocationReason: { RevocationReasonCode: 1 } }, '2'),
    item('Destroy', { UniqueIdentifier: uid }, '0'),
  ];
  const header = { BatchErrorContinuationOption: BatchErrorContinuationOption.Continue, BatchOrderOption: true };
  const { items } = await send(client, acts, header);
  t.deepEqual(items.map(idOf), ['3', '1', '2', '0']);
  t.deepEqual(statuses(items), ['Success', 'PermissionDenied', 'Success', 'Success']);
});

for (const option of [undefined, BatchErrorContinuationOption.Stop]) {
  test(`after a failure the rest is left undone with the option ${option ?? 'that is not given'}`, async (t) => {
    const client = await server().connect();
    const uid = await createKey(client);
    const batch = [discover('a'), missing('b'), item('Activate', { UniqueIdentifier: uid }, 'c')];
    const header = option === undefined ? {} : { BatchErrorContinuationOption: option };
    const { items } = await send(client, batch, header);
    t.deepEqual(items.map(idOf), ['a', 'b']);
    t.deepEqual(statuses(items), ['Success', 'ItemNotFound']);
    t.is(outcomeOf((await send(client, [item('Activate', { UniqueIdentifier: uid })])).items[0]).status, 'Success');
  });
}

test('after a failure the rest is done with the option Continue', async (t) => {
  const header = { BatchErrorContinuationOption: BatchErrorContinuationOption.Continue };
  const { items } = await send(
    await server().connect(),
    [missing('a'), discover('b'), missing('c'), discover('d')],
    header,
  );
  t.deepEqual(items.map(idOf), ['a', 'b', 'c', 'd']);
  t.deepEqual(statuses(items), ['ItemNotFound', 'Success', 'ItemNotFound', 'Success']);
});

test('with Undo a failure takes back what the batch had done', async (t) => {
  const client = await server().connect();
  const header = { BatchErrorContinuationOption: BatchErrorContinuationOption.Undo };
  const [kept, destroyed] = [await createKey(client), await createKey(client)];
  const before = await client.request('Get', { UniqueIdentifier: destroyed });
  const items = [
    item('Create', aesKey(), 'a'),
    item('Activate', { UniqueIdentifier: kept }, 'b'),
    item('AddAttribute', { UniqueIdentifier: kept, Attribute: custom('x-Tag', 'a') }, 'c'),
    item('Destroy', { UniqueIdentifier: destroyed }, 'd'),
    missing('e'),
    discover('f'),
  ];
  const { items: answers } = await send(client, items, header);
  t.deepEqual(answers.map(idOf), ['a', 'b', 'c', 'd', 'e']);
  t.deepEqual(statuses(answers), [...Array<string>(4).fill('OperationUndone'), 'ItemNotFound']);
  const { Attribute: found } = await client.request('GetAttributes', {
    UniqueIdentifier: kept,
    AttributeName: ['State', 'x-Tag'],
  });
  t.deepEqual(
    found.map(({ AttributeValue }) => AttributeValue?.value),
    [State.PreActive],
  );
  const after = await client.request('Get', { UniqueIdentifier: destroyed });
  t.deepEqual(after.SymmetricKey, before.SymmetricKey);
});

test('with Undo a key that was replaced has its name back', async (t) => {
  const client = await server().connect();
  const header = { BatchErrorContinuationOption: BatchErrorContinuationOption.Undo };
  const uid = await createKey(client, nameOf('replaced and back'));
  const items = [item('ReKey', { UniqueIdentifier: uid }), missing('z')];
  t.deepEqual(statuses((await send(client, items, header)).items), ['OperationUndone', 'ItemNotFound']);
  const { Attribute: found } = await client.request('GetAttributes', {
    UniqueIdentifier: uid,
    AttributeName: ['Name'],
  });
  t.is(found.length, 1);
  t.deepEqual((await client.request('Locate', { Attribute: [nameOf('replaced and back')] })).UniqueIdentifier, [uid]);
});

test('with Undo what others have changed or replaced meanwhile is theirs, and stays', async (t) => {
  const [client, other] = [await server().connect(), await server().connect()];
  const [given, next] = [await createKey(client), await createKey(other)];
  const [first, second] = [
    await client.request('Export', { UniqueIdentifier: given }),
    await client.request('Export', { UniqueIdentifier: next }),
  ];
  const importing = (uid: string, { ObjectType, Attribute, SymmetricKey }: typeof first, ReplaceExisting = false) =>
    item('Import', { UniqueIdentifier: uid, ReplaceExisting, ObjectType, Attribute, SymmetricKey });
  const [replaced, activated, left] = ['made-and-replaced', 'made-and-activated', 'made-and-left'];
  const header = { BatchErrorContinuationOption: BatchErrorContinuationOption.Undo };
  const items = [replaced, activated, left].map((uid) => importing(uid, first));
  const undone = send(client, [...items, makingPair(3072), makingPair(3072), makingPair(3072), missing()], header);
  const isThere = async () => {
    const [answer] = (await send(other, [item('GetAttributes', { UniqueIdentifier: left, AttributeName: [] })])).items;
    return outcomeOf(answer).status === 'Success';
  };
  while (!(await isThere()));
  const theirs = [importing(replaced, second, true), item('Activate', { UniqueIdentifier: activated })];
  for (const one of theirs) t.deepEqual(statuses((await send(other, [one])).items), ['Success']);
  t.is(statuses((await undone).items).filter((status) => status === 'OperationUndone').length, 6);
  t.deepEqual((await other.request('Get', { UniqueIdentifier: replaced })).SymmetricKey, second.SymmetricKey);
  t.deepEqual((await other.request('Get', { UniqueIdentifier: activated })).SymmetricKey, first.SymmetricKey);
  t.deepEqual(statuses((await send(other, [item('Get', { UniqueIdentifier: left })])).items), ['ItemNotFound']);
});

test('with Undo a batch that succeeds stays, and each item has its answer', async (t) => {
  const client = await server().connect();
  const header = { BatchErrorContinuationOption: BatchErrorContinuationOption.Undo };
  const { items } = await send(client, [item('Create', aesKey()), item('Get', {}), item('Activate', {})], header);
  t.deepEqual(statuses(items), ['Success', 'Success', 'Success']);
  const { SymmetricKey: key, UniqueIdentifier: uid } = payloadOf('Get', items[1]);
  const again = await client.request('Get', { UniqueIdentifier: uid });
  t.deepEqual(key, again.SymmetricKey);
});

test('a request that is to be answered later is refused as a whole', async (t) => {
  const { items } = await send(await server().connect(), [discover()], { AsynchronousIndicator: true });
  assertRefused(t, outcomeOf(items[0]), 'FeatureNotSupported', /answered at once/);
});

test('a broken payload fails its own item alone', async (t) => {
  const broken = { Operation: 10, RequestPayload: Buffer.from('420079010000000842009407000000ff', 'hex') };
  const header = { BatchErrorContinuationOption: BatchErrorContinuationOption.Continue };
  const { items } = await send(await server().connect(), [discover(), broken, discover()], header);
  t.deepEqual(statuses(items), ['Success', 'InvalidMessage', 'Success']);
});

test('an empty batch and one of more than a thousand items are refused as a whole', async (t) => {
  const client = await server().connect();
  for (const count of [0, 1001]) {
    const { items } = await send(
      client,
      Array.from({ length: count }, () => discover()),
    );
    assertRefused(t, outcomeOf(items[0]), 'InvalidMessage', new RegExp(`1 to 1000 batch items, this one ${count}`));
  }
  t.is(
    (
      await send(
        client,
        Array.from({ length: 1000 }, () => discover()),
      )
    ).items.length,
    1000,
  );
});

test('what a message asks for cannot grow without bound: neither an object nor an answer', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client);
  const big = (name: string) =>
    item('AddAttribute', { UniqueIdentifier: uid, Attribute: custom(name, 'a'.repeat(600_000)) });
  t.deepEqual(statuses((await send(client, [big('x-one')])).items), ['Success']);
  const [second] = (await send(client, [big('x-two')])).items;
  assertRefused(t, outcomeOf(second), 'IndexOutOfBounds', /at most 1048576 bytes together/);
  const ask = item('GetAttributes', { UniqueIdentifier: uid, AttributeName: [] });
  const { items } = await send(
    client,
    Array.from({ length: 28 }, () => ask),
    { MaximumResponseSize: 1000 },
  );
  t.deepEqual(statuses(items), ['ResponseTooLarge']);
});

test('the names of attributes count towards what an object may hold', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client, ...wideAttributes(700));
  const add = (length: number) =>
    item('AddAttribute', { UniqueIdentifier: uid, Attribute: custom('x-more', 'v'.repeat(length)) });
  const { items } = await send(client, [add(50_000), add(200_000)]);
  t.is(outcomeOf(items[0]).status, 'Success');
  assertRefused(t, outcomeOf(items[1]), 'IndexOutOfBounds', /at most 1048576 bytes together/);
});

/** Attributes whose names are longer than their values. */
const wideAttributes = (count: number) =>
  Array.from({ length: count }, (_, at) => custom(`x-${at}-`.padEnd(1000, 'n'), 'v'.repeat(300)));

const lists: Readonly<Record<string, (uid: string) => OutgoingRequestItem>> = {
  'Get Attributes': (uid) => item('GetAttributes', { UniqueIdentifier: uid, AttributeName: [] }),
  'Get Attribute List': (uid) => item('GetAttributeList', { UniqueIdentifier: uid }),
};
for (const [what, list] of Object.entries(lists)) {
  test(`a batch of ${what} has an answer with a bound, and what comes after it is not done`, async (t) => {
    const client = await server().connect();
    const uid = await createKey(client, ...wideAttributes(700));
    const key = await createKey(client);
    const header = { BatchErrorContinuationOption: BatchErrorContinuationOption.Continue };
    const batch = [...Array.from({ length: 30 }, () => list(uid)), item('Activate', { UniqueIdentifier: key })];
    const { certificate, privateKey } = server().client;
    const peer = await openPeer(t, server().port, { cert: certificate, key: privateKey });
    const answer = await peer.ask(encodeRequest({ version: 104, header, items: batch }));
    const megabytes = (answer?.length ?? 0) / 1024 / 1024;
    t.true(megabytes > 16 && megabytes < 18, `${megabytes} MiB`);
    const { items } = decodeResponse(answer ?? Buffer.alloc(0));
    t.is(items.length, batch.length);
    const refused = statuses(items).indexOf('ResponseTooLarge');
    t.deepEqual(new Set(statuses(items.slice(0, refused))), new Set(['Success']));
    t.deepEqual(new Set(statuses(items.slice(refused))), new Set(['ResponseTooLarge']));
    t.deepEqual(statuses((await send(client, [item('Activate', { UniqueIdentifier: key })])).items), ['Success']);
  });
}

const failing: Readonly<Record<string, OutgoingRequestItem>> = {
  Create: creating(),
  Register: registering({ SymmetricKey: undefined }),
  Locate: item('Locate', { MaximumItems: -1, Attribute: [] }),
  'a Create that cannot be read': inBytes(Operation.Create),
  'Create Key Pair, which is not offered,': inBytes(Operation.CreateKeyPair),
};
for (const [what, request] of Object.entries(failing)) {
  test(`after ${what} has failed, no earlier key is meant by what names none`, async (t) => {
    const client = await server().connect();
    const header = { BatchErrorContinuationOption: BatchErrorContinuationOption.Continue };
    const { items } = await send(client, [item('Create', aesKey()), request, item('Destroy', {})], header);
    t.is(outcomeOf(items[1]).status, 'OperationFailed');
    t.is(outcomeOf(items[2]).reason, 'MissingData');
    const uid = payloadOf('Create', items[0]).UniqueIdentifier;
    t.deepEqual(statuses((await send(client, [item('Get', { UniqueIdentifier: uid })])).items), ['Success']);
  });
}

test('a failure that sets no ID Placeholder leaves it', async (t) => {
  const header = { BatchErrorContinuationOption: BatchErrorContinuationOption.Continue };
  const batch = [item('Create', aesKey()), missing(), item('Get', {})];
  const { items } = await send(await server().connect(), batch, header);
  t.deepEqual(statuses(items), ['Success', 'ItemNotFound', 'Success']);
});

test('a long batch is not carried on for a client that is gone', async (t) => {
  const client = await server().connect();
  const group = attribute('Object Group', 'nobody waits');
  const items = Array.from({ length: 1000 }, () => item('Create', aesKey(group)));
  const peer = await leaving(t, client, items, group);
  peer.socket.destroy();
  let [before, made] = [0, await countOf(client, group)];
  while (made > before) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    [before, made] = [made, await countOf(client, group)];
  }
  t.true(made < items.length, `${made} made`);
});

test('with Undo a batch whose client is gone takes back what it had done', async (t) => {
  const client = await server().connect();
  const name = nameOf('nobody waits for all or none');
  const slow = item('CreateKeyPair', {
    CommonTemplateAttribute: templateOf(
      attribute('Cryptographic Algorithm', CryptographicAlgorithm.RSA),
      attribute('Cryptographic Length', 4096),
      attribute('Cryptographic Usage Mask', 3),
    ),
  });
  const peer = await leaving(t, client, [item('Create', aesKey(name)), slow], name, BatchErrorContinuationOption.Undo);
  peer.socket.destroy();
  await until(async () => (await countOf(client, name)) === 0);
  t.pass();
});

test('with Undo, too, others have their turn between two items', async (t) => {
  const client = await server().connect();
  const PrivateKey = {
    KeyBlock: {
      KeyFormatType: KeyFormatType.PKCS_1,
      // Signing with primes as long as the modulus takes long.
      KeyValue: { KeyMaterial: rsaPrivate(512, { prime: 512 }), Attribute: [] },
      CryptographicAlgorithm: CryptographicAlgorithm.RSA,
      CryptographicLength: 4096,
    },
  };
  const { UniqueIdentifier } = await client.request('Register', {
    ObjectType: ObjectType.PrivateKey,
    TemplateAttribute: templateOf(attribute('Cryptographic Usage Mask', 1), attribute('Activation Date', 1)),
    PrivateKey,
  });
  const items = Array.from({ length: 30 }, () => item('Sign', { UniqueIdentifier, Data: Buffer.alloc(1) }));
  const turns: number[] = [];
  let before = process.threadCpuUsage();
  const endTurn = (): void => {
    turns.push(process.threadCpuUsage(before).user);
    before = process.threadCpuUsage();
  };
  const look = setInterval(endTurn, 1);
  const answer = await send(client, items, { BatchErrorContinuationOption: BatchErrorContinuationOption.Undo });
  endTurn();
  clearInterval(look);
  t.deepEqual(new Set(statuses(answer.items)), new Set(['Success']));
  const all = turns.reduce((sum, turn) => sum + turn, 0);
  t.true(Math.max(...turns) < all / 3, `${turns.map((turn) => Math.round(turn / 1000)).join(' ')} ms`);
});

const countOf = async (client: KmipClient, wanted: Attribute): Promise<number> =>
  (await client.request('Locate', { Attribute: [wanted] })).UniqueIdentifier.length;

/** A client whose batch has just made the first key with that attribute. */
const leaving = async (
  t: ExecutionContext,
  client: KmipClient,
  items: readonly OutgoingRequestItem[],
  first: Attribute,
  option: BatchErrorContinuationOption = BatchErrorContinuationOption.Continue,
): Promise<Peer> => {
  const { certificate, privateKey } = server().client;
  const peer = await openPeer(t, server().port, { cert: certificate, key: privateKey });
  peer.socket.write(encodeRequest({ version: 104, header: { BatchErrorContinuationOption: option }, items }));
  await until(async () => (await countOf(client, first)) > 0);
  return peer;
};
