// From request bytes to answer bytes: what a client sees of a failure inside, the sizes it may ask for, and the versions.

import test from 'ava';
import { EdgeError } from '../../src/errors.ts';
import type { Caller } from '../../src/keys/caller.ts';
import type { KeyService } from '../../src/keys/service.ts';
import { BatchErrorContinuationOption } from '../../src/kmip/enums.ts';
import { decodeResponse, encodeRequest, type OutgoingRequest } from '../../src/kmip/message.ts';
import { versionText } from '../../src/kmip/version.ts';
import { silentLog } from '../../src/log.ts';
import { createAnswerer } from '../../src/server/answer.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { startServer } from '../kit/server.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { aesKey, assertRefused, createKey, item, outcomeOf, send } from '../operations/exchange.ts';

const server = sharedServer();
const caller: Caller = { clientId: 'c', clientName: 'client', fingerprint: 'f', instanceId: 'i', address: '192.0.2.1' };
const request = (version: number, header: OutgoingRequest['header'] = {}): Buffer =>
  encodeRequest({ version, header, items: [item('Get', { UniqueIdentifier: 'key' }, 'one')] });

test('an internal error shows an id and no detail; the log has both', async (t) => {
  const log = createMemoryLog();
  const broken = { get: () => Promise.reject(new Error('SELECT failed at /var/lib/secret')) };
  const answer = createAnswerer({
    uses: { seen: () => {} },
    keys: broken as unknown as KeyService,
    clock: new FakeClock(),
    log,
  });
  const { bytes, close } = await answer(caller, request(104), () => true);
  const [only] = decodeResponse(bytes).items;
  assertRefused(t, outcomeOf(only), 'GeneralFailure', /^internal error [0-9a-f-]{36}$/);
  t.is(only?.UniqueBatchItemID?.toString(), 'one');
  t.false(close);
  const [line] = log.alarms;
  t.is(line?.event, 'internal error');
  t.is(`internal error ${line?.fields['id']}`, only?.ResultMessage ?? '');
  t.is(line?.fields['problem'], 'SELECT failed at /var/lib/secret');
});

const unspoken = [
  [9, 104],
  [109, 104],
  [202, 201],
  [300, 201],
] as const;
for (const [version, spoken] of unspoken) {
  test(`a request in version ${versionText(version)} is answered with an error in a version that we speak`, async (t) => {
    const peer = await server().connect();
    const answer = decodeResponse(await peer.exchange(request(version)));
    t.is(answer.version, spoken);
    t.is(answer.items[0]?.Operation, undefined);
    assertRefused(
      t,
      outcomeOf(answer.items[0]),
      'InvalidMessage',
      /is not spoken here: 2\.1, 2\.0, 1\.4, 1\.3, 1\.2, 1\.1, 1\.0$/,
    );
    t.truthy((await send(peer, [item('DiscoverVersions', { ProtocolVersion: [] })])).items[0]?.ResponsePayload);
  });
}

test('an answer that is longer than the client allows is Response Too Large, and the connection goes on', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client);
  const get = item('Get', { UniqueIdentifier: uid });
  const { items } = await send(client, [get], { MaximumResponseSize: 200 });
  t.is(items.length, 1);
  assertRefused(t, outcomeOf(items[0]), 'ResponseTooLarge', /longer than the 200 bytes allowed/);
  const exact = (await client.exchange(encodeRequest({ version: 104, header: {}, items: [get] }))).length;
  const fits = await send(client, [get], { MaximumResponseSize: exact });
  t.is(outcomeOf(fits.items[0]).status, 'Success');
  const short = await send(client, [get], { MaximumResponseSize: exact - 1 });
  t.is(outcomeOf(short.items[0]).reason, 'ResponseTooLarge');
});

for (const version of [100, 101, 102, 103, 104]) {
  test(`the answer to a broken batch in version ${versionText(version)} is in that version`, async (t) => {
    const client = await server().connect();
    const broken = Buffer.from(encodeRequest({ version, header: {}, items: [item('Create', aesKey())] }));
    // The number of batch items, which is the last field of the header.
    broken.writeUInt32BE(7, broken.indexOf(Buffer.from('42000d02', 'hex')) + 8);
    const answer = decodeResponse(await client.exchange(broken));
    t.is(answer.version, version);
    assertRefused(t, outcomeOf(answer.items[0]), 'InvalidMessage', /BatchCount is 7/);
  });
}

test('a Client Correlation Value goes into the log, and into no answer', async (t) => {
  const log = createMemoryLog();
  const client = await (await startServer(t, { log })).connect();
  const header = { ClientCorrelationValue: 'request 17' };
  const discover = [item('DiscoverVersions', { ProtocolVersion: [] })];
  t.is((await send(client, discover, header)).header.ClientCorrelationValue, undefined);
  t.true(log.lines.some(({ fields }) => fields['correlation'] === 'request 17'));
});

/** Answers a batch of Get Attribute List; each item calls `act`. */
const answerLists = (count: number, act: () => void, isAdmitted = () => true) => {
  const describe = () => {
    act();
    throw new EdgeError('item-not-found', 'none');
  };
  const keys = { describe } as unknown as KeyService;
  const answer = createAnswerer({ uses: { seen: () => {} }, keys, clock: new FakeClock(), log: silentLog });
  const header = { BatchErrorContinuationOption: BatchErrorContinuationOption.Continue };
  const items = Array.from({ length: count }, () => item('GetAttributeList', { UniqueIdentifier: 'key' }));
  return answer(caller, encodeRequest({ version: 104, header, items }), isAdmitted);
};

test('a long batch gives others their turn', async (t) => {
  let turns = 0;
  const timer = setInterval(() => void turns++, 1);
  t.teardown(() => clearInterval(timer));
  await answerLists(30, () => {
    const end = performance.now() + 10;
    while (performance.now() < end);
  });
  t.true(turns >= 5, `${turns} turns`);
});

test('the rest of a batch is left undone once its client has lost its access', async (t) => {
  let done = 0;
  await answerLists(
    5,
    () => void done++,
    () => done < 2,
  );
  t.is(done, 2);
});
