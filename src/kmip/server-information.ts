// What a server says of itself in a Query answer (KMIP 1.4 sections 2.1.9 and 2.1.19 to 2.1.21).

import { boolean, enumeration, integer, openEnumeration, text } from './codec.ts';
import {
  DestroyAction,
  RNGMode,
  ShreddingAlgorithm,
  UnwrapMode,
  ValidationAuthorityType,
  ValidationType,
} from './enums.ts';
import { many, one, optional, since, struct } from './schema.ts';
import { V1_4, V2_0 } from './version.ts';

/** Section 2.1.9. */
export const ExtensionInformation = struct({
  ExtensionName: one(text),
  ExtensionTag: optional(integer),
  ExtensionType: optional(integer),
});

/** KMIP 2.1 section 7.32. */
export const ProfileVersion = struct({ ProfileVersionMajor: one(integer), ProfileVersionMinor: one(integer) });

/** KMIP 2.1 section 7.33. */
export const ProtectionStorageMasks = struct({ ProtectionStorageMask: many(integer) });

/** Section 2.1.19. Open, because a later server may list a profile of its own version. */
export const ProfileInformation = struct({
  ProfileName: one(openEnumeration),
  ProfileVersion: optional(ProfileVersion, since(V2_0)),
  ServerURI: optional(text),
  ServerPort: optional(integer),
});

/** Section 2.1.20. */
export const ValidationInformation = struct({
  ValidationAuthorityType: one(enumeration(ValidationAuthorityType)),
  ValidationAuthorityCountry: optional(text),
  ValidationAuthorityURI: optional(text),
  ValidationVersionMajor: one(integer),
  ValidationVersionMinor: optional(integer),
  ValidationType: one(enumeration(ValidationType)),
  ValidationLevel: one(integer),
  ValidationCertificateIdentifier: optional(text),
  ValidationCertificateURI: optional(text),
  ValidationVendorURI: optional(text),
  ValidationProfile: many(text),
});

/** Section 2.1.21. */
export const CapabilityInformation = struct({
  StreamingCapability: optional(boolean),
  AsynchronousCapability: optional(boolean),
  AttestationCapability: optional(boolean),
  BatchUndoCapability: optional(boolean, since(V1_4)),
  BatchContinueCapability: optional(boolean, since(V1_4)),
  UnwrapMode: optional(enumeration(UnwrapMode)),
  DestroyAction: optional(enumeration(DestroyAction)),
  ShreddingAlgorithm: optional(enumeration(ShreddingAlgorithm)),
  RNGMode: optional(enumeration(RNGMode)),
});
