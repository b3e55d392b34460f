// Get Attribute List (KMIP 1.4 section 4.13).

import { text } from '../codec.ts';
import { Identifier } from '../identifier.ts';
import { AttributeReference } from '../later-forms.ts';
import { many, one, optional, renamed, struct } from '../schema.ts';

export const GetAttributeListRequest = struct({ UniqueIdentifier: optional(Identifier) });

export const GetAttributeListResponse = struct({
  UniqueIdentifier: one(Identifier),
  AttributeName: renamed(many(text), 'AttributeReference', AttributeReference),
});
