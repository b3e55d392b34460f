// Export (KMIP 1.4 section 4.43): an object with its attributes.

import { enumeration } from '../codec.ts';
import { KeyCompressionType, KeyFormatType, KeyWrapType, ObjectType } from '../enums.ts';
import { Identifier } from '../identifier.ts';
import { KeyWrappingSpecification } from '../key-block.ts';
import { Attributes } from '../later-forms.ts';
import { objectFields } from '../objects.ts';
import { gathered, many, one, optional, struct } from '../schema.ts';
import { Attribute } from '../template-attribute.ts';

export const ExportRequest = struct({
  UniqueIdentifier: optional(Identifier),
  KeyFormatType: optional(enumeration(KeyFormatType)),
  KeyWrapType: optional(enumeration(KeyWrapType)),
  KeyCompressionType: optional(enumeration(KeyCompressionType)),
  KeyWrappingSpecification: optional(KeyWrappingSpecification),
});

export const ExportResponse = struct({
  ObjectType: one(enumeration(ObjectType)),
  UniqueIdentifier: one(Identifier),
  Attribute: gathered(many(Attribute), 'Attributes', Attributes),
  ...objectFields,
});
