// Import (KMIP 1.4 section 4.42): an object with its attributes, under an identifier that it has already.

import { boolean, enumeration } from '../codec.ts';
import { KeyWrapType, ObjectType } from '../enums.ts';
import { Identifier } from '../identifier.ts';
import { Attributes } from '../later-forms.ts';
import { objectFields } from '../objects.ts';
import { gathered, many, one, optional, struct } from '../schema.ts';
import { Attribute } from '../template-attribute.ts';

export const ImportRequest = struct({
  UniqueIdentifier: one(Identifier),
  ObjectType: one(enumeration(ObjectType)),
  ReplaceExisting: optional(boolean),
  KeyWrapType: optional(enumeration(KeyWrapType)),
  Attribute: gathered(many(Attribute), 'Attributes', Attributes),
  ...objectFields,
});

export const ImportResponse = struct({ UniqueIdentifier: one(Identifier) });
