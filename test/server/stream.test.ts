// What comes over an admitted connection, message by message: hostile bytes, many requests at once, a peer that does not
// read, requests in pieces. Other clients are served all the while.

import test, { type ExecutionContext } from 'ava';
import { Operation } from '../../src/kmip/enums.ts';
import { ItemType } from '../../src/kmip/item.ts';
import { decodeResponse, encodeRequest } from '../../src/kmip/message.ts';
import { Tag } from '../../src/kmip/tags.ts';
import { encodeItem } from '../../src/kmip/ttlv.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { vcenterMessages } from '../kmip/shared-messages.ts';
import { sharedTest } from '../kmip/shared-test.ts';
import { assertRefused, createKey, item, outcomeOf, payloadOf } from '../operations/exchange.ts';
import { openPeer, type Peer, taken } from './peer.ts';

const server = sharedServer({ clock: new FakeClock(Date.now()) });
const discover = encodeRequest({
  version: 101,
  header: {},
  items: [item('DiscoverVersions', { ProtocolVersion: [] })],
});

const open = (t: ExecutionContext): Promise<Peer> => {
  const { certificate, privateKey } = server().client;
  return openPeer(t, server().port, { cert: certificate, key: privateKey });
};
const getOf = (uid: string, id?: string): Buffer =>
  encodeRequest({ version: 104, header: {}, items: [item('Get', { UniqueIdentifier: uid }, id)] });

/** A structure around these bytes. */
const structure = (tag: number, inside: Buffer): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(tag * 256 + 1);
  head.writeUInt32BE(inside.length, 4);
  return Buffer.concat([head, inside]);
};

/** `depth` attribute values inside one another, the innermost empty. */
const nested = (depth: number): Buffer => {
  const bytes = Buffer.alloc(depth * 8);
  for (let level = 0; level < depth; level += 1) {
    bytes.writeUInt32BE(0x42000b01, level * 8);
    bytes.writeUInt32BE((depth - level - 1) * 8, level * 8 + 4);
  }
  return bytes;
};

/** A request that says it has `length` bytes. */
const claiming = (length: number): Buffer => {
  const head = Buffer.from('4200780100000000', 'hex');
  head.writeUInt32BE(length, 4);
  return head;
};

/** An operation whose payload holds these bytes. */
const withPayload = (operation: number, inside: Buffer): Buffer => {
  const RequestPayload = structure(Tag.RequestPayload, inside);
  return encodeRequest({ version: 104, header: {}, items: [{ Operation: operation, RequestPayload }] });
};

/** An Add Attribute whose value nests as deep as that. */
const deepAttribute = (depth: number): Buffer => {
  const name = encodeItem({ tag: Tag.AttributeName, type: ItemType.TextString, value: 'x-deep' });
  return withPayload(Operation.AddAttribute, structure(Tag.Attribute, Buffer.concat([name, nested(depth)])));
};

/** A Get whose Unique Identifier is a number. */
const wrongType = (): Buffer =>
  withPayload(Operation.Get, encodeItem({ tag: Tag.UniqueIdentifier, type: ItemType.Integer, value: 1 }));

const truncatedItem = (): Buffer => {
  const message = Buffer.from(discover);
  // The batch item claims more than the message has.
  message.writeUInt32BE(0x7fffffff, message.lastIndexOf(Buffer.from('42000f01', 'hex')) + 4);
  return message;
};

const cutOff: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['a message that claims to be longer than allowed', claiming(1024 * 1024)],
  ['a message that claims four gigabytes', claiming(0xffffffff)],
  ['a response in place of a request', Buffer.concat([Buffer.from('42007b0100000008', 'hex'), Buffer.alloc(8)])],
  ['a root that is no structure', Buffer.from('4200780200000004', 'hex')],
  ['a text', Buffer.from('hello, key server\r\n\r\n')],
  ['zeros', Buffer.alloc(64)],
];
for (const [what, bytes] of cutOff) {
  test(`${what} ends the connection at once`, async (t) => {
    const peer = await open(t);
    t.is(await peer.ask(bytes), undefined);
    t.truthy(await (await open(t)).ask(discover));
  });
}

const answered: readonly (readonly [what: string, bytes: Buffer, reason: string, text: RegExp])[] = [
  ['an empty message', claiming(0), 'MissingData', /RequestHeader is missing/],
  [
    'a message of garbage in the right frame',
    Buffer.concat([claiming(16), Buffer.alloc(16, 0xa5)]),
    'InvalidMessage',
    /./,
  ],
  ['a batch item that is longer than its message', truncatedItem(), 'InvalidMessage', /BatchItem has length/],
  ['an attribute nested 30 deep', deepAttribute(30), 'InvalidMessage', /more than 32 deep/],
  ['an attribute nested 100000 deep', deepAttribute(100_000), 'InvalidMessage', /more than 32 deep/],
  ['a payload field of the wrong type', wrongType(), 'InvalidMessage', /UniqueIdentifier/],
];
for (const [what, bytes, reason, text] of answered) {
  test(`${what} is answered with a KMIP error`, async (t) => {
    const answer = await (await open(t)).ask(bytes);
    if (!answer) return t.fail('closed without an answer');
    assertRefused(t, outcomeOf(decodeResponse(answer).items[0]), reason, text);
    t.truthy(await (await open(t)).ask(discover));
  });
}

test('sixty-four requests sent at once are answered in their order', async (t) => {
  const client = await server().connect();
  const uids = [await createKey(client), await createKey(client), 'nowhere'];
  const peer = await open(t);
  const requests = Array.from({ length: 64 }, (_, at) => getOf(uids[at % 3] ?? '', `item ${at}`));
  peer.socket.write(Buffer.concat(requests));
  for (let at = 0; at < 64; at += 1) {
    const [answer] = decodeResponse((await peer.next()) ?? Buffer.alloc(0)).items;
    t.is(answer?.UniqueBatchItemID?.toString(), `item ${at}`);
    if (at % 3 === 2) t.is(outcomeOf(answer).reason, 'ItemNotFound');
    else t.is(payloadOf('Get', answer).UniqueIdentifier, uids[at % 3] ?? '');
  }
});

test('a peer that never reads is not read from either, and gets all its answers once it does', async (t) => {
  const request = getOf(await createKey(await server().connect()), 'one');
  const block = Buffer.concat(Array.from({ length: 100 }, () => request));
  const peer = await open(t);
  peer.socket.pause();
  let sent = 0;
  // Without a bound this goes on for ever; what fits into the kernel's buffers is a few megabytes.
  while (sent < 64 * 1024 * 1024 && (await taken(peer.socket, block))) sent += block.length;
  t.true(sent < 64 * 1024 * 1024);
  t.truthy(await (await open(t)).ask(discover));
  peer.socket.resume();
  for (let left = sent / request.length + 100; left > 0; left -= 1) {
    const answer = await peer.next();
    if (outcomeOf(decodeResponse(answer ?? Buffer.alloc(0)).items[0]).status !== 'Success') t.fail();
  }
  t.pass();
});

/** An answer with what differs between two Creates taken out. */
const comparable = (answer: Buffer | undefined): string | undefined =>
  answer?.toString('latin1').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'uid');

sharedTest('each recorded request in two pieces gives the same answer, wherever it is cut', async (t) => {
  const requests = vcenterMessages().filter(({ kind }) => kind === 'request');
  const peer = await open(t);
  for (const { name, bytes } of requests) {
    const whole = comparable(await peer.ask(bytes));
    t.truthy(whole, name);
    for (let at = 1; at < bytes.length; at += 1) {
      peer.socket.write(bytes.subarray(0, at));
      const answer = comparable(await peer.ask(bytes.subarray(at)));
      if (answer !== whole) return t.fail(`${name} cut at ${at}`);
    }
  }
});

sharedTest('a recorded request that comes byte by byte gives the same answer', async (t) => {
  const peer = await open(t);
  for (const { name, bytes } of vcenterMessages().filter(({ kind }) => kind === 'request')) {
    const whole = comparable(await peer.ask(bytes));
    for (let at = 0; at < bytes.length; at += 1) peer.socket.write(bytes.subarray(at, at + 1));
    t.is(comparable(await peer.next()), whole, name);
  }
});
