// Requests and responses: what is kept, what is refused and how, and what a version hides.

import test from 'ava';
import { EdgeError, type ErrorKind } from '../../src/errors.ts';
import { CredentialType, Operation, ResultReason, ResultStatus } from '../../src/kmip/enums.ts';
import { type Item, ItemType } from '../../src/kmip/item.ts';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../../src/kmip/message.ts';
import {
  decodePayload,
  decodeResponsePayload,
  type PayloadOperation,
  payloads,
  requestPayload,
  responsePayload,
} from '../../src/kmip/payloads/table.ts';
import { Tag } from '../../src/kmip/tags.ts';
import { decodeItem, encodeItem } from '../../src/kmip/ttlv.ts';
import { V1_0, V1_1, V1_2, V1_4 } from '../../src/kmip/version.ts';
import { peekVersion } from '../../src/kmip/version-peek.ts';
import { sampleFailure, sampleRequest, sampleRequests, sampleResponse, sampleResponses } from './sample-messages.ts';

const T = ItemType;
const structure = (tag: number, ...value: readonly Item[]): Item => ({ tag, type: T.Structure, value });
const integer = (tag: number, value: number): Item => ({ tag, type: T.Integer, value });
const enumeration = (tag: number, value: number): Item => ({ tag, type: T.Enumeration, value });
const version = (major: number, minor: number): Item =>
  structure(Tag.ProtocolVersion, integer(Tag.ProtocolVersionMajor, major), integer(Tag.ProtocolVersionMinor, minor));
const header = (...more: readonly Item[]): Item =>
  structure(Tag.RequestHeader, version(1, 4), ...more, integer(Tag.BatchCount, 1));
const get = structure(
  Tag.BatchItem,
  enumeration(Tag.Operation, Operation.Get),
  structure(Tag.RequestPayload, { tag: Tag.UniqueIdentifier, type: T.TextString, value: 'a' }),
);
const request = (...children: readonly Item[]): Buffer => encodeItem(structure(Tag.RequestMessage, ...children));

for (const operation of Object.keys(payloads) as readonly PayloadOperation[]) {
  test(`${operation}: request and response decode to what was encoded`, (t) => {
    const { items, version } = decodeRequest(sampleRequest(operation));
    t.is(items.length, 1);
    t.is(items[0]?.Operation, Operation[operation]);
    const slice = items[0]?.RequestPayload ?? Buffer.alloc(0);
    t.deepEqual<unknown, unknown>(decodePayload(operation, slice, version), sampleRequests[operation]);
    const answer = decodeResponse(sampleResponse(operation));
    const payload = answer.items[0]?.ResponsePayload ?? Buffer.alloc(0);
    t.deepEqual<unknown, unknown>(decodeResponsePayload(operation, payload, version), sampleResponses[operation]);
    t.is(answer.header.TimeStamp, 1_700_000_000);
  });
}

const refusals: readonly (readonly [string, Buffer, ErrorKind, string])[] = [
  ['a response', sampleResponse('Get'), 'invalid-message', 'ResponseMessage found, RequestMessage expected'],
  ['no header', request(get), 'missing-data', 'RequestMessage: RequestHeader is missing'],
  [
    'no version',
    request(structure(Tag.RequestHeader, integer(Tag.BatchCount, 1)), get),
    'missing-data',
    'RequestHeader: ProtocolVersion is missing',
  ],
  [
    'a negative version',
    request(structure(Tag.RequestHeader, version(-1, 0), integer(Tag.BatchCount, 1)), get),
    'invalid-field',
    'ProtocolVersion is out of range',
  ],
  [
    'no batch count',
    request(structure(Tag.RequestHeader, version(1, 0)), get),
    'missing-data',
    'RequestHeader: BatchCount is missing',
  ],
  [
    'fewer items than counted',
    request(header()),
    'invalid-message',
    'BatchCount is 1 where the message has 0 batch items',
  ],
  [
    'more items than counted',
    request(header(), get, get),
    'invalid-message',
    'BatchCount is 1 where the message has 2 batch items',
  ],
  ['two headers', request(header(), header(), get), 'invalid-message', 'RequestMessage: RequestHeader comes twice'],
  [
    'an item without operation',
    request(header(), structure(Tag.BatchItem, structure(Tag.RequestPayload))),
    'missing-data',
    'BatchItem: Operation is missing',
  ],
  [
    'an item without payload',
    request(header(), structure(Tag.BatchItem, enumeration(Tag.Operation, 1))),
    'missing-data',
    'BatchItem: RequestPayload is missing',
  ],
  [
    'an operation of the wrong type',
    request(header(), structure(Tag.BatchItem, integer(Tag.Operation, 1), structure(Tag.RequestPayload))),
    'invalid-message',
    'Operation: Integer found, Enumeration expected',
  ],
  [
    'a batch error option out of table',
    request(header(enumeration(Tag.BatchErrorContinuationOption, 9)), get),
    'invalid-field',
    'BatchErrorContinuationOption: 0x00000009 is not a value of this enumeration',
  ],
  [
    'a time stamp beyond the calendar',
    request(header({ tag: Tag.TimeStamp, type: T.DateTime, value: 8_640_000_000_001n }), get),
    'invalid-field',
    'TimeStamp: the date 8640000000001 is out of range',
  ],
  [
    'an authentication without credential',
    request(header(structure(Tag.Authentication)), get),
    'missing-data',
    'Authentication: Credential is missing',
  ],
  [
    'trailing bytes',
    Buffer.concat([sampleRequest('Get'), Buffer.alloc(8)]),
    'invalid-message',
    '8 bytes follow the message',
  ],
];

for (const [name, bytes, kind, message] of refusals) {
  test(`a request with ${name}: refused`, (t) => {
    const error = t.throws(() => decodeRequest(bytes), { instanceOf: EdgeError });
    t.deepEqual([error?.kind, error?.message], [kind, message]);
  });
}

test('a bad payload fails its own batch item alone', (t) => {
  const bad = structure(
    Tag.BatchItem,
    enumeration(Tag.Operation, Operation.Create),
    structure(Tag.RequestPayload, enumeration(Tag.ObjectType, 2)),
  );
  const counted = structure(Tag.RequestHeader, version(1, 2), integer(Tag.BatchCount, 2));
  const { items, version: stated } = decodeRequest(request(counted, bad, get));
  const [create, fetch] = items.map(({ RequestPayload }) => RequestPayload);
  const error = t.throws(() => decodePayload('Create', create ?? Buffer.alloc(0), stated), { instanceOf: EdgeError });
  t.deepEqual([error?.kind, error?.message], ['missing-data', 'RequestPayload: TemplateAttribute is missing']);
  t.deepEqual(decodePayload('Get', fetch ?? Buffer.alloc(0), stated), { UniqueIdentifier: 'a' });
});

test('a payload whose length is no multiple of eight: refused', (t) => {
  const bytes = Buffer.from(sampleRequest('Get'));
  const at = bytes.indexOf(Buffer.from('42007901', 'hex'));
  bytes.writeUInt32BE(bytes.readUInt32BE(at + 4) - 1, at + 4);
  t.throws(() => decodeRequest(bytes), { message: 'RequestPayload has length 63, not a multiple of 8' });
});

test('a version before 1.0 still needs what every version needs', (t) => {
  const old = request(structure(Tag.RequestHeader, version(0, 9)), get);
  t.throws(() => decodeRequest(old), { message: 'RequestHeader: BatchCount is missing' });
});

test('an operation that the standard does not have is left to the operations', (t) => {
  const item = structure(Tag.BatchItem, enumeration(Tag.Operation, 0x8000_0001), structure(Tag.RequestPayload));
  t.is(decodeRequest(request(header(), item)).items[0]?.Operation, 0x8000_0001);
});

test('children come in any order and unknown ones are passed over', (t) => {
  const odd = structure(0x540001, { tag: 0x540002, type: T.TextString, value: 'vendor' });
  const turned = structure(
    Tag.BatchItem,
    odd,
    structure(Tag.RequestPayload, odd),
    { tag: Tag.UniqueBatchItemID, type: T.ByteString, value: Buffer.from('id') },
    enumeration(Tag.Operation, Operation.Get),
  );
  const { items } = decodeRequest(request(turned, odd, header(odd)));
  t.is(items[0]?.Operation, Operation.Get);
  t.deepEqual(items[0]?.UniqueBatchItemID, Buffer.from('id'));
  t.deepEqual(decodePayload('Get', items[0]?.RequestPayload ?? Buffer.alloc(0), V1_4), {});
});

test('fields newer than the message are neither written nor read', (t) => {
  const fields = { ClientCorrelationValue: 'c', AttestationCapableIndicator: true, AttestationType: [1] } as const;
  const item = { Operation: Operation.Get, RequestPayload: requestPayload('Get', { KeyWrapType: 1 }) } as const;
  const at = (stated: number) => decodeRequest(encodeRequest({ version: stated, header: fields, items: [item] }));
  t.is(at(V1_4).header.ClientCorrelationValue, 'c');
  t.is(at(V1_2).header.ClientCorrelationValue, undefined);
  t.deepEqual([at(V1_2).header.AttestationType, at(V1_1).header.AttestationType], [[1], []]);
  const newer = at(V1_4).items[0]?.RequestPayload ?? Buffer.alloc(0);
  t.deepEqual([decodePayload('Get', newer, V1_4), decodePayload('Get', newer, V1_1)], [{ KeyWrapType: 1 }, {}]);
});

test('a field newer than the message may even be malformed', (t) => {
  const bytes = encodeItem(structure(Tag.RequestPayload, integer(Tag.KeyWrapType, 1)));
  t.deepEqual(decodePayload('Get', bytes, V1_0), {});
  t.throws(() => decodePayload('Get', bytes, V1_4), { message: 'KeyWrapType: Integer found, Enumeration expected' });
});

test('a user name and password are typed, other credentials stay items', (t) => {
  const device = structure(Tag.CredentialValue, { tag: Tag.MachineIdentifier, type: T.TextString, value: 'm' });
  const Credential = [
    { CredentialType: CredentialType.UsernameAndPassword, CredentialValue: { Username: 'u', Password: 'p' } },
    { CredentialType: CredentialType.Device, CredentialValue: device },
  ] as const;
  const sent = encodeRequest({ version: V1_4, header: { Authentication: { Credential } }, items: [] });
  t.deepEqual<unknown, unknown>(decodeRequest(sent).header.Authentication, { Credential });
});

test('a failure carries reason and message, and may lack the operation', (t) => {
  const { header, items } = decodeResponse(sampleFailure());
  t.is(header.ServerCorrelationValue, 's');
  t.is(items[0]?.Operation, undefined);
  t.is(items[0]?.ResultStatus, ResultStatus.OperationFailed);
  t.is(items[0]?.ResultReason, ResultReason.ItemNotFound);
  t.is(items[0]?.ResultMessage, 'no such object');
  t.is(items[0]?.MessageExtension?.VendorIdentification, 'v');
});

test('a payload that is already encoded is sent as it is', (t) => {
  const first = decodeResponse(sampleResponse('Get'));
  t.deepEqual(encodeResponse(first), sampleResponse('Get'));
});

test('an answer larger than the first buffer is whole', (t) => {
  const UniqueIdentifier = Array.from({ length: 5000 }, (_, at) => `object ${at}`);
  const payload = responsePayload('Locate', { LocatedItems: 5000, UniqueIdentifier });
  const item = { Operation: Operation.Locate, ResultStatus: ResultStatus.Success, ResponsePayload: payload };
  const { items } = decodeResponse(encodeResponse({ version: V1_4, header: { TimeStamp: 0 }, items: [item] }));
  const slice = items[0]?.ResponsePayload ?? Buffer.alloc(0);
  t.deepEqual(decodeResponsePayload('Locate', slice, V1_4).UniqueIdentifier, UniqueIdentifier);
});

test('the version of a broken request is found, and none where there is none', (t) => {
  t.is(peekVersion(request(structure(Tag.RequestHeader, version(1, 2)), integer(1, 1))), V1_2);
  t.is(peekVersion(request(structure(Tag.RequestHeader, version(3, 0)))), 300);
  t.is(peekVersion(Buffer.from('GET / HTTP/1.1\r\n\r\n')), undefined);
  t.is(peekVersion(Buffer.alloc(0)), undefined);
  t.is(peekVersion(request(get)), undefined);
});

test('what we send lacks a required field: our own error, which names it', (t) => {
  const payload = { codec: payloads.Get.response, value: { UniqueIdentifier: 'a' } };
  const item = { ResultStatus: ResultStatus.Success, ResponsePayload: payload };
  const error = t.throws(() => encodeResponse({ version: V1_4, header: { TimeStamp: 0 }, items: [item] }), {
    instanceOf: EdgeError,
  });
  t.deepEqual([error?.kind, error?.message], ['internal', 'ResponsePayload: ObjectType is missing from what we send']);
});

test('decoding leaves the message as it was', (t) => {
  const bytes = sampleRequest('Register');
  const before = Buffer.from(bytes);
  decodePayload('Register', decodeRequest(bytes).items[0]?.RequestPayload ?? Buffer.alloc(0), V1_4);
  decodeItem(bytes);
  t.deepEqual(bytes, before);
});
