// Keys on the wire (KMIP 1.4 sections 2.1.3 to 2.1.7): the key block, the key value inside it, plain or wrapped, and how
// wrapping is described.

import { CryptographicParameters } from './attribute-values.ts';
import { bigInteger, bytes, bytesOr, enumeration, type Infer, integer, text } from './codec.ts';
import {
  CryptographicAlgorithm,
  EncodingOption,
  KeyCompressionType,
  KeyFormatType,
  RecommendedCurve,
  WrappingMethod,
} from './enums.ts';
import { Identifier } from './identifier.ts';
import { Attributes } from './later-forms.ts';
import { gathered, many, one, optional, since, struct } from './schema.ts';
import { Attribute } from './template-attribute.ts';
import { V1_1 } from './version.ts';

/**
 * The transparent key structures (section 2.1.7) as one: which fields are there follows from the key format type.
 * A transparent symmetric key has `Key` alone.
 */
export const TransparentKey = struct({
  Modulus: optional(bigInteger),
  PrivateExponent: optional(bigInteger),
  PublicExponent: optional(bigInteger),
  P: optional(bigInteger),
  Q: optional(bigInteger),
  G: optional(bigInteger),
  J: optional(bigInteger),
  X: optional(bigInteger),
  Y: optional(bigInteger),
  PrimeExponentP: optional(bigInteger),
  PrimeExponentQ: optional(bigInteger),
  CRTCoefficient: optional(bigInteger),
  RecommendedCurve: optional(enumeration(RecommendedCurve)),
  D: optional(bigInteger),
  QString: optional(bytes),
  Key: optional(bytes),
});
export type TransparentKey = Infer<typeof TransparentKey>;

/** Section 2.1.4: bytes for every format but the transparent ones. */
export const KeyMaterial = bytesOr(TransparentKey);
export type KeyMaterial = Infer<typeof KeyMaterial>;

/** Section 2.1.4, as a structure: a plain key, or one wrapped with No Encoding. */
export const PlainKeyValue = struct({
  KeyMaterial: one(KeyMaterial),
  Attribute: gathered(many(Attribute), 'Attributes', Attributes, false),
});
export type PlainKeyValue = Infer<typeof PlainKeyValue>;

/** Section 2.1.4: a byte string where the whole structure was TTLV-encoded and wrapped. */
export const KeyValue = bytesOr(PlainKeyValue);
export type KeyValue = Infer<typeof KeyValue>;

/** Encryption Key Information and MAC/Signature Key Information, section 2.1.5. */
export const KeyInformation = struct({
  UniqueIdentifier: one(Identifier),
  CryptographicParameters: optional(CryptographicParameters),
});

/** Section 2.1.5. */
export const KeyWrappingData = struct({
  WrappingMethod: one(enumeration(WrappingMethod)),
  EncryptionKeyInformation: optional(KeyInformation),
  MACSignatureKeyInformation: optional(KeyInformation),
  MACSignature: optional(bytes),
  IVCounterNonce: optional(bytes),
  EncodingOption: optional(enumeration(EncodingOption), since(V1_1)),
});
export type KeyWrappingData = Infer<typeof KeyWrappingData>;

/** Section 2.1.6. */
export const KeyWrappingSpecification = struct({
  WrappingMethod: one(enumeration(WrappingMethod)),
  EncryptionKeyInformation: optional(KeyInformation),
  MACSignatureKeyInformation: optional(KeyInformation),
  AttributeName: many(text),
  EncodingOption: optional(enumeration(EncodingOption), since(V1_1)),
});
export type KeyWrappingSpecification = Infer<typeof KeyWrappingSpecification>;

/** Section 2.1.3. */
export const KeyBlock = struct({
  KeyFormatType: one(enumeration(KeyFormatType)),
  KeyCompressionType: optional(enumeration(KeyCompressionType)),
  KeyValue: optional(KeyValue),
  CryptographicAlgorithm: optional(enumeration(CryptographicAlgorithm)),
  CryptographicLength: optional(integer),
  KeyWrappingData: optional(KeyWrappingData),
});
export type KeyBlock = Infer<typeof KeyBlock>;
