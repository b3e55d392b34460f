// Since which version the values of four enumerations exist: those that a server itself puts into its answers. Other
// enumerations reach an answer only because a client put them into an object first.

import { ObjectType, Operation, QueryFunction, ResultReason } from './enums.ts';
import { V1_0, V1_1, V1_2, V1_3, V1_4, V2_0, V2_1, type Version } from './version.ts';

type Since<T> = { readonly [K in keyof T]: Version };

const operation: Since<typeof Operation> = {
  Create: V1_0,
  CreateKeyPair: V1_0,
  Register: V1_0,
  ReKey: V1_0,
  DeriveKey: V1_0,
  Certify: V1_0,
  ReCertify: V1_0,
  Locate: V1_0,
  Check: V1_0,
  Get: V1_0,
  GetAttributes: V1_0,
  GetAttributeList: V1_0,
  AddAttribute: V1_0,
  ModifyAttribute: V1_0,
  DeleteAttribute: V1_0,
  ObtainLease: V1_0,
  GetUsageAllocation: V1_0,
  Activate: V1_0,
  Revoke: V1_0,
  Destroy: V1_0,
  Archive: V1_0,
  Recover: V1_0,
  Validate: V1_0,
  Query: V1_0,
  Cancel: V1_0,
  Poll: V1_0,
  Notify: V1_0,
  Put: V1_0,
  ReKeyKeyPair: V1_1,
  DiscoverVersions: V1_1,
  Encrypt: V1_2,
  Decrypt: V1_2,
  Sign: V1_2,
  SignatureVerify: V1_2,
  MAC: V1_2,
  MACVerify: V1_2,
  RNGRetrieve: V1_2,
  RNGSeed: V1_2,
  Hash: V1_2,
  CreateSplitKey: V1_2,
  JoinSplitKey: V1_2,
  Import: V1_4,
  Export: V1_4,
  Log: V2_0,
  Login: V2_0,
  Logout: V2_0,
  DelegatedLogin: V2_0,
  AdjustAttribute: V2_0,
  SetAttribute: V2_0,
  SetEndpointRole: V2_0,
  PKCS_11: V2_0,
  Interop: V2_0,
  ReProvision: V2_0,
  SetDefaults: V2_1,
  SetConstraints: V2_1,
  GetConstraints: V2_1,
  QueryAsynchronousRequests: V2_1,
  Process: V2_1,
  Ping: V2_1,
};

const objectType: Since<typeof ObjectType> = {
  Certificate: V1_0,
  SymmetricKey: V1_0,
  PublicKey: V1_0,
  PrivateKey: V1_0,
  SplitKey: V1_0,
  Template: V1_0,
  SecretData: V1_0,
  OpaqueObject: V1_0,
  PGPKey: V1_2,
  CertificateRequest: V2_0,
};

const queryFunction: Since<typeof QueryFunction> = {
  QueryOperations: V1_0,
  QueryObjects: V1_0,
  QueryServerInformation: V1_0,
  QueryApplicationNamespaces: V1_0,
  QueryExtensionList: V1_1,
  QueryExtensionMap: V1_1,
  QueryAttestationTypes: V1_2,
  QueryRNGs: V1_3,
  QueryValidations: V1_3,
  QueryProfiles: V1_3,
  QueryCapabilities: V1_3,
  QueryClientRegistrationMethods: V1_3,
  QueryDefaultsInformation: V2_0,
  QueryStorageProtectionMasks: V2_0,
};

const resultReason: Since<typeof ResultReason> = {
  ItemNotFound: V1_0,
  ResponseTooLarge: V1_0,
  AuthenticationNotSuccessful: V1_0,
  InvalidMessage: V1_0,
  OperationNotSupported: V1_0,
  MissingData: V1_0,
  InvalidField: V1_0,
  FeatureNotSupported: V1_0,
  OperationCanceledByRequester: V1_0,
  CryptographicFailure: V1_0,
  IllegalOperation: V1_0,
  PermissionDenied: V1_0,
  ObjectArchived: V1_0,
  IndexOutOfBounds: V1_0,
  ApplicationNamespaceNotSupported: V1_0,
  KeyFormatTypeNotSupported: V1_0,
  KeyCompressionTypeNotSupported: V1_0,
  EncodingOptionError: V1_1,
  KeyValueNotPresent: V1_2,
  AttestationRequired: V1_2,
  AttestationFailed: V1_2,
  Sensitive: V1_4,
  NotExtractable: V1_4,
  ObjectAlreadyExists: V1_4,
  InvalidTicket: V2_0,
  UsageLimitExceeded: V2_0,
  NumericRange: V2_0,
  InvalidDataType: V2_0,
  ReadOnlyAttribute: V2_0,
  MultiValuedAttribute: V2_0,
  UnsupportedAttribute: V2_0,
  AttributeInstanceNotFound: V2_0,
  AttributeNotFound: V2_0,
  AttributeReadOnly: V2_0,
  AttributeSingleValued: V2_0,
  BadCryptographicParameters: V2_0,
  BadPassword: V2_0,
  CodecError: V2_0,
  IllegalObjectType: V2_0,
  IncompatibleCryptographicUsageMask: V2_0,
  InternalServerError: V2_0,
  InvalidAsynchronousCorrelationValue: V2_0,
  InvalidAttribute: V2_0,
  InvalidAttributeValue: V2_0,
  InvalidCorrelationValue: V2_0,
  InvalidCSR: V2_0,
  InvalidObjectType: V2_0,
  KeyWrapTypeNotSupported: V2_0,
  MissingInitializationVector: V2_0,
  NonUniqueNameAttribute: V2_0,
  ObjectDestroyed: V2_0,
  ObjectNotFound: V2_0,
  NotAuthorised: V2_0,
  ServerLimitExceeded: V2_0,
  UnknownEnumeration: V2_0,
  UnknownMessageExtension: V2_0,
  UnknownTag: V2_0,
  UnsupportedCryptographicParameters: V2_0,
  UnsupportedProtocolVersion: V2_0,
  WrappingObjectArchived: V2_0,
  WrappingObjectDestroyed: V2_0,
  WrappingObjectNotFound: V2_0,
  WrongKeyLifecycleState: V2_0,
  ProtectionStorageUnavailable: V2_0,
  PKCS_11CodecError: V2_0,
  PKCS_11InvalidFunction: V2_0,
  PKCS_11InvalidInterface: V2_0,
  PrivateProtectionStorageUnavailable: V2_1,
  PublicProtectionStorageUnavailable: V2_1,
  UnknownObjectGroup: V2_1,
  ConstraintViolation: V2_1,
  DuplicateProcessRequest: V2_1,
  GeneralFailure: V1_0,
};

const byValue = <T extends Readonly<Record<string, number>>>(table: T, since: Since<T>): ReadonlyMap<number, Version> =>
  new Map(Object.entries(table).map(([name, value]) => [value, since[name] ?? V2_1]));

const tables = {
  Operation: byValue(Operation, operation),
  ObjectType: byValue(ObjectType, objectType),
  QueryFunction: byValue(QueryFunction, queryFunction),
  ResultReason: byValue(ResultReason, resultReason),
} as const;
export type DatedEnumeration = keyof typeof tables;

/** True when `version` has this value of this enumeration. */
export const existsIn = (enumeration: DatedEnumeration, value: number, version: Version): boolean => {
  const since = tables[enumeration].get(value);
  return since !== undefined && since <= version;
};

/** `reason` where `version` has it, else General Failure (KMIP 1.4 section 6.10). */
export const reasonIn = (version: Version, reason: ResultReason): ResultReason =>
  existsIn('ResultReason', reason, version) ? reason : ResultReason.GeneralFailure;

/** The name of an enumeration's value, or its number in hexadecimal: for messages and logs. */
export const enumName = (table: Readonly<Record<string, number>>, value: number): string => {
  for (const name in table) if (table[name] === value) return name;
  return `0x${value.toString(16).padStart(8, '0')}`;
};
