// KMIP over HTTPS on the KMIP port: the same answers in three encodings, and what is no request for KMIP.

import { Agent, request as httpsRequest } from 'node:https';
import test from 'ava';
import { customAttribute } from '../../src/kmip/attributes.ts';
import { BatchErrorContinuationOption, Operation, ResultStatus } from '../../src/kmip/enums.ts';
import { ItemType } from '../../src/kmip/item.ts';
import {
  decodeResponse,
  encodeRequest,
  type OutgoingRequest,
  type OutgoingRequestItem,
} from '../../src/kmip/message.ts';
import { decodeResponsePayload } from '../../src/kmip/payloads/table.ts';
import { Tag } from '../../src/kmip/tags.ts';
import { readJson, writeJson } from '../../src/kmip/text/json.ts';
import { readXml, writeXml } from '../../src/kmip/text/xml.ts';
import { decodeItem, encodeItem } from '../../src/kmip/ttlv.ts';
import { supportedVersions, versionText } from '../../src/kmip/version.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { aesKey, createKey, item, keyBytes, nameOf, type Outcome, outcomeOf } from '../operations/exchange.ts';
import { endsWithin, openPeer } from './peer.ts';

const server = sharedServer({ settings: { 'kmip.messageTimeout': '5 s' } });

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly type?: string;
  readonly body?: Buffer | string;
  readonly agent?: Agent;
}
interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

const ask = ({ method = 'POST', path = '/kmip', type = 'application/octet-stream', body = '', agent }: Asked) =>
  new Promise<Answered>((resolve, reject) => {
    const { certificate: cert, privateKey: key, authority: ca } = server().client;
    const headers = { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), 'Cache-Control': 'no-cache' };
    const sent = httpsRequest(
      { host: '127.0.0.1', port: server().port, method, path, headers, cert, key, ca, ...(agent ? { agent } : {}) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });

const encodings = {
  'application/octet-stream': { write: (message: Buffer) => message, read: (body: Buffer) => body },
  'text/xml': {
    write: (message: Buffer) => writeXml(decodeItem(message)),
    read: (body: Buffer) => encodeItem(readXml(body.toString())),
  },
  'application/json': {
    write: (message: Buffer) => writeJson(decodeItem(message)),
    read: (body: Buffer) => encodeItem(readJson(body.toString())),
  },
} as const;

for (const [type, { read, write }] of Object.entries(encodings)) {
  for (const version of supportedVersions) {
    test(`a key is made and given in ${type}, version ${versionText(version)}, and is the same over TTLV`, async (t) => {
      const items = [item('Create', aesKey()), item('Get', {})];
      const { status, headers, body } = await ask({ type, body: write(encodeRequest({ version, header: {}, items })) });
      t.is(status, 200);
      t.like(headers, { 'content-type': type, 'content-length': String(body.length), 'cache-control': 'no-cache' });
      const answer = decodeResponse(read(body));
      t.is(answer.version, version);
      t.deepEqual(
        answer.items.map(({ Operation: operation, ResultStatus: result }) => [operation, result]),
        [
          [Operation.Create, ResultStatus.Success],
          [Operation.Get, ResultStatus.Success],
        ],
      );
      const payload = answer.items[1]?.ResponsePayload;
      const got = payload && decodeResponsePayload('Get', payload, version);
      const value = got?.SymmetricKey?.KeyBlock.KeyValue;
      if (!got || !value || Buffer.isBuffer(value)) throw new Error('no key');
      t.deepEqual(value.KeyMaterial, await keyBytes(await server().connect(), got.UniqueIdentifier));
    });
  }
}

test('requests follow one another on one connection', async (t) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const body = encodeRequest({ version: 104, header: {}, items: [item('DiscoverVersions', { ProtocolVersion: [] })] });
  for (let count = 0; count < 3; count++) t.is((await ask({ body, agent })).status, 200);
  agent.destroy();
});

const refused: readonly (readonly [what: string, asked: Asked, status: number])[] = [
  ['another path', { path: '/' }, 404],
  ['another method', { method: 'PUT' }, 405],
  ['a type that is none of the three', { type: 'text/plain' }, 415],
  ['a type that every object has', { type: 'constructor' }, 415],
  ['XML that is none', { type: 'text/xml', body: '<a' }, 400],
  ['JSON that is none', { type: 'application/json', body: '[' }, 400],
  ['more than a message may have', { body: Buffer.alloc(2 * 1024 * 1024) }, 413],
];
for (const [what, asked, status] of refused) {
  test(`${what} is answered ${status}`, async (t) => {
    const answer = await ask(asked).catch((error: NodeJS.ErrnoException) => error);
    // A large body may still be on its way when the connection ends.
    if ('code' in answer && answer.code !== undefined) t.is(status, 413);
    else t.is('status' in answer ? answer.status : 0, status);
  });
}

test('bytes that are no KMIP message are answered in KMIP', async (t) => {
  const { status, body } = await ask({ body: Buffer.from('not KMIP') });
  t.is(status, 200);
  t.is(decodeResponse(body).items[0]?.ResultStatus, ResultStatus.OperationFailed);
});

test('a request that is begun and not ended is given up in time', async (t) => {
  const { certificate: cert, privateKey: key } = server().client;
  const peer = await openPeer(t, server().port, { cert, key });
  peer.socket.write('POST /kmip HTTP/1.1\r\nContent-Type: text/xml\r\n');
  t.true(await endsWithin(peer.socket, 20_000));
});

test('a certificate that is not admitted gets no HTTP answer', async (t) => {
  const foreign = await openPeer(t, server().port);
  foreign.socket.write('GET /kmip HTTP/1.1\r\n\r\n');
  t.true(await endsWithin(foreign.socket, 8000));
});

/** Bytes in TTLV; one answer beyond it is some 16 × 60000. */
const largestAsText = 1024 * 1024;
const big = customAttribute('x-big', {
  tag: Tag.AttributeValue,
  type: ItemType.Structure,
  value: Array.from({ length: 60_000 }, () => ({ tag: Tag.Operation, type: ItemType.Enumeration, value: 1 })),
});

const askBatch = async (
  type: keyof typeof encodings,
  items: readonly OutgoingRequestItem[],
  header: OutgoingRequest['header'],
) => {
  const { read, write } = encodings[type];
  const { body } = await ask({ type, body: write(encodeRequest({ version: 104, header, items })) });
  const message = read(body);
  return { length: message.length, outcomes: decodeResponse(message).items.map(outcomeOf) };
};

for (const type of ['text/xml', 'application/json'] as const) {
  test(`an answer in ${type} is ended sooner than one in TTLV`, async (t) => {
    const client = await server().connect();
    const uid = await createKey(client);
    await client.request('AddAttribute', { UniqueIdentifier: uid, Attribute: big });
    const list = item('GetAttributes', { UniqueIdentifier: uid, AttributeName: ['x-big'] });
    const items = Array.from({ length: 4 }, () => list);
    const reasonsOf = ({ outcomes }: { readonly outcomes: readonly Outcome[] }) => outcomes.map(({ reason }) => reason);
    const goOn = { BatchErrorContinuationOption: BatchErrorContinuationOption.Continue };
    const ended = await askBatch(type, items, goOn);
    t.deepEqual(reasonsOf(ended), [undefined, undefined, 'ResponseTooLarge', 'ResponseTooLarge']);
    t.true(ended.length < 2 * largestAsText, `${ended.length} bytes`);
    t.deepEqual(new Set(reasonsOf(await askBatch('application/octet-stream', items, goOn))), new Set([undefined]));

    const least = await askBatch(type, items.slice(0, 2), { MaximumResponseSize: 1_000_000 });
    t.deepEqual(reasonsOf(least), ['ResponseTooLarge'], 'what the client allows is less');

    const made = nameOf(`made and taken back ${type}`);
    const undo = { BatchErrorContinuationOption: BatchErrorContinuationOption.Undo };
    const undone = await askBatch(type, [item('Create', aesKey(made)), ...items], undo);
    t.is(undone.outcomes.at(-1)?.reason, 'ResponseTooLarge');
    t.deepEqual((await client.request('Locate', { Attribute: [made] })).UniqueIdentifier, []);
  });
}
