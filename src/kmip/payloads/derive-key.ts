// Derive Key (KMIP 1.4 section 4.6).

import { CryptographicParameters } from '../attribute-values.ts';
import { bytes, enumeration, type Infer, integer } from '../codec.ts';
import { DerivationMethod, ObjectType } from '../enums.ts';
import { Identifier } from '../identifier.ts';
import { AttributesAsTemplate } from '../later-forms.ts';
import { one, optional, renamed, some, struct, withdrawn } from '../schema.ts';
import { TemplateAttribute } from '../template-attribute.ts';

export const DerivationParameters = struct({
  CryptographicParameters: optional(CryptographicParameters),
  InitializationVector: optional(bytes),
  DerivationData: optional(bytes),
  Salt: optional(bytes),
  IterationCount: optional(integer),
});
export type DerivationParameters = Infer<typeof DerivationParameters>;

export const DeriveKeyRequest = struct({
  ObjectType: one(enumeration(ObjectType)),
  UniqueIdentifier: some(Identifier),
  DerivationMethod: one(enumeration(DerivationMethod)),
  DerivationParameters: one(DerivationParameters),
  TemplateAttribute: renamed(one(TemplateAttribute), 'Attributes', AttributesAsTemplate),
});

export const DeriveKeyResponse = struct({
  UniqueIdentifier: one(Identifier),
  TemplateAttribute: withdrawn(optional(TemplateAttribute)),
});
