// Destroy (KMIP 1.4 section 4.21).

import { Identifier } from '../identifier.ts';
import { one, optional, struct } from '../schema.ts';

export const DestroyRequest = struct({ UniqueIdentifier: optional(Identifier) });

export const DestroyResponse = struct({ UniqueIdentifier: one(Identifier) });
