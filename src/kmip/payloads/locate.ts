// Locate (KMIP 1.4 section 4.9).

import { enumeration, integer } from '../codec.ts';
import { ObjectGroupMember } from '../enums.ts';
import { Identifier } from '../identifier.ts';
import { Attributes } from '../later-forms.ts';
import { gathered, many, optional, since, struct } from '../schema.ts';
import { Attribute } from '../template-attribute.ts';
import { V1_1, V1_3 } from '../version.ts';

export const LocateRequest = struct({
  MaximumItems: optional(integer),
  OffsetItems: optional(integer, since(V1_3)),
  StorageStatusMask: optional(integer),
  ObjectGroupMember: optional(enumeration(ObjectGroupMember), since(V1_1)),
  Attribute: gathered(many(Attribute), 'Attributes', Attributes),
});

export const LocateResponse = struct({
  LocatedItems: optional(integer, since(V1_3)),
  UniqueIdentifier: many(Identifier),
});
