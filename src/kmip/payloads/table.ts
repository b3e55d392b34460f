// Which payloads an operation has. The types of requests and responses follow from this table.

import type { Codec, Infer } from '../codec.ts';
import type { Operation } from '../enums.ts';
import type { PreparedPayload } from '../payload.ts';
import { itemEnd } from '../reader.ts';
import type { Version } from '../version.ts';
import { ActivateRequest, ActivateResponse } from './activate.ts';
import { AddAttributeRequest, AddAttributeResponse } from './add-attribute.ts';
import { CreateRequest, CreateResponse } from './create.ts';
import { DestroyRequest, DestroyResponse } from './destroy.ts';
import { DiscoverVersionsRequest, DiscoverVersionsResponse } from './discover-versions.ts';
import { GetRequest, GetResponse } from './get.ts';
import { GetAttributeListRequest, GetAttributeListResponse } from './get-attribute-list.ts';
import { GetAttributesRequest, GetAttributesResponse } from './get-attributes.ts';
import { LocateRequest, LocateResponse } from './locate.ts';
import { QueryRequest, QueryResponse } from './query.ts';
import { RegisterRequest, RegisterResponse } from './register.ts';
import { RevokeRequest, RevokeResponse } from './revoke.ts';

/** The operations whose payloads we know, by name. */
export const payloads = {
  Activate: { request: ActivateRequest, response: ActivateResponse },
  AddAttribute: { request: AddAttributeRequest, response: AddAttributeResponse },
  Create: { request: CreateRequest, response: CreateResponse },
  Destroy: { request: DestroyRequest, response: DestroyResponse },
  DiscoverVersions: { request: DiscoverVersionsRequest, response: DiscoverVersionsResponse },
  Get: { request: GetRequest, response: GetResponse },
  GetAttributeList: { request: GetAttributeListRequest, response: GetAttributeListResponse },
  GetAttributes: { request: GetAttributesRequest, response: GetAttributesResponse },
  Locate: { request: LocateRequest, response: LocateResponse },
  Query: { request: QueryRequest, response: QueryResponse },
  Register: { request: RegisterRequest, response: RegisterResponse },
  Revoke: { request: RevokeRequest, response: RevokeResponse },
} as const satisfies Partial<Record<keyof typeof Operation, unknown>>;

export type PayloadOperation = keyof typeof payloads;
export type RequestPayload<O extends PayloadOperation> = Infer<(typeof payloads)[O]['request']>;
export type ResponsePayload<O extends PayloadOperation> = Infer<(typeof payloads)[O]['response']>;

/** True when `name` is an operation of the table. */
export const isPayloadOperation = (name: string): name is PayloadOperation => Object.hasOwn(payloads, name);

/** Two structures are around a payload: the message and the batch item. */
const depth = 2;

/** Decodes the request payload of a batch item, given as `decodeRequest` left it. */
export const decodePayload = <O extends PayloadOperation>(
  operation: O,
  slice: Buffer,
  version: Version,
): RequestPayload<O> => decodeSlice<RequestPayload<O>>(payloads[operation].request, slice, version);

/** Decodes the response payload of a batch item, given as `decodeResponse` left it. */
export const decodeResponsePayload = <O extends PayloadOperation>(
  operation: O,
  slice: Buffer,
  version: Version,
): ResponsePayload<O> => decodeSlice<ResponsePayload<O>>(payloads[operation].response, slice, version);

const decodeSlice = <T>(codec: Codec<unknown>, slice: Buffer, version: Version): T => {
  itemEnd(slice, 0, slice.length);
  return codec.decode({ bytes: slice, version, depth }, 0) as T;
};

/** A request payload to send: for the batch items of `encodeRequest`. */
export const requestPayload = <O extends PayloadOperation>(
  operation: O,
  value: RequestPayload<O>,
): PreparedPayload => ({ codec: payloads[operation].request, value });

/** A response payload to send: for the batch items of `encodeResponse`. */
export const responsePayload = <O extends PayloadOperation>(
  operation: O,
  value: ResponsePayload<O>,
): PreparedPayload => ({ codec: payloads[operation].response, value });
