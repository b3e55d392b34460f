// One request of one batch item and the checks that its answer has to pass before anything in it is used. An answer
// that fails a check is thrown as whatever error is at hand: the connection turns it into a LinkError and ends, because
// after it nothing on that connection can be matched to a request.

import { EdgeError } from '../../errors.ts';
import { Operation, ResultStatus } from '../../kmip/enums.ts';
import { decodeResponse, encodeRequest, type ResponseItem } from '../../kmip/message.ts';
import {
  decodeResponsePayload,
  type PayloadOperation,
  type RequestPayload,
  type ResponsePayload,
  requestPayload,
} from '../../kmip/payloads/table.ts';
import { enumName } from '../../kmip/since.ts';
import { type Version, versionText } from '../../kmip/version.ts';
import { Refusal } from './refusal.ts';

/** What an answer is held against. */
export interface Asked {
  readonly version: Version;
  /** The Unique Batch Item ID that was sent. */
  readonly id: Buffer;
}

export interface Exchange<T> {
  readonly operation: PayloadOperation;
  /** True for what changes something: it gets a connection to itself, so that no other request's fate touches it. */
  readonly alone: boolean;
  encode(asked: Asked): Buffer;
  /** What the answer says. Throws a {@link Refusal}, or anything else where it cannot be believed. */
  read(message: Buffer, asked: Asked): T;
}

/** For answers that no honest endpoint gives. */
export const unbelievable = (problem: string): EdgeError => new EdgeError('invalid-message', problem);

export interface ExchangeParts<O extends PayloadOperation, T> {
  readonly operation: O;
  readonly alone: boolean;
  /** The payload in `version`. */
  readonly request: (version: Version) => RequestPayload<O>;
  readonly check: (payload: ResponsePayload<O>, version: Version) => T;
}

/** The exchange of an operation; `check` takes out what is wanted, and throws where the payload does not fit. */
export const exchangeOf = <O extends PayloadOperation, T>(parts: ExchangeParts<O, T>): Exchange<T> => ({
  operation: parts.operation,
  alone: parts.alone,
  encode: ({ version, id }) => {
    const RequestPayload = requestPayload(parts.operation, parts.request(version));
    const item = { Operation: Operation[parts.operation], UniqueBatchItemID: id, RequestPayload };
    return encodeRequest({ version, header: {}, items: [item] });
  },
  read: (message, asked) => {
    const { item, version } = itemOf(parts.operation, message, asked);
    if (item.ResponsePayload === undefined) throw unbelievable('a success without a payload');
    return parts.check(decodeResponsePayload(parts.operation, item.ResponsePayload, version), version);
  },
});

/** The one item of an answer, which is a success. */
const itemOf = (operation: PayloadOperation, message: Buffer, asked: Asked) => {
  const { items, version } = decodeResponse(message);
  const [item] = items;
  if (item === undefined || items.length !== 1) throw unbelievable(`${items.length} batch items for one request`);
  if (version > asked.version) {
    throw unbelievable(`KMIP ${versionText(version)} where ${versionText(asked.version)} was asked for`);
  }
  checkIdentity(operation, item, asked);
  if (item.ResultStatus === ResultStatus.Success) return { item, version };
  if (item.ResultStatus !== ResultStatus.OperationFailed) {
    throw unbelievable(`the result status ${enumName(ResultStatus, item.ResultStatus)}`);
  }
  throw new Refusal(operation, item.ResultReason, item.ResultMessage);
};

/** A failure may leave both out (KMIP 1.4 section 7.2); what is there has to be ours. */
const checkIdentity = (operation: PayloadOperation, item: ResponseItem, { id }: Asked): void => {
  const { Operation: answered, UniqueBatchItemID: echoed, ResultStatus: status } = item;
  if (echoed !== undefined && !echoed.equals(id)) throw unbelievable('the batch item id of another request');
  const missing = answered === undefined && status === ResultStatus.Success;
  if (missing || (answered !== undefined && answered !== Operation[operation])) {
    throw unbelievable(`an answer to ${answered === undefined ? 'nothing' : enumName(Operation, answered)}`);
  }
};
