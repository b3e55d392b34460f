// Query (KMIP 1.4 section 4.25). Lists in the answer are open: a later server may name what this table does not have.

import { RNGParameters } from '../attribute-values.ts';
import { anyItem, openEnumeration, text } from '../codec.ts';
import { many, optional, since, some, struct } from '../schema.ts';
import {
  CapabilityInformation,
  ExtensionInformation,
  ProfileInformation,
  ProtectionStorageMasks,
  ValidationInformation,
} from '../server-information.ts';
import { V1_1, V1_2, V1_3, V2_0 } from '../version.ts';

export const QueryRequest = struct({ QueryFunction: some(openEnumeration) });

export const QueryResponse = struct({
  Operation: many(openEnumeration),
  ObjectType: many(openEnumeration),
  VendorIdentification: optional(text),
  ServerInformation: optional(anyItem),
  ApplicationNamespace: many(text),
  ExtensionInformation: many(ExtensionInformation, since(V1_1)),
  AttestationType: many(openEnumeration, since(V1_2)),
  RNGParameters: many(RNGParameters, since(V1_3)),
  ProfileInformation: many(ProfileInformation, since(V1_3)),
  ValidationInformation: many(ValidationInformation, since(V1_3)),
  CapabilityInformation: many(CapabilityInformation, since(V1_3)),
  ClientRegistrationMethod: many(openEnumeration, since(V1_3)),
  ProtectionStorageMasks: optional(ProtectionStorageMasks, since(V2_0)),
});
