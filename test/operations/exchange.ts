// One operation or one batch over a real connection, with the answer as the client sees it: status, reason and text
// instead of an exception.

import type { ExecutionContext } from 'ava';
import type { KmipClient } from '../../src/cli/kmip-client.ts';
import { attribute } from '../../src/kmip/attributes.ts';
import { CryptographicAlgorithm, ObjectType, Operation, ResultReason, ResultStatus } from '../../src/kmip/enums.ts';
import {
  decodeResponse,
  encodeRequest,
  type OutgoingRequest,
  type OutgoingRequestItem,
  type Response,
  type ResponseItem,
} from '../../src/kmip/message.ts';
import {
  decodeResponsePayload,
  type PayloadOperation,
  type RequestPayload,
  type ResponsePayload,
  requestPayload,
} from '../../src/kmip/payloads/table.ts';
import { enumName } from '../../src/kmip/since.ts';
import type { Attribute, TemplateAttribute } from '../../src/kmip/template-attribute.ts';
import { V1_4, type Version } from '../../src/kmip/version.ts';

/** A batch item for one operation. */
export const item = <O extends PayloadOperation>(
  operation: O,
  payload: RequestPayload<O>,
  id?: string,
): OutgoingRequestItem => ({
  Operation: Operation[operation],
  UniqueBatchItemID: id === undefined ? undefined : Buffer.from(id),
  RequestPayload: requestPayload(operation, payload),
});

/** Sends a batch. */
export const send = async (
  client: KmipClient,
  items: readonly OutgoingRequestItem[],
  header: OutgoingRequest['header'] = {},
  version: Version = V1_4,
): Promise<Response> => decodeResponse(await client.exchange(encodeRequest({ version, header, items })));

/** What became of one batch item, in the standard's words. */
export interface Outcome {
  readonly status: string;
  readonly reason?: string;
  readonly text?: string;
}

export const outcomeOf = (answer: ResponseItem | undefined): Outcome => ({
  status: enumName(ResultStatus, answer?.ResultStatus ?? -1),
  ...(answer?.ResultReason === undefined ? {} : { reason: enumName(ResultReason, answer.ResultReason) }),
  ...(answer?.ResultMessage === undefined ? {} : { text: answer.ResultMessage }),
});

/** The reason and text with which one operation is refused. */
export const refusal = async (
  client: KmipClient,
  request: OutgoingRequestItem,
  version: Version = V1_4,
): Promise<Outcome> => outcomeOf((await send(client, [request], {}, version)).items[0]);

/** Asserts that one operation is refused with this reason and a text that fits. */
export const assertRefused = (t: ExecutionContext, outcome: Outcome, reason: string, text: RegExp): void => {
  t.is(outcome.status, 'OperationFailed');
  t.is(outcome.reason, reason);
  t.regex(outcome.text ?? '', text);
};

/** The payload of a successful answer. */
export const payloadOf = <O extends PayloadOperation>(
  operation: O,
  answer: ResponseItem | undefined,
  version: Version = V1_4,
): ResponsePayload<O> => {
  if (!answer?.ResponsePayload) throw new Error(`${operation}: ${JSON.stringify(outcomeOf(answer))}`);
  return decodeResponsePayload(operation, answer.ResponsePayload, version);
};

/** A template with these attributes. */
export const templateOf = (...given: readonly Attribute[]): TemplateAttribute => ({ Name: [], Attribute: given });

/** Encrypt and Decrypt. */
export const usage = 12;
const aes = attribute('Cryptographic Algorithm', CryptographicAlgorithm.AES);

/** What asks for an AES key of 256 bits, with further attributes. */
export const aesKey = (...further: readonly Attribute[]): RequestPayload<'Create'> => ({
  ObjectType: ObjectType.SymmetricKey,
  TemplateAttribute: templateOf(
    aes,
    attribute('Cryptographic Length', 256),
    attribute('Cryptographic Usage Mask', usage),
    ...further,
  ),
});

/** Creates an AES key and gives its unique identifier. */
export const createKey = async (client: KmipClient, ...further: readonly Attribute[]): Promise<string> =>
  (await client.request('Create', aesKey(...further))).UniqueIdentifier;

/** A Name attribute with this text. */
export const nameOf = (value: string): Attribute => attribute('Name', { NameValue: value, NameType: 1 });

/** The key bytes of a Get. */
export const keyBytes = async (client: KmipClient, uid: string): Promise<Buffer> => {
  const { SymmetricKey: key } = await client.request('Get', { UniqueIdentifier: uid });
  const value = key?.KeyBlock.KeyValue;
  if (!value || Buffer.isBuffer(value) || !Buffer.isBuffer(value.KeyMaterial)) throw new Error('no plain key');
  return value.KeyMaterial;
};

/** The attributes of these names. */
export const attributesOf = async (
  client: KmipClient,
  uid: string,
  names: readonly string[],
): Promise<readonly Attribute[]> =>
  (await client.request('GetAttributes', { UniqueIdentifier: uid, AttributeName: names })).Attribute;
