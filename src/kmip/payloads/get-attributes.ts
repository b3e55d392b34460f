// Get Attributes (KMIP 1.4 section 4.12). No name asks for all attributes.

import { text } from '../codec.ts';
import { many, one, optional, struct } from '../schema.ts';
import { Attribute } from '../template-attribute.ts';

export const GetAttributesRequest = struct({ UniqueIdentifier: optional(text), AttributeName: many(text) });

export const GetAttributesResponse = struct({ UniqueIdentifier: one(text), Attribute: many(Attribute) });
