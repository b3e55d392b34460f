// The headers of requests and responses and what else belongs to a message as a whole (KMIP 1.4 sections 6 and 7).

import { anyItem, boolean, dateTime, enumeration, type Infer, integer, openEnumeration, text } from './codec.ts';
import { Authentication, Nonce } from './credential.ts';
import { BatchErrorContinuationOption } from './enums.ts';
import { AsynchronousChoice } from './later-forms.ts';
import { many, one, optional, renamed, since, struct } from './schema.ts';
import { V1_2, V1_4 } from './version.ts';

/** Section 6.1. */
export const ProtocolVersion = struct({ ProtocolVersionMajor: one(integer), ProtocolVersionMinor: one(integer) });
export type ProtocolVersion = Infer<typeof ProtocolVersion>;

/** Section 6.16. */
export const MessageExtension = struct({
  VendorIdentification: one(text),
  CriticalityIndicator: one(boolean),
  VendorExtension: one(anyItem),
});
export type MessageExtension = Infer<typeof MessageExtension>;

/** Section 7.2, table 282. */
export const RequestHeader = struct({
  ProtocolVersion: one(ProtocolVersion),
  MaximumResponseSize: optional(integer),
  ClientCorrelationValue: optional(text, since(V1_4)),
  ServerCorrelationValue: optional(text, since(V1_4)),
  AsynchronousIndicator: renamed(optional(boolean), 'AsynchronousIndicator', AsynchronousChoice),
  AttestationCapableIndicator: optional(boolean, since(V1_2)),
  AttestationType: many(openEnumeration, since(V1_2)),
  Authentication: optional(Authentication),
  BatchErrorContinuationOption: optional(enumeration(BatchErrorContinuationOption)),
  BatchOrderOption: optional(boolean),
  TimeStamp: optional(dateTime),
  BatchCount: one(integer),
});

/** Section 7.2, table 284. */
export const ResponseHeader = struct({
  ProtocolVersion: one(ProtocolVersion),
  TimeStamp: one(dateTime),
  Nonce: optional(Nonce, since(V1_2)),
  AttestationType: many(openEnumeration, since(V1_2)),
  ClientCorrelationValue: optional(text, since(V1_4)),
  ServerCorrelationValue: optional(text, since(V1_4)),
  BatchCount: one(integer),
});

/** Header fields without the two that follow from the rest of the message. */
export type RequestHeader = Omit<Infer<typeof RequestHeader>, 'ProtocolVersion' | 'BatchCount'>;
export type ResponseHeader = Omit<Infer<typeof ResponseHeader>, 'ProtocolVersion' | 'BatchCount'>;
