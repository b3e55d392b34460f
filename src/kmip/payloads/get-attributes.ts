// Get Attributes (KMIP 1.4 section 4.12). No name asks for all attributes.

import { text } from '../codec.ts';
import { Identifier } from '../identifier.ts';
import { AttributeReference, Attributes } from '../later-forms.ts';
import { gathered, many, one, optional, renamed, struct } from '../schema.ts';
import { Attribute } from '../template-attribute.ts';

export const GetAttributesRequest = struct({
  UniqueIdentifier: optional(Identifier),
  AttributeName: renamed(many(text), 'AttributeReference', AttributeReference),
});

export const GetAttributesResponse = struct({
  UniqueIdentifier: one(Identifier),
  Attribute: gathered(many(Attribute), 'Attributes', Attributes),
});
