// Adjust Attribute (KMIP 2.1 section 6.1.3).

import { anyItem, enumeration } from '../codec.ts';
import { AdjustmentType } from '../enums.ts';
import { Identifier } from '../identifier.ts';
import { AttributeReference } from '../later-forms.ts';
import { one, optional, struct } from '../schema.ts';

export const AdjustAttributeRequest = struct({
  UniqueIdentifier: optional(Identifier),
  AttributeReference: one(AttributeReference),
  AdjustmentType: one(enumeration(AdjustmentType)),
  AdjustmentValue: optional(anyItem),
});

export const AdjustAttributeResponse = struct({ UniqueIdentifier: one(Identifier) });
