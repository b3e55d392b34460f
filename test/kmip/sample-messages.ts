// Messages made with our own encoder, one for each operation and direction: seeds for the property tests and the fuzzer
// where the shared messages are absent, and the messages that the frame tests cut up.

import { attribute, customAttribute } from '../../src/kmip/attributes.ts';
import {
  CredentialType,
  CryptographicAlgorithm,
  KeyFormatType,
  NameType,
  ObjectType,
  Operation,
  QueryFunction,
  ResultReason,
  ResultStatus,
  RevocationReasonCode,
} from '../../src/kmip/enums.ts';
import { ItemType } from '../../src/kmip/item.ts';
import { encodeRequest, encodeResponse } from '../../src/kmip/message.ts';
import {
  type PayloadOperation,
  type RequestPayload,
  type ResponsePayload,
  requestPayload,
  responsePayload,
} from '../../src/kmip/payloads/table.ts';
import { Tag } from '../../src/kmip/tags.ts';
import { V1_4, V2_1 } from '../../src/kmip/version.ts';

const uid = '5c2d1c9e-7d5e-4bd2-9d2f-3f1f0f3f6a11';
const custom = customAttribute('x-Product', { tag: Tag.AttributeValue, type: ItemType.TextString, value: 'vSphere é' });
const name = attribute('Name', { NameValue: 'key 1', NameType: NameType.UninterpretedTextString }, 0);
const key = {
  KeyBlock: {
    KeyFormatType: KeyFormatType.Raw,
    KeyValue: { KeyMaterial: Buffer.alloc(32, 7), Attribute: [] },
    CryptographicAlgorithm: CryptographicAlgorithm.AES,
    CryptographicLength: 256,
  },
} as const;
const bytes = Buffer.from('0102030405060708', 'hex');
const template = {
  Name: [],
  Attribute: [
    attribute('Cryptographic Algorithm', CryptographicAlgorithm.AES),
    attribute('Cryptographic Length', 256),
    attribute('Cryptographic Usage Mask', 12),
    attribute('Activation Date', 1_700_000_000),
    name,
    custom,
  ],
};

export const sampleRequests: { readonly [O in PayloadOperation]: RequestPayload<O> } = {
  AdjustAttribute: { UniqueIdentifier: uid, AttributeReference: 'Protection Period', AdjustmentType: 1 },
  Archive: { UniqueIdentifier: uid },
  Check: { UniqueIdentifier: uid, UsageLimitsCount: 5n, CryptographicUsageMask: 12, LeaseTime: 60 },
  CreateKeyPair: { CommonTemplateAttribute: template, PrivateKeyTemplateAttribute: { Name: [], Attribute: [name] } },
  Decrypt: { UniqueIdentifier: uid, Data: bytes, IVCounterNonce: bytes, AuthenticatedEncryptionTag: bytes },
  DeleteAttribute: { UniqueIdentifier: uid, AttributeName: 'x-Product', AttributeIndex: 1 },
  DeriveKey: {
    ObjectType: ObjectType.SymmetricKey,
    UniqueIdentifier: [uid],
    DerivationMethod: 1,
    DerivationParameters: { Salt: bytes, IterationCount: 1000 },
    TemplateAttribute: template,
  },
  Encrypt: { UniqueIdentifier: uid, CryptographicParameters: { BlockCipherMode: 1 }, Data: bytes },
  Export: { UniqueIdentifier: uid },
  GetUsageAllocation: { UniqueIdentifier: uid, UsageLimitsCount: 7n },
  Hash: { CryptographicParameters: { HashingAlgorithm: 6 }, Data: bytes },
  Import: {
    UniqueIdentifier: uid,
    ObjectType: ObjectType.SymmetricKey,
    ReplaceExisting: true,
    Attribute: [name],
    SymmetricKey: key,
  },
  Interop: { InteropFunction: 1, InteropIdentifier: 'BL-M-1-21' },
  Log: { LogMessage: 'a line' },
  MAC: { UniqueIdentifier: uid, Data: bytes },
  MACVerify: { UniqueIdentifier: uid, Data: bytes, MACData: bytes },
  ModifyAttribute: { UniqueIdentifier: uid, Attribute: custom },
  ObtainLease: { UniqueIdentifier: uid },
  Ping: {},
  RNGRetrieve: { DataLength: 32 },
  RNGSeed: { Data: bytes },
  ReKey: { UniqueIdentifier: uid, Offset: 3600, TemplateAttribute: template },
  ReKeyKeyPair: { PrivateKeyUniqueIdentifier: uid, Offset: 1 },
  Recover: { UniqueIdentifier: uid },
  SetAttribute: { UniqueIdentifier: uid, NewAttribute: custom },
  Sign: { UniqueIdentifier: uid, Data: bytes },
  SignatureVerify: { UniqueIdentifier: uid, Data: bytes, SignatureData: bytes },
  Activate: { UniqueIdentifier: uid },
  AddAttribute: { UniqueIdentifier: uid, Attribute: custom },
  Create: { ObjectType: ObjectType.SymmetricKey, TemplateAttribute: template },
  Destroy: { UniqueIdentifier: uid },
  DiscoverVersions: { ProtocolVersion: [{ ProtocolVersionMajor: 1, ProtocolVersionMinor: 4 }] },
  Get: { UniqueIdentifier: uid, KeyFormatType: KeyFormatType.Raw },
  GetAttributeList: {},
  GetAttributes: { UniqueIdentifier: uid, AttributeName: ['State', 'x-Product'] },
  Locate: { MaximumItems: 10, OffsetItems: 2, Attribute: [name] },
  Query: { QueryFunction: [QueryFunction.QueryOperations, QueryFunction.QueryServerInformation] },
  Register: { ObjectType: ObjectType.SymmetricKey, TemplateAttribute: template, SymmetricKey: key },
  Revoke: {
    UniqueIdentifier: uid,
    RevocationReason: { RevocationReasonCode: RevocationReasonCode.KeyCompromise, RevocationMessage: 'lost' },
    CompromiseOccurrenceDate: -5,
  },
};

export const sampleResponses: { readonly [O in PayloadOperation]: ResponsePayload<O> } = {
  AdjustAttribute: { UniqueIdentifier: uid },
  Archive: { UniqueIdentifier: uid },
  Check: { UniqueIdentifier: uid, UsageLimitsCount: 1n },
  CreateKeyPair: { PrivateKeyUniqueIdentifier: uid, PublicKeyUniqueIdentifier: 'b' },
  Decrypt: { UniqueIdentifier: uid, Data: bytes },
  DeleteAttribute: { UniqueIdentifier: uid, Attribute: custom },
  DeriveKey: { UniqueIdentifier: uid },
  Encrypt: { UniqueIdentifier: uid, Data: bytes, IVCounterNonce: bytes, AuthenticatedEncryptionTag: bytes },
  Export: { ObjectType: ObjectType.SymmetricKey, UniqueIdentifier: uid, Attribute: [name, custom], SymmetricKey: key },
  GetUsageAllocation: { UniqueIdentifier: uid },
  Hash: { Data: bytes },
  Import: { UniqueIdentifier: uid },
  Interop: {},
  Log: {},
  MAC: { UniqueIdentifier: uid, MACData: bytes },
  MACVerify: { UniqueIdentifier: uid, ValidityIndicator: 1 },
  ModifyAttribute: { UniqueIdentifier: uid, Attribute: custom },
  ObtainLease: { UniqueIdentifier: uid, LeaseTime: 3600, LastChangeDate: 1_700_000_000 },
  Ping: {},
  RNGRetrieve: { Data: bytes },
  RNGSeed: { DataLength: 0 },
  ReKey: { UniqueIdentifier: uid },
  ReKeyKeyPair: { PrivateKeyUniqueIdentifier: uid, PublicKeyUniqueIdentifier: 'b' },
  Recover: { UniqueIdentifier: uid },
  SetAttribute: { UniqueIdentifier: uid },
  Sign: { UniqueIdentifier: uid, SignatureData: bytes },
  SignatureVerify: { UniqueIdentifier: uid, ValidityIndicator: 1 },
  Activate: { UniqueIdentifier: uid },
  AddAttribute: { UniqueIdentifier: uid, Attribute: custom },
  Create: { ObjectType: ObjectType.SymmetricKey, UniqueIdentifier: uid },
  Destroy: { UniqueIdentifier: uid },
  DiscoverVersions: { ProtocolVersion: [{ ProtocolVersionMajor: 1, ProtocolVersionMinor: 4 }] },
  Get: { ObjectType: ObjectType.SymmetricKey, UniqueIdentifier: uid, SymmetricKey: key },
  GetAttributeList: { UniqueIdentifier: uid, AttributeName: ['State', 'Name'] },
  GetAttributes: { UniqueIdentifier: uid, Attribute: [name, custom] },
  Locate: { LocatedItems: 2, UniqueIdentifier: [uid, 'b'] },
  Query: {
    Operation: [Operation.Get],
    ObjectType: [ObjectType.SymmetricKey],
    VendorIdentification: 'kmip-edge',
    ApplicationNamespace: [],
    ExtensionInformation: [],
    AttestationType: [],
    RNGParameters: [],
    ProfileInformation: [],
    ValidationInformation: [],
    CapabilityInformation: [{ BatchUndoCapability: false, BatchContinueCapability: true }],
    ClientRegistrationMethod: [],
  },
  Register: { UniqueIdentifier: uid },
  Revoke: { UniqueIdentifier: uid },
};

const operations = Object.keys(sampleRequests) as readonly PayloadOperation[];

const credential = {
  CredentialType: CredentialType.UsernameAndPassword,
  CredentialValue: { Username: 'vCenter', Password: 'secret' },
} as const;

/** One request with every operation, with all header fields that 1.4 has. */
const wholeRequest = (): Buffer =>
  encodeRequest({
    version: V1_4,
    header: {
      MaximumResponseSize: 65536,
      ClientCorrelationValue: 'c',
      AsynchronousIndicator: false,
      AttestationCapableIndicator: false,
      AttestationType: [1, 2],
      Authentication: { Credential: [credential] },
      BatchErrorContinuationOption: 2,
      BatchOrderOption: true,
      TimeStamp: 1_700_000_000,
    },
    items: operations.map((operation, at) => ({
      Operation: Operation[operation],
      UniqueBatchItemID: Buffer.from([at]),
      RequestPayload: requestPayload(operation, sampleRequests[operation]),
    })),
  });

export const sampleRequest = <O extends PayloadOperation>(operation: O, version = V1_4): Buffer =>
  encodeRequest({
    version,
    header: {},
    items: [{ Operation: Operation[operation], RequestPayload: requestPayload(operation, sampleRequests[operation]) }],
  });

export const sampleResponse = <O extends PayloadOperation>(operation: O, version = V1_4): Buffer =>
  encodeResponse({
    version,
    header: { TimeStamp: 1_700_000_000 },
    items: [
      {
        Operation: Operation[operation],
        ResultStatus: ResultStatus.Success,
        ResponsePayload: responsePayload(operation, sampleResponses[operation]),
      },
    ],
  });

export const sampleFailure = (): Buffer =>
  encodeResponse({
    version: V1_4,
    header: { TimeStamp: 1_700_000_000, ServerCorrelationValue: 's' },
    items: [
      {
        ResultStatus: ResultStatus.OperationFailed,
        ResultReason: ResultReason.ItemNotFound,
        ResultMessage: 'no such object',
        MessageExtension: {
          VendorIdentification: 'v',
          CriticalityIndicator: false,
          VendorExtension: { tag: Tag.VendorExtension, type: ItemType.Structure, value: [] },
        },
      },
    ],
  });

/** All of them. */
export const sampleMessages = (): readonly Buffer[] => [
  ...operations.map((operation) => sampleRequest(operation)),
  ...operations.map((operation) => sampleResponse(operation)),
  ...operations.flatMap((operation) => [sampleRequest(operation, V2_1), sampleResponse(operation, V2_1)]),
  wholeRequest(),
  sampleFailure(),
];
