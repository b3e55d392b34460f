// The numbers of KMIP 1.4 that the simulator needs, typed from the specification and not taken from src/kmip.

export const tags = {
  attribute: 0x420008,
  attributeIndex: 0x420009,
  attributeName: 0x42000a,
  attributeValue: 0x42000b,
  batchCount: 0x42000d,
  batchItem: 0x42000f,
  compromiseOccurrenceDate: 0x420021,
  cryptographicAlgorithm: 0x420028,
  cryptographicLength: 0x42002a,
  keyBlock: 0x420040,
  keyFormatType: 0x420042,
  keyMaterial: 0x420043,
  keyValue: 0x420045,
  maximumItems: 0x42004f,
  objectType: 0x420057,
  operation: 0x42005c,
  protocolVersion: 0x420069,
  protocolVersionMajor: 0x42006a,
  protocolVersionMinor: 0x42006b,
  requestHeader: 0x420077,
  requestMessage: 0x420078,
  requestPayload: 0x420079,
  responseHeader: 0x42007a,
  responseMessage: 0x42007b,
  responsePayload: 0x42007c,
  resultMessage: 0x42007d,
  resultReason: 0x42007e,
  resultStatus: 0x42007f,
  revocationMessage: 0x420080,
  revocationReason: 0x420081,
  revocationReasonCode: 0x420082,
  symmetricKey: 0x42008f,
  templateAttribute: 0x420091,
  timeStamp: 0x420092,
  uniqueBatchItemId: 0x420093,
  uniqueIdentifier: 0x420094,
  offsetItems: 0x4200d4,
  locatedItems: 0x4200d5,
} as const;

/** The nine operations of a Key Protect adapter. */
export const operations = {
  Create: 0x01,
  Locate: 0x08,
  Get: 0x0a,
  GetAttributes: 0x0b,
  AddAttribute: 0x0d,
  Activate: 0x12,
  Revoke: 0x13,
  Destroy: 0x14,
  DiscoverVersions: 0x1e,
} as const;
export type OperationName = keyof typeof operations;
export const operationNames = Object.keys(operations) as readonly OperationName[];

export const operationName = (number: number | undefined): OperationName | undefined =>
  operationNames.find((name) => operations[name] === number);

export const reasons = {
  itemNotFound: 0x01,
  authenticationNotSuccessful: 0x03,
  invalidMessage: 0x04,
  operationNotSupported: 0x05,
  missingData: 0x06,
  invalidField: 0x07,
  illegalOperation: 0x0b,
  permissionDenied: 0x0c,
  generalFailure: 0x100,
} as const;

export const states = {
  preActive: 1,
  active: 2,
  deactivated: 3,
  compromised: 4,
  destroyed: 5,
  destroyedCompromised: 6,
} as const;
