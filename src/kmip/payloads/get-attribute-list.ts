// Get Attribute List (KMIP 1.4 section 4.13).

import { text } from '../codec.ts';
import { many, one, optional, struct } from '../schema.ts';

export const GetAttributeListRequest = struct({ UniqueIdentifier: optional(text) });

export const GetAttributeListResponse = struct({ UniqueIdentifier: one(text), AttributeName: many(text) });
