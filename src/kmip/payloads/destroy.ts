// Destroy (KMIP 1.4 section 4.21).

import { text } from '../codec.ts';
import { one, optional, struct } from '../schema.ts';

export const DestroyRequest = struct({ UniqueIdentifier: optional(text) });

export const DestroyResponse = struct({ UniqueIdentifier: one(text) });
