// Which payloads an operation has. The types of requests and responses follow from this table.

import type { Codec, Infer } from '../codec.ts';
import type { Operation } from '../enums.ts';
import type { PreparedPayload } from '../payload.ts';
import { itemEnd } from '../reader.ts';
import type { Version } from '../version.ts';
import { ActivateRequest, ActivateResponse } from './activate.ts';
import { AddAttributeRequest, AddAttributeResponse } from './add-attribute.ts';
import { AdjustAttributeRequest, AdjustAttributeResponse } from './adjust-attribute.ts';
import { ArchiveRequest, ArchiveResponse } from './archive.ts';
import { CheckRequest, CheckResponse } from './check.ts';
import { CreateRequest, CreateResponse } from './create.ts';
import { CreateKeyPairRequest, CreateKeyPairResponse } from './create-key-pair.ts';
import { DecryptRequest, DecryptResponse } from './decrypt.ts';
import { DeleteAttributeRequest, DeleteAttributeResponse } from './delete-attribute.ts';
import { DeriveKeyRequest, DeriveKeyResponse } from './derive-key.ts';
import { DestroyRequest, DestroyResponse } from './destroy.ts';
import { DiscoverVersionsRequest, DiscoverVersionsResponse } from './discover-versions.ts';
import { EncryptRequest, EncryptResponse } from './encrypt.ts';
import { ExportRequest, ExportResponse } from './export.ts';
import { GetRequest, GetResponse } from './get.ts';
import { GetAttributeListRequest, GetAttributeListResponse } from './get-attribute-list.ts';
import { GetAttributesRequest, GetAttributesResponse } from './get-attributes.ts';
import { GetUsageAllocationRequest, GetUsageAllocationResponse } from './get-usage-allocation.ts';
import { HashRequest, HashResponse } from './hash.ts';
import { ImportRequest, ImportResponse } from './import.ts';
import { InteropRequest, InteropResponse } from './interop.ts';
import { LocateRequest, LocateResponse } from './locate.ts';
import { LogRequest, LogResponse } from './log.ts';
import { MACRequest, MACResponse } from './mac.ts';
import { MACVerifyRequest, MACVerifyResponse } from './mac-verify.ts';
import { ModifyAttributeRequest, ModifyAttributeResponse } from './modify-attribute.ts';
import { ObtainLeaseRequest, ObtainLeaseResponse } from './obtain-lease.ts';
import { PingRequest, PingResponse } from './ping.ts';
import { QueryRequest, QueryResponse } from './query.ts';
import { ReKeyRequest, ReKeyResponse } from './re-key.ts';
import { ReKeyKeyPairRequest, ReKeyKeyPairResponse } from './re-key-key-pair.ts';
import { RecoverRequest, RecoverResponse } from './recover.ts';
import { RegisterRequest, RegisterResponse } from './register.ts';
import { RevokeRequest, RevokeResponse } from './revoke.ts';
import { RNGRetrieveRequest, RNGRetrieveResponse } from './rng-retrieve.ts';
import { RNGSeedRequest, RNGSeedResponse } from './rng-seed.ts';
import { SetAttributeRequest, SetAttributeResponse } from './set-attribute.ts';
import { SignRequest, SignResponse } from './sign.ts';
import { SignatureVerifyRequest, SignatureVerifyResponse } from './signature-verify.ts';

/** The operations whose payloads we know, by name. */
export const payloads = {
  Activate: { request: ActivateRequest, response: ActivateResponse },
  AddAttribute: { request: AddAttributeRequest, response: AddAttributeResponse },
  AdjustAttribute: { request: AdjustAttributeRequest, response: AdjustAttributeResponse },
  Archive: { request: ArchiveRequest, response: ArchiveResponse },
  Check: { request: CheckRequest, response: CheckResponse },
  Create: { request: CreateRequest, response: CreateResponse },
  CreateKeyPair: { request: CreateKeyPairRequest, response: CreateKeyPairResponse },
  Decrypt: { request: DecryptRequest, response: DecryptResponse },
  DeleteAttribute: { request: DeleteAttributeRequest, response: DeleteAttributeResponse },
  DeriveKey: { request: DeriveKeyRequest, response: DeriveKeyResponse },
  Destroy: { request: DestroyRequest, response: DestroyResponse },
  DiscoverVersions: { request: DiscoverVersionsRequest, response: DiscoverVersionsResponse },
  Encrypt: { request: EncryptRequest, response: EncryptResponse },
  Export: { request: ExportRequest, response: ExportResponse },
  Get: { request: GetRequest, response: GetResponse },
  GetAttributeList: { request: GetAttributeListRequest, response: GetAttributeListResponse },
  GetAttributes: { request: GetAttributesRequest, response: GetAttributesResponse },
  GetUsageAllocation: { request: GetUsageAllocationRequest, response: GetUsageAllocationResponse },
  Hash: { request: HashRequest, response: HashResponse },
  Import: { request: ImportRequest, response: ImportResponse },
  Interop: { request: InteropRequest, response: InteropResponse },
  Locate: { request: LocateRequest, response: LocateResponse },
  Log: { request: LogRequest, response: LogResponse },
  MAC: { request: MACRequest, response: MACResponse },
  MACVerify: { request: MACVerifyRequest, response: MACVerifyResponse },
  ModifyAttribute: { request: ModifyAttributeRequest, response: ModifyAttributeResponse },
  ObtainLease: { request: ObtainLeaseRequest, response: ObtainLeaseResponse },
  Ping: { request: PingRequest, response: PingResponse },
  Query: { request: QueryRequest, response: QueryResponse },
  Recover: { request: RecoverRequest, response: RecoverResponse },
  Register: { request: RegisterRequest, response: RegisterResponse },
  ReKey: { request: ReKeyRequest, response: ReKeyResponse },
  ReKeyKeyPair: { request: ReKeyKeyPairRequest, response: ReKeyKeyPairResponse },
  Revoke: { request: RevokeRequest, response: RevokeResponse },
  RNGRetrieve: { request: RNGRetrieveRequest, response: RNGRetrieveResponse },
  RNGSeed: { request: RNGSeedRequest, response: RNGSeedResponse },
  SetAttribute: { request: SetAttributeRequest, response: SetAttributeResponse },
  Sign: { request: SignRequest, response: SignResponse },
  SignatureVerify: { request: SignatureVerifyRequest, response: SignatureVerifyResponse },
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
