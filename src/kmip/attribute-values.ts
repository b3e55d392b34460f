// The structures that attributes hold (KMIP 1.4 section 3): one for each attribute whose value is more than a leaf.

import { boolean, bytes, enumeration, type Infer, integer, longInteger, text, textOf } from './codec.ts';
import {
  AlternativeNameType,
  BlockCipherMode,
  CryptographicAlgorithm,
  DigitalSignatureAlgorithm,
  DRBGAlgorithm,
  FIPS186Variation,
  HashingAlgorithm,
  KeyFormatType,
  KeyRoleType,
  KeyValueLocationType,
  LinkType,
  MaskGenerator,
  NameType,
  PaddingMethod,
  RecommendedCurve,
  RevocationReasonCode,
  RNGAlgorithm,
  UsageLimitsUnit,
} from './enums.ts';
import { Identifier } from './identifier.ts';
import { many, one, optional, since, struct } from './schema.ts';
import { V1_1, V1_2, V1_4 } from './version.ts';

/** Section 3.2. */
export const Name = struct({ NameValue: one(text), NameType: one(enumeration(NameType)) });
export type Name = Infer<typeof Name>;

/** Section 3.6. */
export const CryptographicParameters = struct({
  BlockCipherMode: optional(enumeration(BlockCipherMode)),
  PaddingMethod: optional(enumeration(PaddingMethod)),
  HashingAlgorithm: optional(enumeration(HashingAlgorithm)),
  KeyRoleType: optional(enumeration(KeyRoleType)),
  DigitalSignatureAlgorithm: optional(enumeration(DigitalSignatureAlgorithm), since(V1_2)),
  CryptographicAlgorithm: optional(enumeration(CryptographicAlgorithm), since(V1_2)),
  RandomIV: optional(boolean, since(V1_2)),
  IVLength: optional(integer, since(V1_2)),
  TagLength: optional(integer, since(V1_2)),
  FixedFieldLength: optional(integer, since(V1_2)),
  InvocationFieldLength: optional(integer, since(V1_2)),
  CounterLength: optional(integer, since(V1_2)),
  InitialCounterValue: optional(integer, since(V1_2)),
  SaltLength: optional(integer, since(V1_4)),
  MaskGenerator: optional(enumeration(MaskGenerator), since(V1_4)),
  MaskGeneratorHashingAlgorithm: optional(enumeration(HashingAlgorithm), since(V1_4)),
  PSource: optional(bytes, since(V1_4)),
  TrailerField: optional(integer, since(V1_4)),
});
export type CryptographicParameters = Infer<typeof CryptographicParameters>;

/** Section 3.7. */
export const CryptographicDomainParameters = struct({
  Qlength: optional(integer),
  RecommendedCurve: optional(enumeration(RecommendedCurve)),
});

/** Section 3.10. */
export const X509CertificateIdentifier = struct({
  IssuerDistinguishedName: one(bytes),
  CertificateSerialNumber: one(bytes),
});

/** Section 3.11. */
export const X509CertificateSubject = struct({
  SubjectDistinguishedName: one(bytes),
  SubjectAlternativeName: many(bytes),
});

/** Section 3.12. */
export const X509CertificateIssuer = struct({
  IssuerDistinguishedName: one(bytes),
  IssuerAlternativeName: many(bytes),
});

/** Section 3.13, deprecated since 1.1. */
export const CertificateIdentifier = struct({ Issuer: one(text), SerialNumber: optional(text) });

/** Section 3.14, deprecated since 1.1. */
export const CertificateSubject = struct({
  CertificateSubjectDistinguishedName: one(text),
  CertificateSubjectAlternativeName: many(text),
});

/** Section 3.15, deprecated since 1.1. */
export const CertificateIssuer = struct({
  CertificateIssuerDistinguishedName: one(text),
  CertificateIssuerAlternativeName: many(text),
});

/** Section 3.17. */
export const Digest = struct({
  HashingAlgorithm: one(enumeration(HashingAlgorithm)),
  DigestValue: optional(bytes),
  KeyFormatType: optional(enumeration(KeyFormatType), since(V1_1)),
});
export type Digest = Infer<typeof Digest>;

/** Section 3.21. A client sets total and unit only. */
export const UsageLimits = struct({
  UsageLimitsTotal: one(longInteger),
  UsageLimitsCount: optional(longInteger),
  UsageLimitsUnit: one(enumeration(UsageLimitsUnit)),
});
export type UsageLimits = Infer<typeof UsageLimits>;

/** Bytes. */
const longestMessage = 1024;

/** Section 3.31. */
export const RevocationReason = struct({
  RevocationReasonCode: one(enumeration(RevocationReasonCode)),
  RevocationMessage: optional(textOf(longestMessage)),
});
export type RevocationReason = Infer<typeof RevocationReason>;

/** Section 3.35. */
export const Link = struct({ LinkType: one(enumeration(LinkType)), LinkedObjectIdentifier: one(Identifier) });
export type Link = Infer<typeof Link>;

/** Section 3.36. The data may be left for the server to fill in. */
export const ApplicationSpecificInformation = struct({
  ApplicationNamespace: one(text),
  ApplicationData: optional(text),
});

/** Section 3.40. */
export const AlternativeName = struct({
  AlternativeNameValue: one(text),
  AlternativeNameType: one(enumeration(AlternativeNameType)),
});

/** Section 3.42. */
export const KeyValueLocation = struct({
  KeyValueLocationValue: one(text),
  KeyValueLocationType: one(enumeration(KeyValueLocationType)),
});

/** Sections 2.1.18 and 3.44. */
export const RNGParameters = struct({
  RNGAlgorithm: one(enumeration(RNGAlgorithm)),
  CryptographicAlgorithm: optional(enumeration(CryptographicAlgorithm)),
  CryptographicLength: optional(integer),
  HashingAlgorithm: optional(enumeration(HashingAlgorithm)),
  DRBGAlgorithm: optional(enumeration(DRBGAlgorithm)),
  RecommendedCurve: optional(enumeration(RecommendedCurve)),
  FIPS186Variation: optional(enumeration(FIPS186Variation)),
  PredictionResistance: optional(boolean),
});
export type RNGParameters = Infer<typeof RNGParameters>;
