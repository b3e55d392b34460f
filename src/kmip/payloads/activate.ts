// Activate (KMIP 1.4 section 4.19).

import { Identifier } from '../identifier.ts';
import { one, optional, struct } from '../schema.ts';

export const ActivateRequest = struct({ UniqueIdentifier: optional(Identifier) });

export const ActivateResponse = struct({ UniqueIdentifier: one(Identifier) });
