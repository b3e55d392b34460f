// Recover (KMIP 1.4 section 4.23).

import { Identifier } from '../identifier.ts';
import { one, optional, struct } from '../schema.ts';

export const RecoverRequest = struct({ UniqueIdentifier: optional(Identifier) });

export const RecoverResponse = struct({ UniqueIdentifier: one(Identifier) });
