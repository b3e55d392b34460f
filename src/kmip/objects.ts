// The managed objects as Register and Get carry them (KMIP 1.4 section 2.2).

import { bigInteger, bytes, enumeration, type Infer, integer, openEnumeration } from './codec.ts';
import { CertificateType, ObjectType, SecretDataType, SplitKeyMethod } from './enums.ts';
import { KeyBlock } from './key-block.ts';
import { many, one, optional, since, struct } from './schema.ts';
import { Attribute } from './template-attribute.ts';
import { V1_2 } from './version.ts';

/** Section 2.2.1. */
export const Certificate = struct({
  CertificateType: one(enumeration(CertificateType)),
  CertificateValue: one(bytes),
});

/** Section 2.2.2. */
export const SymmetricKey = struct({ KeyBlock: one(KeyBlock) });
export type SymmetricKey = Infer<typeof SymmetricKey>;

/** Sections 2.2.3 and 2.2.4. */
export const PublicKey = struct({ KeyBlock: one(KeyBlock) });
export const PrivateKey = struct({ KeyBlock: one(KeyBlock) });

/** Section 2.2.5. */
export const SplitKey = struct({
  SplitKeyParts: one(integer),
  KeyPartIdentifier: one(integer),
  SplitKeyThreshold: one(integer),
  SplitKeyMethod: one(enumeration(SplitKeyMethod)),
  PrimeFieldSize: optional(bigInteger),
  KeyBlock: one(KeyBlock),
});

/** Section 2.2.6, deprecated since 1.3. */
export const Template = struct({ Attribute: many(Attribute) });

/** Section 2.2.7. */
export const SecretData = struct({
  SecretDataType: one(enumeration(SecretDataType)),
  KeyBlock: one(KeyBlock),
});

/** Section 2.2.8. The standard defines no opaque data type: all are extensions. */
export const OpaqueObject = struct({ OpaqueDataType: one(openEnumeration), OpaqueDataValue: one(bytes) });

/** Section 2.2.9. */
export const PGPKey = struct({ PGPKeyVersion: one(integer), KeyBlock: one(KeyBlock) });

/** Fields of a payload that holds one object: which one follows from Object Type. */
export const objectFields = {
  Certificate: optional(Certificate),
  SymmetricKey: optional(SymmetricKey),
  PrivateKey: optional(PrivateKey),
  PublicKey: optional(PublicKey),
  SplitKey: optional(SplitKey),
  Template: optional(Template),
  SecretData: optional(SecretData),
  OpaqueObject: optional(OpaqueObject),
  PGPKey: optional(PGPKey, since(V1_2)),
} as const;
export type ObjectField = keyof typeof objectFields;

/** The object types of KMIP 1.x: each object's field has the name of its type. */
export const objectFieldOf = (type: ObjectType): ObjectField | undefined => {
  for (const name in objectFields) if (ObjectType[name as ObjectField] === type) return name as ObjectField;
  return undefined;
};
