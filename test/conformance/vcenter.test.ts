// vCenter 8.0.1 as it was recorded: its own bytes, connection by connection and in its order, against our server. The
// answers have to be what vCenter got from the server it was recorded with.

import test, { type ExecutionContext } from 'ava';
import { attributeValue } from '../../src/kmip/attributes.ts';
import { decodeResponse, encodeRequest } from '../../src/kmip/message.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { createKey, item, outcomeOf, payloadOf } from '../operations/exchange.ts';
import { newerThan } from '../operations/newness.ts';
import { openPeer, type Peer } from '../server/peer.ts';
import { haveRecordings, recordedUid } from './recordings.ts';
import { createdBy, openAsVcenter, recordings, runConnection } from './replay.ts';

const recordedTest = haveRecordings ? test : test.skip;
const server = sharedServer();

if (!haveRecordings) {
  test('the recordings are not here: vCenter is not replayed', (t) => {
    t.log('no ../shared/data/vcenter');
    t.pass();
  });
}

/** What each connection asked, facts/kmip.md section 1.2. */
const health = ['discover_versions_minimal', 'discover_versions_with_id'];
const creation = ['discover_versions_minimal', 'create_symmetric_key'];
const parallel = [
  [
    'discover_versions_minimal',
    'get_attributes_product_version',
    'get_attributes_vendor',
    'get_attributes_product',
    'add_attribute_batch',
  ],
  ['discover_versions_minimal', 'get_object', 'get_attributes_state', 'activate_object'],
  [
    'discover_versions_minimal',
    'get_attributes_identifier',
    'get_attributes_component',
    'get_attributes_name',
    'add_attribute_final_batch',
  ],
];

const open = (t: ExecutionContext): Promise<Peer> => openAsVcenter(t, server());

recordedTest('every recorded request belongs to a connection of the replay', (t) => {
  const replayed = new Set([...health, ...creation, ...parallel.flat()]);
  t.deepEqual(
    [...recordings.keys()].filter((name) => !replayed.has(name)),
    [],
  );
});

recordedTest('adding the provider and each health poll: Discover Versions twice', async (t) => {
  for (let poll = 0; poll < 3; poll += 1) {
    (await openPeer(t, server().port)).socket.destroy();
    await runConnection(t, server(), health, recordedUid);
  }
});

recordedTest('a new key: created on one connection, tagged, fetched and activated on three at once', async (t) => {
  const created = await runConnection(t, server(), creation, recordedUid);
  const uid = createdBy(created ?? Buffer.alloc(0));
  await Promise.all(parallel.map((names) => runConnection(t, server(), names, uid)));
  const client = await server().connect();
  const { Attribute: all } = await client.request('GetAttributes', { UniqueIdentifier: uid, AttributeName: [] });
  const values = new Map(all.map(({ AttributeName: name, AttributeValue: value }) => [name, value?.value]));
  t.is(attributeValue('State', all.find(({ AttributeName: name }) => name === 'State')?.AttributeValue), 2);
  t.is(values.get('x-Vendor'), 'VMware, Inc.');
  t.is(values.get('x-Product_Version'), '8.0.1 build-21560480');
  t.is(values.get('x-Product'), 'VMware vSphere');
  for (const name of ['x-Identifier', 'x-Component', 'x-Name']) t.truthy(values.get(name), name);
});

recordedTest('ten hosts that come back at the same time all get the same key', async (t) => {
  const created = await runConnection(t, server(), creation, recordedUid);
  const uid = createdBy(created ?? Buffer.alloc(0));
  const names = ['discover_versions_minimal', 'get_object', 'get_attributes_state'];
  const last = await Promise.all(Array.from({ length: 10 }, () => runConnection(t, server(), names, uid)));
  t.is(new Set(last.map((answer) => answer?.toString('hex').replace(/420092.{26}/, ''))).size, 1);
});

test('Query for the server information, as when the provider is added, names the vendor', async (t) => {
  const peer = await open(t);
  const id = 'QLKC\u0001\0\0\0';
  const ask = encodeRequest({ version: 101, header: {}, items: [item('Query', { QueryFunction: [3] }, id)] });
  const answer = await peer.ask(ask);
  const response = decodeResponse(answer ?? Buffer.alloc(0));
  t.is(response.version, 101);
  t.is(response.items[0]?.UniqueBatchItemID?.toString(), id);
  t.is(payloadOf('Query', response.items[0], 101).VendorIdentification, 'kmip-edge');
  t.deepEqual(newerThan(101, answer ?? Buffer.alloc(0)), []);
});

test('a key that is not there is Item Not Found, in the version of the request', async (t) => {
  const peer = await open(t);
  await createKey(await server().connect());
  const get = item('Get', { UniqueIdentifier: recordedUid });
  const answer = await peer.ask(encodeRequest({ version: 101, header: {}, items: [get] }));
  const { items, version } = decodeResponse(answer ?? Buffer.alloc(0));
  t.is(version, 101);
  t.deepEqual(outcomeOf(items[0]), {
    status: 'OperationFailed',
    reason: 'ItemNotFound',
    text: `no object has unique identifier '${recordedUid}'`,
  });
});
