// Requests and responses (KMIP 1.4 sections 6 and 7). A decoded message leaves every payload undecoded, so that a bad one
// fails its own batch item alone; an encoded message is written in one pass into one buffer, in the version it states,
// a response item by item as they come.

import {
  bytes,
  type Codec,
  enumeration,
  expectTag,
  type Infer,
  openEnumeration,
  type Source,
  text,
  undecoded,
} from './codec.ts';
import { ResultStatus } from './enums.ts';
import { MessageExtension, RequestHeader, ResponseHeader } from './header.ts';
import { payload } from './payload.ts';
import { invalidMessage, itemEnd } from './reader.ts';
import { many, one, optional, struct } from './schema.ts';
import { Tag } from './tags.ts';
import { type Version, versionParts } from './version.ts';
import { protocolVersionOf } from './version-peek.ts';
import { Writer } from './writer.ts';

/** Section 7.2, table 283. */
const requestItem = <P>(payload: Codec<P>) =>
  struct({
    Operation: one(openEnumeration),
    UniqueBatchItemID: optional(bytes),
    RequestPayload: one(payload),
    MessageExtension: optional(MessageExtension),
  });

/** Section 7.2, table 285. */
const responseItem = <P>(payload: Codec<P>) =>
  struct({
    Operation: optional(openEnumeration),
    UniqueBatchItemID: optional(bytes),
    ResultStatus: one(enumeration(ResultStatus)),
    ResultReason: optional(openEnumeration),
    ResultMessage: optional(text),
    AsynchronousCorrelationValue: optional(bytes),
    ResponsePayload: optional(payload),
    MessageExtension: optional(MessageExtension),
  });

const RequestItem = requestItem(undecoded);
const ResponseItem = responseItem(undecoded);
const OutgoingRequestItem = requestItem(payload);
const OutgoingResponseItem = responseItem(payload);

/** A batch item as received: its payload is a view of the message, header included, for `decodePayload`. */
export type RequestItem = Infer<typeof RequestItem>;
export type ResponseItem = Infer<typeof ResponseItem>;
/** A batch item to send: its payload is `requestPayload(…)`/`responsePayload(…)`, or already encoded. */
export type OutgoingRequestItem = Infer<typeof OutgoingRequestItem>;
export type OutgoingResponseItem = Infer<typeof OutgoingResponseItem>;

export interface Message<H, I> {
  readonly version: Version;
  readonly header: H;
  readonly items: readonly I[];
}
export type Request = Message<RequestHeader, RequestItem>;
export type Response = Message<ResponseHeader, ResponseItem>;
/** Header lists may be left out of what we send. */
export type OutgoingRequest = Message<Sendable<RequestHeader>, OutgoingRequestItem>;
export type OutgoingResponse = Message<Sendable<ResponseHeader>, OutgoingResponseItem>;
type Sendable<H> = Omit<H, 'AttestationType'> & { readonly AttestationType?: readonly number[] };

const RequestMessage = struct({ RequestHeader: one(RequestHeader), BatchItem: many(RequestItem) });
const ResponseMessage = struct({ ResponseHeader: one(ResponseHeader), BatchItem: many(ResponseItem) });
const OutgoingRequestMessage = struct({ RequestHeader: one(RequestHeader), BatchItem: many(OutgoingRequestItem) });

/**
 * Decodes a request message (section 7.1), payloads excepted. The values share memory with `bytes`; `version` is the
 * message's where the caller has read it already. Throws `invalid-message`, `missing-data` or `invalid-field`.
 */
export const decodeRequest = (bytes: Buffer, version?: Version): Request => {
  const source = open(bytes, Tag.RequestMessage, version);
  const { RequestHeader: header, BatchItem: items } = RequestMessage.decode(source, 0);
  checkCount(header.BatchCount, items.length);
  return { version: source.version, header, items };
};

/** Decodes a response message (section 7.1), payloads excepted, as {@link decodeRequest} does. */
export const decodeResponse = (bytes: Buffer): Response => {
  const source = open(bytes, Tag.ResponseMessage);
  const { ResponseHeader: header, BatchItem: items } = ResponseMessage.decode(source, 0);
  checkCount(header.BatchCount, items.length);
  return { version: source.version, header, items };
};

/** Encodes a request message in its version: fields newer than that are left out. */
export const encodeRequest = ({ version, header, items }: OutgoingRequest): Buffer => {
  const writer = new Writer(version);
  OutgoingRequestMessage.encode(writer, Tag.RequestMessage, {
    RequestHeader: { AttestationType: [], ...header, ...derived(version, items) },
    BatchItem: items,
  });
  return writer.finish();
};

/** Encodes a response message in its version, which has to be the request's (section 6.1). */
export const encodeResponse = ({ version, header, items }: OutgoingResponse): Buffer => {
  const writer = new ResponseWriter(version, header);
  for (const item of items) writer.add(item);
  return writer.finish();
};

/** A response message whose items are not known yet: what one holds need not be kept once it is added. */
export class ResponseWriter {
  readonly #writer: Writer;
  readonly #start: number;
  readonly #headerEnd: number;
  #items = 0;

  constructor(version: Version, header: OutgoingResponse['header']) {
    this.#writer = new Writer(version);
    this.#start = this.#writer.open(Tag.ResponseMessage);
    const full = { AttestationType: [], ...header, ...derived(version, []) };
    ResponseHeader.encode(this.#writer, Tag.ResponseHeader, full);
    this.#headerEnd = this.#writer.length;
  }

  /** How many bytes the message has by now. */
  get length(): number {
    return this.#writer.length;
  }

  add(item: OutgoingResponseItem): void {
    OutgoingResponseItem.encode(this.#writer, Tag.BatchItem, item);
    this.#items++;
  }

  /** The message: a view of the writer's buffer, to which nothing may be added any more. */
  finish(): Buffer {
    // Batch Count is the last field of the header.
    this.#writer.replaceInteger(this.#headerEnd, this.#items);
    this.#writer.close(this.#start);
    return this.#writer.finish();
  }
}

const derived = (version: Version, items: readonly unknown[]) => ({
  ProtocolVersion: versionParts(version),
  BatchCount: items.length,
});

const open = (bytes: Buffer, root: number, version?: Version): Source => {
  const end = itemEnd(bytes, 0, bytes.length);
  expectTag(bytes, 0, root);
  if (end !== bytes.length) throw invalidMessage(`${bytes.length - end} bytes follow the message`);
  return { bytes, version: version ?? protocolVersionOf(bytes), depth: 0 };
};

/** Section 6.14. */
const checkCount = (count: number, items: number): void => {
  if (count !== items) throw invalidMessage(`BatchCount is ${count} where the message has ${items} batch items`);
};
