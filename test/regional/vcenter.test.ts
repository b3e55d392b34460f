// vCenter 8.0.1 as it was recorded, through us to a KMIP endpoint: the same answers as were recorded, and at the endpoint
// the same key with what vCenter wrote on it.

import test, { type ExecutionContext } from 'ava';
import { State } from '../../src/kmip/enums.ts';
import { decodeResponse, encodeRequest } from '../../src/kmip/message.ts';
import { haveRecordings, outline, readRecordings, recordedUid, withUid } from '../conformance/recordings.ts';
import { item, payloadOf } from '../operations/exchange.ts';
import { newerThan } from '../operations/newness.ts';
import { openPeer, type Peer } from '../server/peer.ts';
import { type Region, startRegion } from './kit.ts';

const recordings = haveRecordings ? readRecordings() : new Map<string, never>();
const recordedTest = haveRecordings ? test : test.skip;

if (!haveRecordings) {
  test('the recordings are not here: vCenter is not replayed', (t) => {
    t.log('no ../shared/data/vcenter');
    t.pass();
  });
}

/** vCenter's order for a new key, each exchange once. */
const session = [
  'discover_versions_minimal',
  'create_symmetric_key',
  'get_attributes_product_version',
  'get_attributes_vendor',
  'get_attributes_product',
  'add_attribute_batch',
  'get_object',
  'get_attributes_state',
  'activate_object',
  'get_attributes_identifier',
  'get_attributes_component',
  'get_attributes_name',
  'add_attribute_final_batch',
];

const open = ({ server, files }: Region, t: ExecutionContext): Promise<Peer> =>
  openPeer(t, server.port, { cert: files.certificate, key: files.privateKey });

const ask = async (peer: Peer, name: string, uid: string): Promise<Buffer> => {
  const recording = recordings.get(name);
  if (!recording) throw new Error(`no recording of ${name}`);
  const answer = await peer.ask(withUid(recording.request, uid));
  if (!answer) throw new Error(`${name}: closed without an answer`);
  return answer;
};

const createdBy = (answer: Buffer): string =>
  payloadOf('Create', decodeResponse(answer).items[0], 101).UniqueIdentifier;

recordedTest(
  'a whole session answers as it was recorded, and the endpoint has the key as vCenter left it',
  async (t) => {
    const region = await startRegion(t);
    const peer = await open(region, t);
    let uid = recordedUid;
    for (const name of session) {
      const answer = await ask(peer, name, uid);
      if (name === 'create_symmetric_key') uid = createdBy(answer);
      t.deepEqual(outline(answer, uid), outline(recordings.get(name)?.response ?? Buffer.alloc(0), recordedUid), name);
      t.deepEqual(newerThan(101, answer), [], name);
    }
    const [key, ...others] = region.simulator.keys();
    t.deepEqual(others, []);
    t.is(key?.uid, uid);
    t.is(key?.state, State.Active);
    const names = new Set(key?.attributes.map((one) => one.name));
    for (const name of ['x-Vendor', 'x-Product_Version', 'x-Product', 'x-Identifier', 'x-Component', 'x-Name']) {
      t.true(names.has(name), name);
    }
    const got = payloadOf('Get', decodeResponse(await ask(peer, 'get_object', uid)).items[0], 101);
    t.true(JSON.stringify(got).includes(JSON.stringify(key?.material)));
  },
);

recordedTest('with the endpoint away, every read of a session answers as it was recorded', async (t) => {
  const region = await startRegion(t);
  const peer = await open(region, t);
  const uid = createdBy(await ask(peer, 'create_symmetric_key', recordedUid));
  for (const name of session.slice(2)) await ask(peer, name, uid);
  await region.simulator.stop();
  for (const name of ['discover_versions_minimal', 'get_object']) {
    const answer = await ask(peer, name, uid);
    t.deepEqual(outline(answer, uid), outline(recordings.get(name)?.response ?? Buffer.alloc(0), recordedUid), name);
  }
});

test('what the endpoint lacks is answered here: Query and Get Attribute List', async (t) => {
  const region = await startRegion(t);
  const { uid } = region.simulator.makeKey();
  const peer = await open(region, t);
  const items = [item('Query', { QueryFunction: [1, 3] }), item('GetAttributeList', { UniqueIdentifier: uid })];
  const answer = await peer.ask(encodeRequest({ version: 101, header: {}, items }));
  const { items: answers } = decodeResponse(answer ?? Buffer.alloc(0));
  t.is(payloadOf('Query', answers[0], 101).VendorIdentification, 'kmip-edge');
  t.true(payloadOf('GetAttributeList', answers[1], 101).AttributeName.includes('State'));
});
