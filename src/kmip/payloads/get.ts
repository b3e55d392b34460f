// Get (KMIP 1.4 section 4.11).

import { enumeration } from '../codec.ts';
import { KeyCompressionType, KeyFormatType, KeyWrapType, ObjectType } from '../enums.ts';
import { Identifier } from '../identifier.ts';
import { KeyWrappingSpecification } from '../key-block.ts';
import { objectFields } from '../objects.ts';
import { one, optional, since, struct } from '../schema.ts';
import { V1_4 } from '../version.ts';

export const GetRequest = struct({
  UniqueIdentifier: optional(Identifier),
  KeyFormatType: optional(enumeration(KeyFormatType)),
  KeyWrapType: optional(enumeration(KeyWrapType), since(V1_4)),
  KeyCompressionType: optional(enumeration(KeyCompressionType)),
  KeyWrappingSpecification: optional(KeyWrappingSpecification),
});

export const GetResponse = struct({
  ObjectType: one(enumeration(ObjectType)),
  UniqueIdentifier: one(Identifier),
  ...objectFields,
});
