// Add Attribute (KMIP 1.4 section 4.14).

import { text } from '../codec.ts';
import { one, optional, struct } from '../schema.ts';
import { Attribute } from '../template-attribute.ts';

export const AddAttributeRequest = struct({ UniqueIdentifier: optional(text), Attribute: one(Attribute) });

export const AddAttributeResponse = struct({ UniqueIdentifier: one(text), Attribute: one(Attribute) });
