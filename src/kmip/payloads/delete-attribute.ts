// Delete Attribute (KMIP 1.4 section 4.16). KMIP 2.x names one value, or by a reference all values.

import { integer, text } from '../codec.ts';
import { Identifier } from '../identifier.ts';
import { AttributeReference, SingleAttribute } from '../later-forms.ts';
import { one, optional, renamed, since, struct, withdrawn } from '../schema.ts';
import { Attribute } from '../template-attribute.ts';
import { V2_0 } from '../version.ts';

export const DeleteAttributeRequest = struct({
  UniqueIdentifier: optional(Identifier),
  CurrentAttribute: optional(SingleAttribute, since(V2_0)),
  AttributeName: renamed(optional(text), 'AttributeReference', AttributeReference),
  AttributeIndex: withdrawn(optional(integer)),
});

export const DeleteAttributeResponse = struct({
  UniqueIdentifier: one(Identifier),
  Attribute: withdrawn(one(Attribute)),
});
