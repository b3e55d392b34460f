// Activate (KMIP 1.4 section 4.19).

import { text } from '../codec.ts';
import { one, optional, struct } from '../schema.ts';

export const ActivateRequest = struct({ UniqueIdentifier: optional(text) });

export const ActivateResponse = struct({ UniqueIdentifier: one(text) });
